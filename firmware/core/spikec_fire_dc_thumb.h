/* spikec_fire_dc_thumb.h: SNN-DC for Cortex-M0 and M3, a part of spikec_fire_dc.c. See spikec_fire_thumb.h. */
#ifndef SPIKEC_FIRE_DC_THUMB_H
#define SPIKEC_FIRE_DC_THUMB_H

#include "spikec_fire_thumb.h"

#if SPIKEC_THUMB == 1

uint32_t spikec_word_dc(const int16_t *membrane, uint32_t count, int32_t theta);
uint32_t spikec_word_dc_each(const int16_t *membrane, uint32_t count, const int16_t *each);

FIRE_ROUTINE("spikec_word_dc", "ldrsh r4, [r0, r1]\n\t"
                               "subs r4, r2, r4\n\t"
                               "adds r4, r4, r4\n\t"
                               "adcs r6, r6\n\t");
FIRE_ROUTINE("spikec_word_dc_each", "ldrsh r4, [r0, r1]\n\t"
                                    "ldrsh r5, [r2, r1]\n\t"
                                    "subs r4, r5, r4\n\t"
                                    "adds r4, r4, r4\n\t"
                                    "adcs r6, r6\n\t");

static inline uint32_t word_dc(const int16_t *membrane, uint32_t count, int16_t theta, const int16_t *each)
{
    return each != NULL ? spikec_word_dc_each(membrane, count, each) : spikec_word_dc(membrane, count, theta);
}

#else

#define ONE                                                                                                            \
    "ldrsh %[v], [%[m]], #2\n\t"                                                                                       \
    "subs %[t], %[theta], %[v]\n\t"                                                                                    \
    "lsls %[t], %[t], #1\n\t"                                                                                          \
    "rrx %[word], %[word]\n\t"
#define ONE_EACH "ldrsh %[theta], [%[each]], #2\n\t" ONE

static inline uint32_t word_dc(const int16_t *membrane, uint32_t count, int16_t theta, const int16_t *each)
{
    uint32_t word = 0, v, t;
    int32_t limit = theta;
    if (each != NULL) {
        FIRE(ONE_EACH, [theta] "+r"(limit), [each] "+r"(each));
    } else {
        FIRE(ONE, [theta] "+r"(limit));
    }
    return word >> (32u - count);
}

#endif

#endif
