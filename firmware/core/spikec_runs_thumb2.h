/*
 * spikec_runs_thumb2.h: loops over all runs of a spike, for Arm cores with Thumb-2's instructions (Cortex-M3, M4, M7,
 * M33). A part of spikec_conv.c.
 *
 * Runs go in blocks, eight a turn of the loop; the first turn is entered in the middle, and what is no whole block
 * comes first. The routines are assembly throughout, as they need all registers.
 */
#ifndef SPIKEC_RUNS_THUMB2_H
#define SPIKEC_RUNS_THUMB2_H

#include "spikec_runs.h"

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
 * A function (membrane, weight, other, runs): r0 is the place in the membranes of 1 << WIDTH bytes, r1 and r2 in the
 * weights. BLOCK adds 1 << LOG neurons, and REST_4, REST_8 and REST_12 as many as they say, of which those that MASK
 * does not know are never called. Registers from r3 on are theirs; START, where r3 is the runs, may leave something in
 * r10 and above. On the stack: kernel_row; bytes from the end of a run's membranes to the next one's, and of weights;
 * rows that are left; where the weights of this run end; and two places in the tables above: how many blocks the first
 * turn has, and where a run begins.
 */
#define SPIKEC_RUNS(name, WIDTH, LOG, MASK, START, BLOCK, REST_4, REST_8, REST_12, SKIP)                               \
    __asm__(".syntax unified\n\t"                                                                                      \
            ".section .text." name ", \"ax\"\n\t"                                                                      \
            ".balign 4\n\t"                                                                                            \
            ".global " name "\n\t"                                                                                     \
            ".thumb_func\n\t"                                                                                          \
            ".type " name ", %function\n" name ":\n\t"                                                                 \
            "push {r4-r11, lr}\n\t"                                                                                    \
            "ldm r3, {r5-r8}\n\t"                                                                                      \
            "add r9, r1, r7\n\t"                                                                                       \
            "sub r6, r6, r7, lsl #" WIDTH "\n\t"                                                                       \
            "lsrs r10, r7, #" LOG "\n\t"                                                                               \
            "ite eq\n\t"                                                                                               \
            "moveq r10, #8\n\t"                                                                                        \
            "andne r10, r10, #7\n\t"                                                                                   \
            "ands r11, r7, #" MASK "\n\t"                                                                              \
            "itee eq\n\t"                                                                                              \
            "moveq r11, r10\n\t"                                                                                       \
            "addne r11, r11, #32\n\t"                                                                                  \
            "lsrne r11, r11, #2\n\t"                                                                                   \
            "sub r7, r5, r7\n\t"                                                                                       \
            "push {r5-r11}\n\t"                                                                                        \
            "mov r9, r11\n\t" START                                                                                    \
            "2:\n\t" TO_REST                                                                                           \
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

#endif
