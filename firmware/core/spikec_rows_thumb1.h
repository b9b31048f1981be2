/*
 * spikec_rows_thumb1.h: sums of narrow weights in bytes, for the Cortex-M0, bit-equal to spikec_narrow_portable.h. A
 * part of spikec_integrate_narrow.c.
 *
 * Sixteen neurons at a time over all rows: their sums are in r8 to r11, which can be added to but nothing else. What S
 * and H are is told in spikec_rows_thumb2.h; the sums lie in the same order.
 */
#ifndef SPIKEC_ROWS_THUMB1_H
#define SPIKEC_ROWS_THUMB1_H

#include "spikec_kernels.h"

/* r0 is the place in the list of rows, r12 that in a row. */
#define TWO_ROWS(ROW)                                                                                                  \
    "ldmia r0!, {r6, r7}\n\t"                                                                                          \
    "add r6, r12\n\t"                                                                                                  \
    "add r7, r12\n\t" ROW("r6") ROW("r7")
#define ROW_U4(row)                                                                                                    \
    "ldmia " row "!, {r1-r4}\n\t"                                                                                      \
    "add r8, r1\n\t"                                                                                                   \
    "add r9, r2\n\t"                                                                                                   \
    "add r10, r3\n\t"                                                                                                  \
    "add r11, r4\n\t"
#define STEP_U4 TWO_ROWS(ROW_U4) TWO_ROWS(ROW_U4)
#define NEXT_16 "movs r1, #16\n\tadd r12, r1\n\t"

/* Halves of bytes: S and H of eight neurons, and of eight more. r5 masks the lower halves. */
#define START_P4 "movs r5, #0x0F\n\t" FOUR_TIMES("r5")
#define WORD_P4(word, s, h)                                                                                            \
    "add " s ", " word "\n\t"                                                                                          \
    "lsrs " word ", " word ", #4\n\t"                                                                                  \
    "ands " word ", r5\n\t"                                                                                            \
    "add " h ", " word "\n\t"
#define ROW_P4(row) "ldmia " row "!, {r1, r2}\n\t" WORD_P4("r1", "r8", "r9") WORD_P4("r2", "r10", "r11")
#define STEP_P4 TWO_ROWS(ROW_P4) TWO_ROWS(ROW_P4)
#define APART_P4 APART("r1", "r2") APART("r3", "r4")
#define NEXT_8 "movs r1, #8\n\tadd r12, r1\n\t"

/* Quarters of bytes: up to seven rows have sums below 16, so four rows are summed in halves of bytes first: r4
 * becomes the sum of quarters 0 and 2, r5 that of quarters 1 and 3. r7 masks every other quarter, r12 the lower
 * halves; r6 is the place in a row. */
#define START_P2                                                                                                       \
    "mov r6, r12\n\t"                                                                                                  \
    "movs r7, #0x0F\n\t" FOUR_TIMES("r7") "mov r12, r7\n\t"                                                            \
    "movs r7, #0x33\n\t" FOUR_TIMES("r7")
#define BEGIN_P2                                                                                                       \
    "ldr r4, [r1, r6]\n\t"                                                                                             \
    "lsrs r5, r4, #2\n\t"                                                                                              \
    "ands r5, r7\n\t"
#define NEXT_P2(row)                                                                                                   \
    "ldr r3, [" row ", r6]\n\t"                                                                                        \
    "adds r4, r4, r3\n\t"                                                                                              \
    "lsrs r3, r3, #2\n\t"                                                                                              \
    "ands r3, r7\n\t"                                                                                                  \
    "adds r5, r5, r3\n\t"
#define STEP_P2                                                                                                        \
    "ldmia r0!, {r1, r2}\n\t" BEGIN_P2 NEXT_P2("r2")                                                                   \
    "ldmia r0!, {r1, r2}\n\t" NEXT_P2("r1") NEXT_P2("r2")                                                              \
    "lsls r3, r5, #2\n\t"                                                                                              \
    "subs r4, r4, r3\n\t"                                                                                              \
    "mov r3, r12\n\t"                                                                                                  \
    "add r8, r4\n\t"                                                                                                   \
    "add r9, r5\n\t"                                                                                                   \
    "lsrs r4, r4, #4\n\t"                                                                                              \
    "lsrs r5, r5, #4\n\t"                                                                                              \
    "ands r4, r3\n\t"                                                                                                  \
    "ands r5, r3\n\t"                                                                                                  \
    "add r10, r4\n\t"                                                                                                  \
    "add r11, r5\n\t"
