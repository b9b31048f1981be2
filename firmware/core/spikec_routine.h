/*
 * spikec_routine.h: what the routines that add rows of weights have in common, on Arm cores with Thumb-2's
 * instructions. They are assembly throughout, as they need all fourteen registers.
 */
#ifndef SPIKEC_ROUTINE_H
#define SPIKEC_ROUTINE_H

#include "spikec_kernels.h"

/* r0 to r3: places in the next four rows; goes on at `else_` if there are less. */
#define SPIKEC_TAKE_FOUR(else_)                                                                                        \
    "ldrd r12, r5, [sp, #8]\n\t" /* rows, end */                                                                       \
    "ldr r4, [sp, #52]\n\t"      /* at */                                                                              \
    "sub r5, r5, r12\n\t"                                                                                              \
    "cmp r5, #16\n\t"                                                                                                  \
    "blt " else_ "\n\t"                                                                                                \
    "ldm r12!, {r0-r3}\n\t"                                                                                            \
    "str r12, [sp, #8]\n\t"                                                                                            \
    "add r0, r0, r4\n\t"                                                                                               \
    "add r1, r1, r4\n\t"                                                                                               \
    "add r2, r2, r4\n\t"                                                                                               \
    "add r3, r3, r4\n\t"

#if defined(SPIKEC_DSP)

/* r0 and r1: places in the last two rows. */
#define SPIKEC_TAKE_TWO                                                                                                \
    "ldm r12, {r0, r1}\n\t"                                                                                            \
    "add r0, r0, r4\n\t"                                                                                               \
    "add r1, r1, r4\n\t"

/* If two rows are left. */
#define SPIKEC_LAST(TWO)                                                                                               \
    "cmp r5, #0\n\t"                                                                                                   \
    "beq 5f\n\t" SPIKEC_TAKE_TWO TWO

/* A START that writes the sums: there are rows. */
#define SPIKEC_FIRST(FOUR, TWO) SPIKEC_TAKE_FOUR("6f") FOUR "b 1f\n6:\n\t" SPIKEC_TAKE_TWO TWO "b 5f\n"

#else /* elsewhere rows come by fours */

#define SPIKEC_LAST(TWO) ""
#define SPIKEC_FIRST(FOUR, TWO) SPIKEC_TAKE_FOUR("5f") FOUR

#endif

/*
 * A function (uint32_t *sum, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at): rows
 * are taken by fours and then by two, from byte `at` on. FOUR and TWO go over all sums, which are words 0 and 1 on the
 * stack, with places in the rows in r0 to r3; registers up to r12 and lr are theirs. START comes before, END behind.
 */
#define SPIKEC_ROUTINE(name, START, FOUR, TWO, END)                                                                    \
    __asm__(".syntax unified\n\t"                                                                                      \
            ".section .text." name ", \"ax\"\n\t"                                                                      \
            ".balign 4\n\t"                                                                                            \
            ".global " name "\n\t"                                                                                     \
            ".thumb_func\n\t"                                                                                          \
            ".type " name ", %function\n" name ":\n\t"                                                                 \
            "push {r0-r11, lr}\n\t" /* sp points to sum, size, rows, end */                                            \
            START                                                                                                      \
            "1:\n\t" SPIKEC_TAKE_FOUR("4f") FOUR                                                                       \
            "b 1b\n"                                                                                                   \
            "4:\n\t" SPIKEC_LAST(TWO)                                                                                  \
            "5:\n\t" END                                                                                               \
            "pop {r0-r11, pc}\n\t"                                                                                     \
            ".size " name ", . - " name "\n\t"                                                                         \
            ".text")

#endif
