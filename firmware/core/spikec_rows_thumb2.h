/*
 * spikec_rows_thumb2.h: sums of narrow weights in bytes, for Arm cores with Thumb-2's instructions (Cortex-M3, M4, M7,
 * M33), bit-equal to spikec_narrow_portable.h. A part of spikec_integrate_narrow.c.
 *
 * Sixteen neurons and four rows a turn: r0 to r3 are places in the rows, r12 in the sums, r8 to r11 four words of sums.
 *
 * Weights that share bytes are not unpacked one by one. S sums whole words, and H only what lies in the upper halves of
 * bytes, moved down: S less 16 times H then is the sum of the lower halves. Whatever ran over from byte to byte in S is
 * in H, too, so words need no more than that one subtraction in the end.
 */
#ifndef SPIKEC_ROWS_THUMB2_H
#define SPIKEC_ROWS_THUMB2_H

#include "spikec_routine.h"

#define LOAD_SUMS "ldm r12, {r8-r11}\n\t"
#define STORE_SUMS "stm r12!, {r8-r11}\n\t"

/* Bytes: words are added as they are. */
#define ROW_U4(row)                                                                                                    \
    "ldm " row "!, {r4-r7}\n\t"                                                                                        \
    "add r8, r8, r4\n\t"                                                                                               \
    "add r9, r9, r5\n\t"                                                                                               \
    "add r10, r10, r6\n\t"                                                                                             \
    "add r11, r11, r7\n\t"
#define FIRST_U4 "ldm r0!, {r8-r11}\n\t"
#define FOUR_FIRST_U4 FIRST_U4 ROW_U4("r1") ROW_U4("r2") ROW_U4("r3") STORE_SUMS
#define TWO_FIRST_U4 FIRST_U4 ROW_U4("r1") STORE_SUMS
#define FOUR_U4 LOAD_SUMS ROW_U4("r0") ROW_U4("r1") ROW_U4("r2") ROW_U4("r3") STORE_SUMS
#define TWO_U4 LOAD_SUMS ROW_U4("r0") ROW_U4("r1") STORE_SUMS

/* Halves of bytes: S and H of eight neurons, and of eight more. */
#define WORD_P4(word, s, h)                                                                                            \
    "add " s ", " s ", " word "\n\t"                                                                                   \
    "bic " word ", " word ", #0x0F0F0F0F\n\t"                                                                          \
    "add " h ", " h ", " word ", lsr #4\n\t"
#define ROW_P4(row) "ldrd r4, r5, [" row "], #8\n\t" WORD_P4("r4", "r8", "r9") WORD_P4("r5", "r10", "r11")
#define FIRST_P4                                                                                                       \
    "ldr r10, [r0, #4]\n\t"                                                                                            \
    "ldr r8, [r0], #8\n\t"                                                                                             \
    "bic r9, r8, #0x0F0F0F0F\n\t"                                                                                      \
    "bic r11, r10, #0x0F0F0F0F\n\t"                                                                                    \
    "lsr r9, r9, #4\n\t"                                                                                               \
    "lsr r11, r11, #4\n\t"
#define FOUR_FIRST_P4 FIRST_P4 ROW_P4("r1") ROW_P4("r2") ROW_P4("r3") STORE_SUMS
#define TWO_FIRST_P4 FIRST_P4 ROW_P4("r1") STORE_SUMS
#define FOUR_P4 LOAD_SUMS ROW_P4("r0") ROW_P4("r1") ROW_P4("r2") ROW_P4("r3") STORE_SUMS
#define TWO_P4 LOAD_SUMS ROW_P4("r0") ROW_P4("r1") STORE_SUMS
#define APART_P4                                                                                                       \
    LOAD_SUMS "sub r8, r8, r9, lsl #4\n\t"                                                                             \
    "sub r10, r10, r11, lsl #4\n\t" STORE_SUMS

/* Quarters of bytes: up to seven rows have sums below 16, so four rows are summed in halves of bytes first: r4
 * becomes the sum of quarters 0 and 2, r5 that of quarters 1 and 3. S of both, then H of both, are the words of
 * sums. */
