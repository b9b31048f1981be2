/*
 * spikec_conv_thumb1.h: what one spike, or two of the same pixel, add to membranes of 16 bits, for the Cortex-M0. A
 * part of spikec_conv.c; spikec_conv_swar.h tells how.
 */
#ifndef SPIKEC_CONV_THUMB1_H
#define SPIKEC_CONV_THUMB1_H

#include "spikec_conv_wide.h"

/* Four neurons: r0 is the place in the membranes, r1 and r2 in the weights; r7 masks even bytes, r8 is less what the
 * offset adds to a word, or those of two. */
#define ADD_4                                                                                                          \
    "ldr r4, [r0]\n\t"                                                                                                 \
    "ldr r5, [r0, #4]\n\t"                                                                                             \
    "movs r6, r3\n\t"                                                                                                  \
    "ands r6, r7\n\t"                                                                                                  \
    "adds r4, r4, r6\n\t"                                                                                              \
    "add r4, r8\n\t"                                                                                                   \
    "lsrs r3, r3, #8\n\t"                                                                                              \
    "ands r3, r7\n\t"                                                                                                  \
    "adds r5, r5, r3\n\t"                                                                                              \
    "add r5, r8\n\t"                                                                                                   \
    "stmia r0!, {r4, r5}\n\t"
#define RUN_4 "ldmia r1!, {r3}\n\t" ADD_4
#define PAIR_4 "ldmia r1!, {r3}\n\tldmia r2!, {r6}\n\tadds r3, r3, r6\n\t" ADD_4
/* Weights with signs get the offset from r2. */
#define SIGNED_4 "ldmia r1!, {r3}\n\teors r3, r2\n\t" ADD_4

/* What r8 is: less the runs' excess, which r4 is, or twice; or less 128 each, and r2 for the above. */
#define ONE "rsbs r4, r4, #0\n\tmov r8, r4\n\t"
#define TWO "lsls r4, r4, #1\n\t" ONE
#define SIGNED                                                                                                         \
    "movs r4, #0x80\n\t"                                                                                               \
    "lsls r2, r4, #16\n\t"                                                                                             \
    "orrs r4, r2\n\t"                                                                                                  \
    "lsls r2, r4, #8\n\t"                                                                                              \
    "orrs r2, r4\n\t"                                                                                                  \
    ONE

/* On the stack: bytes from the end of a run's weights to the next one's, and of membranes; count; rows that are
 * left. r9 is where the weights of a run end. */
#define RUNS(name, START, FOUR, SKIP)                                                                                  \
    __asm__(".syntax unified\n\t"                                                                                      \
            ".section .text." name ", \"ax\"\n\t"                                                                      \
            ".balign 4\n\t"                                                                                            \
            ".global " name "\n\t"                                                                                     \
            ".thumb_func\n\t"                                                                                          \
            ".type " name ", %function\n" name ":\n\t"                                                                 \
            "push {r4-r7, lr}\n\t"                                                                                     \
            "mov r4, r8\n\t"                                                                                           \
            "mov r5, r9\n\t"                                                                                           \
            "push {r4, r5}\n\t"                                                                                        \
            "mov r8, r0\n\t"                                                                                           \
            "ldmia r3!, {r4, r5, r6, r7}\n\t"                                                                          \
            "lsls r0, r6, #1\n\t"                                                                                      \
            "subs r5, r5, r0\n\t"                                                                                      \
            "subs r4, r4, r6\n\t"                                                                                      \
            "push {r4-r7}\n\t"                                                                                         \
            "ldr r4, [r3]\n\t"                                                                                         \
            "mov r0, r8\n\t" START                                                                                     \
            "movs r7, #0xFF\n\t"                                                                                       \
            "lsls r6, r7, #16\n\t"                                                                                     \
            "orrs r7, r6\n"                                                                                            \
            "1:\n\t"                                                                                                   \
            "ldr r4, [sp, #8]\n\t"                                                                                     \
            "adds r3, r1, r4\n\t"                                                                                      \
            "mov r9, r3\n\t"                                                                                           \
            "lsls r4, r4, #29\n\t"                                                                                     \
            "bpl 2f\n\t" FOUR                                                                                          \
            "cmp r1, r9\n\t"                                                                                           \
            "beq 3f\n"                                                                                                 \
            "2:\n\t" FOUR FOUR                                                                                         \
            "cmp r1, r9\n\t"                                                                                           \
            "bne 2b\n"                                                                                                 \
            "3:\n\t"                                                                                                   \
            "ldr r3, [sp, #12]\n\t"                                                                                    \
            "subs r3, #1\n\t"                                                                                          \
            "beq 4f\n\t"                                                                                               \
            "str r3, [sp, #12]\n\t"                                                                                    \
            "ldr r3, [sp, #4]\n\t"                                                                                     \
            "adds r0, r0, r3\n\t"                                                                                      \
            "ldr r3, [sp]\n\t"                                                                                         \
            "adds r1, r1, r3\n\t" SKIP                                                                                 \
            "b 1b\n"                                                                                                   \
            "4:\n\t"                                                                                                   \
            "add sp, #16\n\t"                                                                                          \
            "pop {r4, r5}\n\t"                                                                                         \
            "mov r8, r4\n\t"                                                                                           \
            "mov r9, r5\n\t"                                                                                           \
            "pop {r4-r7, pc}\n\t"                                                                                      \
            ".size " name ", . - " name "\n\t"                                                                         \
            ".text")

void spikec_conv_run_words_i16(int16_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);
void spikec_conv_pair_words_i16(int16_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);
void spikec_conv_run_quads_i16(int16_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs);

RUNS("spikec_conv_run_words_i16", ONE, RUN_4, "");
RUNS("spikec_conv_pair_words_i16", TWO, PAIR_4, "adds r2, r2, r3\n\t");
RUNS("spikec_conv_run_quads_i16", SIGNED, SIGNED_4, "");

#endif
