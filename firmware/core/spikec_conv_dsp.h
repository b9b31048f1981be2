/*
 * spikec_conv_dsp.h: what one spike, or two of the same pixel, add to the membranes, for Arm cores with the DSP
 * extension (Cortex-M4, M7, M33). A part of spikec_conv.c, bit-equal to adding run by run with spikec_add_portable.h;
 * weights are quads.
 *
 * SXTAB16 sign-extends bytes 0 and 2 of a word of weights and adds them to two 16-bit membranes; after a rotation by
 * eight, bytes 1 and 3. Two weights of up to 7 bits have a sum that fits a byte: SADD8 adds four such pairs at once, so
 * two spikes share widening, loading and storing. Blocks have 16 neurons (of 32 bits: 8).
 */
#ifndef SPIKEC_CONV_DSP_H
#define SPIKEC_CONV_DSP_H

#include "spikec_dsp.h"
#include "spikec_runs_thumb2.h"

void spikec_conv_run_quads_i16(int16_t *membrane, const int8_t *weight, const int8_t *other,
                               const spikec_runs_t *runs);
void spikec_conv_run_quads_i32(int32_t *membrane, const int8_t *weight, const int8_t *other,
                               const spikec_runs_t *runs);
void spikec_conv_pair_quads_i16(int16_t *membrane, const int8_t *weight, const int8_t *other,
                                const spikec_runs_t *runs);
void spikec_conv_pair_quads_i32(int32_t *membrane, const int8_t *weight, const int8_t *other,
                                const spikec_runs_t *runs);

/* ---- Membranes of 16 bits ---- */

#define TWO_I16(weight, low, high)                                                                                     \
    "sxtab16 " low ", " low ", " weight "\n\t"                                                                         \
    "sxtab16 " high ", " high ", " weight ", ror #8\n\t"

#define REST_4_I16 "ldr r2, [r1], #4\n\tldm r0, {r6, r8}\n\t" TWO_I16("r2", "r6", "r8") "stm r0!, {r6, r8}\n\t"
#define REST_8_I16                                                                                                     \
    "ldm r1!, {r2, r3}\n\t"                                                                                            \
    "ldm r0, {r6-r9}\n\t" TWO_I16("r2", "r6", "r7") TWO_I16("r3", "r8", "r9") "stm r0!, {r6-r9}\n\t"
#define REST_12_I16                                                                                                    \
    "ldm r1!, {r2-r4}\n\t"                                                                                             \
    "ldm r0, {r6-r11}\n\t" TWO_I16("r2", "r6", "r7") TWO_I16("r3", "r8", "r9") TWO_I16("r4", "r10", "r11")             \
        "stm r0!, {r6-r11}\n\t"
#define BLOCK_I16                                                                                                      \
    "ldm r1!, {r2-r5}\n\t"                                                                                             \
    "ldm r0, {r6-r12, lr}\n\t" TWO_I16("r2", "r6", "r7") TWO_I16("r3", "r8", "r9") TWO_I16("r4", "r10", "r11")         \
        TWO_I16("r5", "r12", "lr") "stm r0!, {r6-r12, lr}\n\t"

/* `sum`: four weights of each of the two. */
#define SUM(sum)                                                                                                       \
    "ldr " sum ", [r1], #4\n\t"                                                                                        \
    "ldr r5, [r2], #4\n\t"                                                                                             \
    "sadd8 " sum ", " sum ", r5\n\t"
#define SUMS                                                                                                           \
    "ldrd r3, r4, [r1], #8\n\t"                                                                                        \
    "ldr r5, [r2], #4\n\t"                                                                                             \
    "sadd8 r3, r3, r5\n\t"                                                                                             \
    "ldr r5, [r2], #4\n\t"                                                                                             \
    "sadd8 r4, r4, r5\n\t"
#define PAIR_REST_4_I16 SUM("r3") "ldm r0, {r6, r8}\n\t" TWO_I16("r3", "r6", "r8") "stm r0!, {r6, r8}\n\t"
#define PAIR_REST_8_I16                                                                                                \
    SUMS "ldm r0, {r6-r9}\n\t" TWO_I16("r3", "r6", "r7") TWO_I16("r4", "r8", "r9") "stm r0!, {r6-r9}\n\t"
#define PAIR_REST_12_I16                                                                                               \
    "ldm r0, {r6-r11}\n\t" SUMS TWO_I16("r3", "r6", "r7") TWO_I16("r4", "r8", "r9")                                    \
        SUM("r3") TWO_I16("r3", "r10", "r11") "stm r0!, {r6-r11}\n\t"
#define PAIR_BLOCK_I16                                                                                                 \
    "ldm r0, {r6-r12, lr}\n\t" SUMS TWO_I16("r3", "r6", "r7") TWO_I16("r4", "r8", "r9")                                \
        SUMS TWO_I16("r3", "r10", "r11") TWO_I16("r4", "r12", "lr") "stm r0!, {r6-r12, lr}\n\t"

/* A place in the second one's weights, too. */
#define SKIP_OTHER "add r2, r2, r5\n\t"

SPIKEC_RUNS("spikec_conv_run_quads_i16", "1", "4", "12", "", BLOCK_I16, REST_4_I16, REST_8_I16, REST_12_I16, "");
SPIKEC_RUNS("spikec_conv_pair_quads_i16", "1", "4", "12", "", PAIR_BLOCK_I16, PAIR_REST_4_I16, PAIR_REST_8_I16, PAIR_REST_12_I16,
            SKIP_OTHER);

/* ---- Membranes of 32 bits ---- */

#define FOUR_I32(weight, a, b, c, d)                                                                                   \
    "sxtab " a ", " a ", " weight "\n\t"                                                                               \
    "sxtab " b ", " b ", " weight ", ror #16\n\t"                                                                      \
    "sxtab " c ", " c ", " weight ", ror #8\n\t"                                                                       \
    "sxtab " d ", " d ", " weight ", ror #24\n\t"

#define REST_4_I32                                                                                                     \
    "ldr r2, [r1], #4\n\t"                                                                                             \
    "ldm r0, {r6-r9}\n\t" FOUR_I32("r2", "r6", "r7", "r8", "r9") "stm r0!, {r6-r9}\n\t"
#define BLOCK_I32                                                                                                      \
    "ldm r1!, {r2, r3}\n\t"                                                                                            \
    "ldm r0, {r6-r12, lr}\n\t" FOUR_I32("r2", "r6", "r7", "r8", "r9") FOUR_I32("r3", "r10", "r11", "r12", "lr")        \
        "stm r0!, {r6-r12, lr}\n\t"
#define PAIR_REST_4_I32                                                                                                \
    SUM("r3") "ldm r0, {r6-r9}\n\t" FOUR_I32("r3", "r6", "r7", "r8", "r9") "stm r0!, {r6-r9}\n\t"
#define PAIR_BLOCK_I32                                                                                                 \
    SUMS "ldm r0, {r6-r12, lr}\n\t" FOUR_I32("r3", "r6", "r7", "r8", "r9") FOUR_I32("r4", "r10", "r11", "r12", "lr")   \
        "stm r0!, {r6-r12, lr}\n\t"

SPIKEC_RUNS("spikec_conv_run_quads_i32", "2", "3", "4", "", BLOCK_I32, REST_4_I32, "", "", "");
SPIKEC_RUNS("spikec_conv_pair_quads_i32", "2", "3", "4", "", PAIR_BLOCK_I32, PAIR_REST_4_I32, "", "", SKIP_OTHER);

#endif
