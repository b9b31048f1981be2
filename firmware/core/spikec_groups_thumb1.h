/*
 * spikec_groups_thumb1.h: rows of weights onto lanes, for the Cortex-M0. A part of spikec_integrate_thumb.h.
 *
 * Eight neurons at a time over all rows: their sums are in r8 to r11, which can be added to but nothing else. A pair of
 * rows takes 15 instructions for them.
 */
#ifndef SPIKEC_GROUPS_THUMB1_H
#define SPIKEC_GROUPS_THUMB1_H

/* r0 is the place in the list of rows, r12 that in a row; r7 masks the even bytes. */
#define LOAD_PAIR                                                                                                      \
    "ldmia r0!, {r1, r2}\n\t"                                                                                          \
    "add r1, r12\n\t"                                                                                                  \
    "add r2, r12\n\t"                                                                                                  \
    "ldmia r1!, {r3, r4}\n\t"                                                                                          \
    "ldmia r2!, {r5, r6}\n\t"
#define ADD_WORD(word, t, o)                                                                                           \
    "add " t ", " word "\n\t"                                                                                          \
    "lsrs " word ", " word ", #8\n\t"                                                                                  \
    "ands " word ", r7\n\t"                                                                                            \
    "add " o ", " word "\n\t"
#define ADD_TWO(low, high) ADD_WORD(low, "r8", "r9") ADD_WORD(high, "r10", "r11")
#define STEP_U7                                                                                                        \
    LOAD_PAIR                                                                                                          \
    "adds r3, r3, r5\n\t"                                                                                              \
    "adds r4, r4, r6\n\t" ADD_TWO("r3", "r4")
#define STEP_U8 LOAD_PAIR ADD_TWO("r3", "r4") ADD_TWO("r5", "r6")

#define GROUPS(name, STEP)                                                                                             \
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
            "push {r4-r7}\n\t"        /* above them: sum, bytes, rows, end */                                          \
            "lsls r1, r1, #1\n\t"                                                                                      \
            "adds r1, r1, r0\n\t"                                                                                      \
            "str r1, [sp, #20]\n\t"   /* where the sums end */                                                         \
            "mov lr, r3\n\t"                                                                                           \
            "ldr r4, [sp, #52]\n\t"   /* at */                                                                         \
            "mov r12, r4\n\t"                                                                                          \
            "movs r7, #0xFF\n\t"                                                                                       \
            "lsls r6, r7, #16\n\t"                                                                                     \
            "orrs r7, r6\n"                                                                                            \
            "1:\n\t"                                                                                                   \
            "ldr r0, [sp, #16]\n\t"                                                                                    \
            "ldmia r0!, {r1-r4}\n\t"                                                                                   \
            "str r0, [sp, #16]\n\t"                                                                                    \
            "mov r8, r1\n\t"                                                                                           \
            "mov r9, r2\n\t"                                                                                           \
            "mov r10, r3\n\t"                                                                                          \
            "mov r11, r4\n\t"                                                                                          \
            "ldr r0, [sp, #24]\n"     /* rows */                                                                       \
            "2:\n\t" STEP STEP                                                                                         \
            "cmp r0, lr\n\t"                                                                                           \
            "bne 2b\n\t"                                                                                               \
            "mov r1, r8\n\t"                                                                                           \
            "mov r2, r9\n\t"                                                                                           \
            "mov r3, r10\n\t"                                                                                          \
            "mov r4, r11\n\t"                                                                                          \
            "ldr r0, [sp, #16]\n\t"                                                                                    \
            "subs r0, #16\n\t"                                                                                         \
            "stmia r0!, {r1-r4}\n\t"                                                                                   \
            "movs r1, #8\n\t"                                                                                          \
            "add r12, r1\n\t"                                                                                          \
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

/* Two lanes: r5 becomes the lower one, with its sign, r6 the upper one. */
#define WIDEN_TWO(lanes)                                                                                               \
    "sxth r5, " lanes "\n\t"                                                                                           \
    "subs r6, " lanes ", r5\n\t"                                                                                       \
    "asrs r6, r6, #16\n\t"                                                                                             \
    "ldmia %0!, {r3}\n\t"                                                                                              \
    "adds r5, r5, r3\n\t"                                                                                              \
    "ldmia %0!, {r3}\n\t"                                                                                              \
    "adds r6, r6, r3\n\t"                                                                                              \
    "stmia %1!, {r5, r6}\n\t"
#define WIDEN_FOUR                                                                                                     \
    "ldmia %2!, {r3, r4}\n\t"                                                                                          \
    "lsls r5, r4, #8\n\t"                                                                                              \
    "subs r3, r3, r5\n\t" WIDEN_TWO("r3") WIDEN_TWO("r4")

/* membrane[n] = start[n] + the sum of neuron n, of which there are two a word, with signs. */
static inline void widen(const int32_t *start, int32_t *membrane, const lanes_t *sum, uint32_t size)
{
    for (const int32_t *end = start + size; start < end;) {
        __asm__ volatile(".syntax unified\n\t" WIDEN_FOUR WIDEN_FOUR
                         : "+l"(start), "+l"(membrane), "+l"(sum)
                         :
                         : "r3", "r4", "r5", "r6", "cc", "memory");
    }
}

#endif