#define BEGIN_P2                                                                                                       \
    "ldr r4, [r0], #4\n\t"                                                                                             \
    "bic r5, r4, #0x33333333\n\t"                                                                                      \
    "lsr r5, r5, #2\n\t"
#define NEXT_P2(row)                                                                                                   \
    "ldr r6, [" row "], #4\n\t"                                                                                        \
    "add r4, r4, r6\n\t"                                                                                               \
    "bic r6, r6, #0x33333333\n\t"                                                                                      \
    "add r5, r5, r6, lsr #2\n\t"
#define PUT_P2                                                                                                         \
    "sub r8, r4, r5, lsl #2\n\t"                                                                                       \
    "mov r9, r5\n\t"                                                                                                   \
    "bic r10, r8, #0x0F0F0F0F\n\t"                                                                                     \
    "bic r11, r9, #0x0F0F0F0F\n\t"                                                                                     \
    "lsr r10, r10, #4\n\t"                                                                                             \
    "lsr r11, r11, #4\n\t" STORE_SUMS
#define ADD_P2                                                                                                         \
    LOAD_SUMS "sub r4, r4, r5, lsl #2\n\t"                                                                             \
    "add r8, r8, r4\n\t"                                                                                               \
    "add r9, r9, r5\n\t"                                                                                               \
    "bic r4, r4, #0x0F0F0F0F\n\t"                                                                                      \
    "bic r5, r5, #0x0F0F0F0F\n\t"                                                                                      \
    "add r10, r10, r4, lsr #4\n\t"                                                                                     \
    "add r11, r11, r5, lsr #4\n\t" STORE_SUMS
#define FOUR_FIRST_P2 BEGIN_P2 NEXT_P2("r1") NEXT_P2("r2") NEXT_P2("r3") PUT_P2
#define TWO_FIRST_P2 BEGIN_P2 NEXT_P2("r1") PUT_P2
#define FOUR_P2 BEGIN_P2 NEXT_P2("r1") NEXT_P2("r2") NEXT_P2("r3") ADD_P2
#define TWO_P2 BEGIN_P2 NEXT_P2("r1") ADD_P2
#define APART_P2                                                                                                       \
    LOAD_SUMS "sub r8, r8, r10, lsl #4\n\t"                                                                            \
    "sub r9, r9, r11, lsl #4\n\t" STORE_SUMS

/* All sums, 32 neurons a turn, for which the loop is entered in the middle if there are sixteen more. */
#define OVER_SUMS(SIXTEEN)                                                                                             \
    "ldrd r12, lr, [sp]\n\t" /* sums, neurons */                                                                       \
    "tst lr, #16\n\t"                                                                                                  \
    "add lr, r12, lr\n\t"                                                                                              \
    "bne 3f\n"                                                                                                         \
    "2:\n\t" SIXTEEN "3:\n\t" SIXTEEN                                                                                  \
    "cmp r12, lr\n\t"                                                                                                  \
    "bne 2b\n\t"

/* bytes[n]: the sum of the weights from `at` bytes on of every row, for `size` neurons; there are rows, in whole
 * groups. */
void spikec_rows_u4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_rows_p4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_rows_p2(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);

SPIKEC_ROUTINE("spikec_rows_u4", SPIKEC_FIRST(OVER_SUMS(FOUR_FIRST_U4), OVER_SUMS(TWO_FIRST_U4)), OVER_SUMS(FOUR_U4),
               OVER_SUMS(TWO_U4), "");
SPIKEC_ROUTINE("spikec_rows_p4", SPIKEC_FIRST(OVER_SUMS(FOUR_FIRST_P4), OVER_SUMS(TWO_FIRST_P4)), OVER_SUMS(FOUR_P4),
               OVER_SUMS(TWO_P4), OVER_SUMS(APART_P4));
SPIKEC_ROUTINE("spikec_rows_p2", SPIKEC_FIRST(OVER_SUMS(FOUR_FIRST_P2), OVER_SUMS(TWO_FIRST_P2)), OVER_SUMS(FOUR_P2),
               OVER_SUMS(TWO_P2), OVER_SUMS(APART_P2));

#endif
