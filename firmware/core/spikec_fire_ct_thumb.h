/* spikec_fire_ct_thumb.h: SNN-CT for Cortex-M0 and M3, a part of spikec_fire_ct.c. See spikec_fire_thumb.h. */
#ifndef SPIKEC_FIRE_CT_THUMB_H
#define SPIKEC_FIRE_CT_THUMB_H

#include "spikec_fire_thumb.h"

#if SPIKEC_THUMB == 1

uint32_t spikec_word_ct(int16_t *membrane, uint32_t count, const int16_t *bias, int32_t theta);
uint32_t spikec_word_ct_each(int16_t *membrane, uint32_t count, const int16_t *bias, const int16_t *each);

#define ONE(theta)                                                                                                     \
    "ldrsh r4, [r0, r1]\n\t"                                                                                           \
    "ldrsh r5, [r2, r1]\n\t"                                                                                           \
    "adds r4, r4, r5\n\t"                                                                                              \
    "subs r5, " theta ", r4\n\t"                                                                                       \
    "asrs r5, r5, #31\n\t"                                                                                             \
    "adcs r6, r6\n\t"                                                                                                  \
    "ands r5, " theta "\n\t"                                                                                           \
    "subs r4, r4, r5\n\t"                                                                                              \
    "strh r4, [r0, r1]\n\t"

FIRE_ROUTINE("spikec_word_ct", ONE("r3"));
FIRE_ROUTINE("spikec_word_ct_each", "ldrsh r7, [r3, r1]\n\t" ONE("r7"));

static inline uint32_t word_ct(int16_t *membrane, uint32_t count, const int16_t *bias, int16_t theta,
                               const int16_t *each)
{
    return each != NULL ? spikec_word_ct_each(membrane, count, bias, each)
                        : spikec_word_ct(membrane, count, bias, theta);
}

#else

#define ONE                                                                                                            \
    "ldrsh %[v], [%[m]]\n\t"                                                                                           \
    "ldrsh %[t], [%[bias]], #2\n\t"                                                                                    \
    "add %[v], %[v], %[t]\n\t"                                                                                         \
    "subs %[t], %[theta], %[v]\n\t"                                                                                    \
    "ands %[t], %[theta], %[t], asr #31\n\t"                                                                           \
    "rrx %[word], %[word]\n\t"                                                                                         \
    "sub %[v], %[v], %[t]\n\t"                                                                                         \
    "strh %[v], [%[m]], #2\n\t"
#define ONE_EACH "ldrsh %[theta], [%[each]], #2\n\t" ONE

static inline uint32_t word_ct(int16_t *membrane, uint32_t count, const int16_t *bias, int16_t theta,
                               const int16_t *each)
{
    uint32_t word = 0, v, t;
    int32_t limit = theta;
    if (each != NULL) {
        FIRE(ONE_EACH, [theta] "+r"(limit), [each] "+r"(each), [bias] "+r"(bias));
    } else {
        FIRE(ONE, [theta] "+r"(limit), [bias] "+r"(bias));
    }
    return word >> (32u - count);
}

#endif

#endif
