/* spikec_fire_ct_mve.h: whole words of SNN-CT's spikes, bit-equal to spikec_fire_ct.h, of which it is a part. */
#ifndef SPIKEC_FIRE_CT_MVE_H
#define SPIKEC_FIRE_CT_MVE_H

#include "spikec_fire_mve.h"

#define VECTOR_CT(load, lanes, limit, bits)                                                                            \
    "vldr" load " %q[v], [%[membrane]]\n\t"                                                                            \
    "vldr" load " %q[other], [%[bias]], #16\n\t"                                                                       \
    "vadd.i" lanes " %q[v], %q[v], %q[other]\n\t"                                                                      \
    "vptt.s" lanes " gt, %q[v], " limit "\n\t"                                                                         \
    "vsubt.i" lanes " %q[v], %q[v], " limit "\n\t"                                                                     \
    "vaddvat.u" lanes " %[spikes], %q[" bits "]\n\t"                                                                   \
    "vstr" load " %q[v], [%[membrane]], #16\n\t"

/* `words` words of spikes; `part_t` holds those of two vectors. */
#define WORDS_CT(width, vector_t, part_t, load)                                                                        \
    static OUT_OF_LINE void words_ct_i##width(int##width##_t *membrane, const int##width##_t *bias,                    \
                                              int##width##_t theta, uint32_t *out, uint32_t words)                     \
    {                                                                                                                  \
        const vector_t bits[2] = {BITS_##width};                                                                       \
        vector_t v, other;                                                                                             \
        for (part_t *part = (part_t *)(void *)out, *end = (part_t *)(void *)(out + words); part < end; part++) {       \
            uint32_t spikes = 0;                                                                                       \
            __asm__ volatile(VECTOR_CT(load, #width, "%[limit]", "first") VECTOR_CT(load, #width, "%[limit]", "second") \
                             : [v] "=&w"(v), [other] "=&w"(other), [spikes] "+Te"(spikes),                             \
                               [membrane] "+r"(membrane), [bias] "+r"(bias)                                            \
                             : [limit] "r"(theta), [first] "w"(bits[0]), [second] "w"(bits[1])                         \
                             : "p0", "memory");                                                                        \
            *part = (part_t)spikes;                                                                                    \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    static OUT_OF_LINE void words_ct_each_i##width(int##width##_t *membrane, const int##width##_t *bias,               \
                                                   const int##width##_t *each, uint32_t *out, uint32_t words)          \
    {                                                                                                                  \
        const vector_t bits[2] = {BITS_##width};                                                                       \
        vector_t v, other, limit;                                                                                      \
        for (part_t *part = (part_t *)(void *)out, *end = (part_t *)(void *)(out + words); part < end; part++) {       \
            uint32_t spikes = 0;                                                                                       \
            __asm__ volatile(LIMITS(load) VECTOR_CT(load, #width, "%q[limit]", "first")                                \
                             LIMITS(load) VECTOR_CT(load, #width, "%q[limit]", "second")                               \
                             : [v] "=&w"(v), [other] "=&w"(other), [limit] "=&w"(limit), [spikes] "+Te"(spikes),       \
                               [membrane] "+r"(membrane), [bias] "+r"(bias), [each] "+r"(each)                         \
                             : [first] "w"(bits[0]), [second] "w"(bits[1])                                             \
                             : "p0", "memory");                                                                        \
            *part = (part_t)spikes;                                                                                    \
        }                                                                                                              \
    }

WORDS_CT(16, uint16x8_t, half_t, "h.u16")
WORDS_CT(32, uint32x4_t, uint8_t, "w.u32")

#endif