#define APART_P2 APART("r1", "r3") APART("r2", "r4")
#define NEXT_4 "adds r6, #4\n\t"

#define APART(s, h) "lsls r0, " h ", #4\n\tsubs " s ", " s ", r0\n\t"
#define FOUR_TIMES(byte)                                                                                               \
    "lsls r1, " byte ", #8\n\t"                                                                                        \
    "orrs " byte ", r1\n\t"                                                                                            \
    "lsls r1, " byte ", #16\n\t"                                                                                       \
    "orrs " byte ", r1\n\t"

/*
 * A function as those below: START sets what STEP needs, which adds four rows; APART makes sums of S and H; NEXT goes
 * on in the rows.
 */
#define ROWS(name, START, STEP, APART, NEXT)                                                                           \
    __asm__(".syntax unified\n\t"                                                                                      \
            ".section .text." name ", \"ax\"\n\t"                                                                      \
            ".balign 4\n\t"                                                                                            \
            ".global " name "\n\t"                                                                                     \
            ".thumb_func\n\t"                                                                                          \
            ".type " name ", %function\n" name ":\n\t"                                                                 \
            "push {r0-r7, lr}\n\t"                                                                                     \
            "mov r4, r8\n\t"                                                                                           \
            "mov r5, r9\n\t"                                                                                           \
            "mov r6, r10\n\t"                                                                                          \
            "mov r7, r11\n\t"                                                                                          \
            "push {r4-r7}\n\t"        /* above them: bytes, size, rows, end */                                         \
            "adds r1, r1, r0\n\t"                                                                                      \
            "str r1, [sp, #20]\n\t"   /* where the sums end */                                                         \
            "mov lr, r3\n\t"                                                                                           \
            "ldr r4, [sp, #52]\n\t"   /* at */                                                                         \
            "mov r12, r4\n\t" START                                                                                    \
            "1:\n\t"                                                                                                   \
            "movs r1, #0\n\t"                                                                                          \
            "mov r8, r1\n\t"                                                                                           \
            "mov r9, r1\n\t"                                                                                           \
            "mov r10, r1\n\t"                                                                                          \
            "mov r11, r1\n\t"                                                                                          \
            "ldr r0, [sp, #24]\n"     /* rows */                                                                       \
            "2:\n\t" STEP                                                                                              \
            "cmp r0, lr\n\t"                                                                                           \
            "bne 2b\n\t"                                                                                               \
            "mov r1, r8\n\t"                                                                                           \
            "mov r2, r9\n\t"                                                                                           \
            "mov r3, r10\n\t"                                                                                          \
            "mov r4, r11\n\t" APART                                                                                    \
            "ldr r0, [sp, #16]\n\t"                                                                                    \
            "stmia r0!, {r1-r4}\n\t"                                                                                   \
            "str r0, [sp, #16]\n\t" NEXT                                                                               \
            "ldr r1, [sp, #20]\n\t"                                                                                    \
            "cmp r0, r1\n\t"                                                                                           \
            "bne 1b\n\t"                                                                                               \
            "pop {r4-r7}\n\t"                                                                                          \
            "mov r8, r4\n\t"                                                                                           \
            "mov r9, r5\n\t"                                                                                           \
            "mov r10, r6\n\t"                                                                                          \
            "mov r11, r7\n\t"                                                                                          \
            "add sp, #16\n\t"                                                                                          \
            "pop {r4-r7, pc}\n\t"                                                                                      \
            ".size " name ", . - " name "\n\t"                                                                         \
            ".text")

/* bytes[n]: the sum of the weights from `at` bytes on of every row, for `size` neurons; there are rows, by fours. */
void spikec_rows_u4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_rows_p4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_rows_p2(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);

ROWS("spikec_rows_u4", "", STEP_U4, "", NEXT_16);
ROWS("spikec_rows_p4", START_P4, STEP_P4, APART_P4, NEXT_8);
ROWS("spikec_rows_p2", START_P2, STEP_P2, APART_P2, NEXT_4);

#endif
