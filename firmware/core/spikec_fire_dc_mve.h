/* spikec_fire_dc_mve.h: whole words of SNN-DC's spikes, bit-equal to spikec_fire_dc.h, of which it is a part. */
#ifndef SPIKEC_FIRE_DC_MVE_H
#define SPIKEC_FIRE_DC_MVE_H

#include "spikec_fire_mve.h"

#define VECTOR_DC(load, lanes, limit, bits)                                                                            \
    "vldr" load " %q[v], [%[membrane]], #16\n\t"                                                                       \
    "vpt.s" lanes " gt, %q[v], " limit "\n\t"                                                                          \
    "vaddvat.u" lanes " %[spikes], %q[" bits "]\n\t"

/* `words` words of spikes; `part_t` holds those of two vectors. */
#define WORDS_DC(width, vector_t, part_t, load)                                                                        \
    static OUT_OF_LINE void words_dc_i##width(const int##width##_t *membrane, int##width##_t theta, uint32_t *out,     \
                                              uint32_t words)                                                          \
    {                                                                                                                  \
        const vector_t bits[2] = {BITS_##width};                                                                       \
        vector_t v;                                                                                                    \
        for (part_t *part = (part_t *)(void *)out, *end = (part_t *)(void *)(out + words); part < end; part++) {       \
            uint32_t spikes = 0;                                                                                       \
            __asm__ volatile(VECTOR_DC(load, #width, "%[limit]", "first") VECTOR_DC(load, #width, "%[limit]", "second") \
                             : [v] "=&w"(v), [spikes] "+Te"(spikes), [membrane] "+r"(membrane)                         \
                             : [limit] "r"(theta), [first] "w"(bits[0]), [second] "w"(bits[1])                         \
                             : "p0", "memory");                                                                        \
            *part = (part_t)spikes;                                                                                    \
        }                                                                                                              \
    }                                                                                                                  \
                                                                                                                       \
    static OUT_OF_LINE void words_dc_each_i##width(const int##width##_t *membrane, const int##width##_t *each,         \
                                                   uint32_t *out, uint32_t words)                                      \
    {                                                                                                                  \
        const vector_t bits[2] = {BITS_##width};                                                                       \
        vector_t v, limit;                                                                                             \
        for (part_t *part = (part_t *)(void *)out, *end = (part_t *)(void *)(out + words); part < end; part++) {       \
            uint32_t spikes = 0;                                                                                       \
            __asm__ volatile(LIMITS(load) VECTOR_DC(load, #width, "%q[limit]", "first")                                \
                             LIMITS(load) VECTOR_DC(load, #width, "%q[limit]", "second")                               \
                             : [v] "=&w"(v), [limit] "=&w"(limit), [spikes] "+Te"(spikes), [membrane] "+r"(membrane),  \
                               [each] "+r"(each)                                                                       \
                             : [first] "w"(bits[0]), [second] "w"(bits[1])                                             \
                             : "p0", "memory");                                                                        \
            *part = (part_t)spikes;                                                                                    \
        }                                                                                                              \
    }

WORDS_DC(16, uint16x8_t, half_t, "h.u16")
WORDS_DC(32, uint32x4_t, uint8_t, "w.u32")

#endif
