/*
 * spikec_add_dsp.h: runs of weights onto membranes for Arm cores with the DSP extension (Cortex-M4, M7, M33). A part of
 * spikec_conv.c, bit-equal to spikec_add_portable.h.
 *
 * SXTAB16 sign-extends bytes 0 and 2 of a word of weights and adds them to two 16-bit membranes; after a rotation by
 * eight, bytes 1 and 3. So with the two in the middle changed, four weights meet four neighbours without any packing.
 */
#ifndef SPIKEC_ADD_DSP_H
#define SPIKEC_ADD_DSP_H

#include "spikec_add_portable.h"
#include "spikec_dsp.h"

/* Both pointers move on. Registers are named because loads and stores of many take ascending ones; r7 may be the frame's. */
#define ADD_FOUR_I16(membrane, weight)                                                                                 \
    __asm__ volatile("ldr r2, [%1], #4\n\t"                                                                            \
                     "ldm %0, {r4, r5}\n\t"                                                                            \
                     "sxtab16 r4, r4, r2\n\t"                                                                          \
                     "sxtab16 r5, r5, r2, ror #8\n\t"                                                                  \
                     "stm %0!, {r4, r5}"                                                                               \
                     : "+r"(membrane), "+r"(weight)                                                                    \
                     :                                                                                                 \
                     : "r2", "r4", "r5", "memory")

#define ADD_EIGHT_I16(membrane, weight)                                                                                \
    __asm__ volatile("ldm %1!, {r2, r3}\n\t"                                                                           \
                     "ldm %0, {r4, r5, r6, r8}\n\t"                                                                    \
                     "sxtab16 r4, r4, r2\n\t"                                                                          \
                     "sxtab16 r5, r5, r2, ror #8\n\t"                                                                  \
                     "sxtab16 r6, r6, r3\n\t"                                                                          \
                     "sxtab16 r8, r8, r3, ror #8\n\t"                                                                  \
                     "stm %0!, {r4, r5, r6, r8}"                                                                       \
                     : "+r"(membrane), "+r"(weight)                                                                    \
                     :                                                                                                 \
                     : "r2", "r3", "r4", "r5", "r6", "r8", "memory")

static inline void add_quads_i16(int16_t *membrane, const int8_t *weight, uint32_t count)
{
    for (; count >= 16u; count -= 16u) {
        ADD_EIGHT_I16(membrane, weight);
        ADD_EIGHT_I16(membrane, weight);
    }
    if (count >= 8u) {
        ADD_EIGHT_I16(membrane, weight);
        count -= 8u;
    }
    if (count != 0) {
        ADD_FOUR_I16(membrane, weight);
    }
}

#define ADD_FOUR_I32(membrane, weight)                                                                                 \
    __asm__ volatile("ldr r2, [%1], #4\n\t"                                                                            \
                     "ldm %0, {r4, r5, r6, r8}\n\t"                                                                    \
                     "sxtab r4, r4, r2\n\t"                                                                            \
                     "sxtab r5, r5, r2, ror #16\n\t"                                                                   \
                     "sxtab r6, r6, r2, ror #8\n\t"                                                                    \
                     "sxtab r8, r8, r2, ror #24\n\t"                                                                   \
                     "stm %0!, {r4, r5, r6, r8}"                                                                       \
                     : "+r"(membrane), "+r"(weight)                                                                    \
                     :                                                                                                 \
                     : "r2", "r4", "r5", "r6", "r8", "memory")

static inline void add_quads_i32(int32_t *membrane, const int8_t *weight, uint32_t count)
{
    for (; count >= 8u; count -= 8u) {
        ADD_FOUR_I32(membrane, weight);
        ADD_FOUR_I32(membrane, weight);
    }
    if (count != 0) {
        ADD_FOUR_I32(membrane, weight);
    }
}

/* Weights in their own order, and on any address: the two in the middle are brought to their places here. */
static inline void add_i16(int16_t *membrane, const int8_t *weight, uint32_t count)
{
    for (; count >= 4u; count -= 4u, membrane += 4, weight += 4) {
        uint32_t weights = ((const loose_word_t *)(const void *)weight)->word, even, odd;
        uint32_t low = load_two(membrane), high = load_two(membrane + 2);
        __asm__("sxtb16 %0, %4\n\t"
                "sxtb16 %1, %4, ror #8\n\t"
                "pkhtb %4, %1, %0, asr #16\n\t" /* weights 2 and 3 */
                "pkhbt %0, %0, %1, lsl #16\n\t" /* weights 0 and 1 */
                "sadd16 %2, %2, %0\n\t"
                "sadd16 %3, %3, %4"
                : "=&r"(even), "=&r"(odd), "+&r"(low), "+&r"(high), "+&r"(weights)
                :
                : "cc");
        store_two(membrane, low);
        store_two(membrane + 2, high);
    }
    add_portable_i16(membrane, weight, count);
}

#endif
