/*
 * spikec_conv_thumb2.h: what one spike, or two of the same pixel, add to the membranes, for the Cortex-M3. A part of
 * spikec_conv.c, bit-equal to adding run by run with spikec_add_portable.h.
 *
 * Membranes of 16 bits are moved up by 0x8000, so that they are integers that stand beside each other in words. Of a
 * word of weights, the even bytes make a word for neurons 0 and 1, the odd ones for 2 and 3; what the offset adds too
 * much is taken off. Two weights of up to 7 bits have a sum that fits a byte, so two spikes share all that is not
 * loading. Blocks have eight neurons.
 */
#ifndef SPIKEC_CONV_THUMB2_H
#define SPIKEC_CONV_THUMB2_H

#include "spikec_runs_thumb2.h"

void spikec_conv_run_words_i16(int16_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);
void spikec_conv_run_words_i32(int32_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);
void spikec_conv_run_quads_i16(int16_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);
void spikec_conv_run_quads_i32(int32_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);
void spikec_conv_pair_words_i16(int16_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);
void spikec_conv_pair_words_i32(int32_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);

/* r10 masks even bytes, r11 is what the offset adds to a word, or those of two. */
#define ONE "ldr r11, [r3, #16]\n\tmov r10, #0x00FF00FF\n\t"
#define TWO ONE "lsl r11, r11, #1\n\t"
#define SIGNED "mov r11, #0x00800080\n\tmov r10, #0x00FF00FF\n\t"

/* A place in the second one's weights, too. */
#define SKIP_OTHER "add r2, r2, r5\n\t"

/* Four neurons, r9 is free. */
#define TO_LANES(weights, low, high)                                                                                   \
    "and r9, r10, " weights "\n\t"                                                                                     \
    "add " low ", " low ", r9\n\t"                                                                                     \
    "and r9, r10, " weights ", lsr #8\n\t"                                                                             \
    "add " high ", " high ", r9\n\t"                                                                                   \
    "sub " low ", " low ", r11\n\t"                                                                                    \
    "sub " high ", " high ", r11\n\t"
#define LOAD_4 "ldr r3, [r1], #4\n\t"
#define LOAD_8 "ldrd r3, r4, [r1], #8\n\t"
#define LOAD_PAIR_4 LOAD_4 "ldr r4, [r2], #4\n\tadd r3, r3, r4\n\t"
#define LOAD_PAIR_8                                                                                                    \
    LOAD_8 "ldrd r5, r6, [r2], #8\n\t"                                                                                 \
    "add r3, r3, r5\n\t"                                                                                               \
    "add r4, r4, r6\n\t"
/* Weights with signs get the offset here. */
#define OFFSET(weights) "eor " weights ", " weights ", #0x80808080\n\t"

#define ADD_4 "ldrd r5, r6, [r0]\n\t" TO_LANES("r3", "r5", "r6") "strd r5, r6, [r0], #8\n\t"
#define ADD_8 "ldm r0, {r5-r8}\n\t" TO_LANES("r3", "r5", "r6") TO_LANES("r4", "r7", "r8") "stm r0!, {r5-r8}\n\t"

SPIKEC_RUNS("spikec_conv_run_words_i16", "1", "3", "4", ONE, LOAD_8 ADD_8, LOAD_4 ADD_4, "", "", "");
SPIKEC_RUNS("spikec_conv_pair_words_i16", "1", "3", "4", TWO, LOAD_PAIR_8 ADD_8, LOAD_PAIR_4 ADD_4, "", "", SKIP_OTHER);
SPIKEC_RUNS("spikec_conv_run_quads_i16", "1", "3", "4", SIGNED, LOAD_8 OFFSET("r3") OFFSET("r4") ADD_8, LOAD_4 OFFSET("r3") ADD_4, "", "", "");

/* ---- Membranes of 32 bits: of four weights, the bytes are those of neurons 0, 2, 1 and 3 ---- */

/* With what r11 adds to bytes, their offset is 128; r10 makes signs of it. */
#define ONE_WIDE                                                                                                       \
    "ldr r11, [r3, #16]\n\t"                                                                                           \
    "mov r10, #0x80808080\n\t"                                                                                         \
    "rsb r11, r11, #0x00800080\n\t"                                                                                    \
    "orr r11, r11, r11, lsl #8\n\t"
#define TWO_WIDE "mov r10, #0x80808080\n\t"
#define SIGNS(weights) "eor " weights ", " weights ", r10\n\t"
#define SIGNS_OF_ONE(weights) "add " weights ", " weights ", r11\n\t" SIGNS(weights)

#define ADD_WIDE(weights)                                                                                              \
    "ldm r0, {r5-r8}\n\t"                                                                                              \
    "sxtb r9, " weights "\n\t"                                                                                         \
    "add r5, r5, r9\n\t"                                                                                               \
    "sxtb r9, " weights ", ror #16\n\t"                                                                                \
    "add r6, r6, r9\n\t"                                                                                               \
    "sxtb r9, " weights ", ror #8\n\t"                                                                                 \
    "add r7, r7, r9\n\t"                                                                                               \
    "add r8, r8, " weights ", asr #24\n\t"                                                                             \
    "stm r0!, {r5-r8}\n\t"
#define ADD_WIDE_8(SIGNS) SIGNS("r3") SIGNS("r4") ADD_WIDE("r3") ADD_WIDE("r4")
#define ADD_WIDE_4(SIGNS) SIGNS("r3") ADD_WIDE("r3")
#define AS_THEY_ARE(weights) ""

SPIKEC_RUNS("spikec_conv_run_words_i32", "2", "3", "4", ONE_WIDE, LOAD_8 ADD_WIDE_8(SIGNS_OF_ONE), LOAD_4 ADD_WIDE_4(SIGNS_OF_ONE), "", "",
            "");
SPIKEC_RUNS("spikec_conv_pair_words_i32", "2", "3", "4", TWO_WIDE, LOAD_PAIR_8 ADD_WIDE_8(SIGNS), LOAD_PAIR_4 ADD_WIDE_4(SIGNS), "", "",
            SKIP_OTHER);
SPIKEC_RUNS("spikec_conv_run_quads_i32", "2", "3", "4", "", LOAD_8 ADD_WIDE_8(AS_THEY_ARE), LOAD_4 ADD_WIDE_4(AS_THEY_ARE), "", "", "");

#endif
