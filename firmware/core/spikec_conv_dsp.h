/*
 * spikec_conv_dsp.h: what one spike, or two of the same pixel, add to the membranes, for Arm cores with the DSP
 * extension (Cortex-M4, M7, M33). A part of spikec_conv.c, bit-equal to adding run by run with spikec_add_portable.h;
 * weights are quads.
 *
 * SXTAB16 sign-extends bytes 0 and 2 of a word of weights and adds them to two 16-bit membranes; after a rotation by
 * eight, bytes 1 and 3. Two weights of up to 7 bits have a sum that fits a byte: SADD8 adds four such pairs at once, so
 * two spikes share widening, loading and storing. Runs go in blocks of 16 neurons (of 32 bits: 8), eight a turn of the
 * loop; the first turn is entered in the middle, and what is no whole block comes first.
 *
 * The routines are assembly throughout, as they need all fourteen registers.
 */
#ifndef SPIKEC_CONV_DSP_H
#define SPIKEC_CONV_DSP_H

#include "spikec_dsp.h"
#include "spikec_kernels.h"

/* Runs, one for each kernel row. */
typedef struct {
    uint32_t count;                 /* weights in a run */
    uint32_t kernel_row;            /* bytes from one run's weights to the next one's */
    uint32_t membrane_skip;         /* bytes from the end of a run's membranes to where the next run begins */
    uint32_t weight_skip;
    uint32_t rows;                  /* how many runs */
} spikec_runs_t;

void spikec_conv_run_quads_i16(int16_t *membrane, const int8_t *weight, const int8_t *other,
                               const spikec_runs_t *runs);
void spikec_conv_run_quads_i32(int32_t *membrane, const int8_t *weight, const int8_t *other,
                               const spikec_runs_t *runs);
void spikec_conv_pair_quads_i16(int16_t *membrane, const int8_t *weight, const int8_t *other,
                                const spikec_runs_t *runs);
void spikec_conv_pair_quads_i32(int32_t *membrane, const int8_t *weight, const int8_t *other,
                                const spikec_runs_t *runs);

/* Jump to where so many blocks are left in a turn of the loop (0: a whole one, 8: none). TO_REST: or to what comes
 * before. Such tables only lead forward. */
#define TO_BLOCK                                                                                                       \
    "tbh [pc, r9, lsl #1]\n"                                                                                           \
    "3:\n\t"                                                                                                           \
    ".hword (18f - 3b) / 2, (11f - 3b) / 2, (12f - 3b) / 2, (13f - 3b) / 2\n\t"                                        \
    ".hword (14f - 3b) / 2, (15f - 3b) / 2, (16f - 3b) / 2, (17f - 3b) / 2\n\t"                                        \
    ".hword (7f - 3b) / 2\n\t"
#define TO_REST TO_BLOCK ".hword (4f - 3b) / 2, (5f - 3b) / 2, (6f - 3b) / 2\n"
#define AFTER_REST "ldr r9, [sp, #20]\n\t" TO_BLOCK ".balign 2\n"

/*
 * A function as above: r0 is the place in the membranes, r1 and r2 in the weights. BLOCK adds 1 << LOG neurons, and
 * REST_4, REST_8 and REST_12 as many as they say, of which those that MASK does not know are never called.
 * On the stack: kernel_row, membrane_skip, weight_skip, rows that are left, where the weights of this run end, and two
 * places in the tables above: how many blocks the first turn has, and where a run begins.
 */
#define SPIKEC_RUNS(name, LOG, MASK, BLOCK, REST_4, REST_8, REST_12, SKIP)                                             \
    __asm__(".syntax unified\n\t"                                                                                      \
            ".section .text." name ", \"ax\"\n\t"                                                                      \
            ".balign 4\n\t"                                                                                            \
            ".global " name "\n\t"                                                                                     \
            ".thumb_func\n\t"                                                                                          \
            ".type " name ", %function\n" name ":\n\t"                                                                 \
            "push {r4-r11, lr}\n\t"                                                                                    \
            "ldm r3, {r4-r8}\n\t"                                                                                      \
            "add r9, r1, r4\n\t"                                                                                       \
            "lsrs r10, r4, #" LOG "\n\t"                                                                               \
            "and r10, r10, #7\n\t"                                                                                     \
            "it eq\n\t"                                                                                                \
            "moveq r10, #8\n\t"                                                                                        \
            "ands r11, r4, #" MASK "\n\t"                                                                              \
            "ite eq\n\t"                                                                                               \
            "moveq r11, r10\n\t"                                                                                       \
            "lsrne r11, r11, #2\n\t"                                                                                   \
            "it ne\n\t"                                                                                                \
            "addne r11, r11, #8\n\t"                                                                                   \
            "push {r5-r11}\n\t"                                                                                        \
            "mov r9, r11\n"                                                                                           \
            "2:\n\t" TO_REST                                                                                          \
            "4:\n\t" REST_4 AFTER_REST                                                                                 \
            "5:\n\t" REST_8 AFTER_REST                                                                                 \
            "6:\n\t" REST_12 AFTER_REST                                                                                \
            "18:\n\t" BLOCK "17:\n\t" BLOCK "16:\n\t" BLOCK "15:\n\t" BLOCK                                            \
            "14:\n\t" BLOCK "13:\n\t" BLOCK "12:\n\t" BLOCK "11:\n\t" BLOCK                                            \
            "ldr r3, [sp, #16]\n\t"                                                                                    \
            "cmp r1, r3\n\t"                                                                                           \
            "bne 18b\n"                                                                                                \
            "7:\n\t" /* on to the next run */                                                                          \
            "ldm sp, {r3-r9}\n\t"                                                                                      \
            "subs r6, r6, #1\n\t"                                                                                      \
            "beq 8f\n\t"                                                                                               \
            "add r0, r0, r4\n\t"                                                                                       \
            "add r1, r1, r5\n\t" SKIP                                                                                  \
            "add r7, r7, r3\n\t"                                                                                       \
            "strd r6, r7, [sp, #12]\n\tb 2b\n"                                                                         \
            "8:\n\t"                                                                                                   \
            "add sp, sp, #28\n\t"                                                                                      \
            "pop {r4-r11, pc}\n\t"                                                                                     \
            ".size " name ", . - " name "\n\t"                                                                         \
            ".text")

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

SPIKEC_RUNS("spikec_conv_run_quads_i16", "4", "12", BLOCK_I16, REST_4_I16, REST_8_I16, REST_12_I16, "");
SPIKEC_RUNS("spikec_conv_pair_quads_i16", "4", "12", PAIR_BLOCK_I16, PAIR_REST_4_I16, PAIR_REST_8_I16, PAIR_REST_12_I16,
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

SPIKEC_RUNS("spikec_conv_run_quads_i32", "3", "4", BLOCK_I32, REST_4_I32, "", "", "");
SPIKEC_RUNS("spikec_conv_pair_quads_i32", "3", "4", PAIR_BLOCK_I32, PAIR_REST_4_I32, "", "", SKIP_OTHER);

static inline spikec_runs_t runs_of(const spikec_conv_t *conv, uint32_t rows, uint32_t count, uint32_t width)
{
    return (spikec_runs_t){count, conv->kernel_row, (conv->out_row - count) * width, conv->kernel_row - count, rows};
}

#endif
