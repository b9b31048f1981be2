/*
 * spikec_groups_thumb2.h: rows of weights onto lanes, for the Cortex-M3. A part of spikec_integrate_thumb.h.
 *
 * Four rows at a time over all neurons, whose sums stay in memory. Two pairs of rows take 22 instructions for eight
 * neurons, as shifts cost nothing; the loop counts once for 32.
 */
#ifndef SPIKEC_GROUPS_THUMB2_H
#define SPIKEC_GROUPS_THUMB2_H

/* Eight neurons: r0 to r3 are places in four rows, r12 in the sums; r8 to r11 are the sums; lr masks the even bytes. */
#define LOAD_SUMS "ldm r12, {r8-r11}\n\t"
#define STORE_SUMS "stm r12!, {r8-r11}\n\t"
#define ADD_TWO                                                                                                        \
    "add r8, r8, r4\n\t"                                                                                               \
    "and r4, lr, r4, lsr #8\n\t"                                                                                       \
    "add r9, r9, r4\n\t"                                                                                               \
    "add r10, r10, r5\n\t"                                                                                             \
    "and r5, lr, r5, lsr #8\n\t"                                                                                       \
    "add r11, r11, r5\n\t"
#define ADD_PAIR(one, other)                                                                                           \
    "ldrd r4, r5, [" one "], #8\n\t"                                                                                   \
    "ldrd r6, r7, [" other "], #8\n\t"                                                                                 \
    "add r4, r4, r6\n\t"                                                                                               \
    "add r5, r5, r7\n\t" ADD_TWO
#define ADD_ONE(row) "ldrd r4, r5, [" row "], #8\n\t" ADD_TWO
#define STEP_U7 LOAD_SUMS ADD_PAIR("r0", "r1") ADD_PAIR("r2", "r3") STORE_SUMS
#define STEP_U8 LOAD_SUMS ADD_ONE("r0") ADD_ONE("r1") ADD_ONE("r2") ADD_ONE("r3") STORE_SUMS

#define GROUPS(name, STEP)                                                                                             \
    __asm__(".syntax unified\n\t"                                                                                      \
            ".section .text." name ", \"ax\"\n\t"                                                                      \
            ".balign 4\n\t"                                                                                            \
            ".global " name "\n\t"                                                                                     \
            ".thumb_func\n\t"                                                                                          \
            ".type " name ", %function\n" name ":\n\t"                                                                 \
            "push {r0-r11, lr}\n\t" /* sp points to sum, bytes, rows, end */                                           \
            "add r1, r0, r1, lsl #1\n\t"                                                                               \
            "str r1, [sp, #4]\n\t" /* where the sums end */                                                            \
            "mov lr, #0x00FF00FF\n"                                                                                    \
            "1:\n\t"                                                                                                   \
            "ldr r12, [sp, #8]\n\t"                                                                                    \
            "ldr r4, [sp, #52]\n\t" /* at */                                                                           \
            "ldm r12!, {r0-r3}\n\t"                                                                                    \
            "str r12, [sp, #8]\n\t"                                                                                    \
            "add r0, r0, r4\n\t"                                                                                       \
            "add r1, r1, r4\n\t"                                                                                       \
            "add r2, r2, r4\n\t"                                                                                       \
            "add r3, r3, r4\n\t"                                                                                       \
            "ldrd r12, r4, [sp]\n\t"                                                                                   \
            "sub r4, r4, r12\n\t"                                                                                      \
            "lsls r4, r4, #27\n\t" /* how many eights are left of fours: carry and sign */                             \
            "bcs 6f\n\t"                                                                                               \
            "bmi 5f\n"                                                                                                 \
            "2:\n\t" STEP "3:\n\t" STEP "4:\n\t" STEP "5:\n\t" STEP                                                    \
            "ldr r4, [sp, #4]\n\t"                                                                                     \
            "cmp r12, r4\n\t"                                                                                          \
            "bne 2b\n\t"                                                                                               \
            "ldrd r4, r5, [sp, #8]\n\t" /* rows, end */                                                                \
            "cmp r4, r5\n\t"                                                                                           \
            "bne 1b\n\t"                                                                                               \
            "pop {r0-r11, pc}\n"                                                                                       \
            "6:\n\t"                                                                                                   \
            "bmi 3b\n\t"                                                                                               \
            "b 4b\n\t"                                                                                                 \
            ".size " name ", . - " name "\n\t"                                                                         \
            ".text")

#define WIDEN_FOUR                                                                                                     \
    "ldm %2!, {r2, r3}\n\t"                                                                                            \
    "ldm %0!, {r4, r5, r6, r8}\n\t"                                                                                    \
    "sub r2, r2, r3, lsl #8\n\t"                                                                                       \
    "sxth r9, r2\n\t"                                                                                                  \
    "sub r2, r2, r9\n\t"                                                                                               \
    "add r4, r4, r9\n\t"                                                                                               \
    "add r5, r5, r2, asr #16\n\t"                                                                                      \
    "sxth r9, r3\n\t"                                                                                                  \
    "sub r3, r3, r9\n\t"                                                                                               \
    "add r6, r6, r9\n\t"                                                                                               \
    "add r8, r8, r3, asr #16\n\t"                                                                                      \
    "stm %1!, {r4, r5, r6, r8}\n\t"

/* membrane[n] = start[n] + the sum of neuron n, of which there are two a word, with signs. */
static inline void widen(const int32_t *start, int32_t *membrane, const lanes_t *sum, uint32_t size)
{
    for (const int32_t *end = start + size; start < end;) {
        __asm__ volatile(WIDEN_FOUR WIDEN_FOUR
                         : "+r"(start), "+r"(membrane), "+r"(sum)
                         :
                         : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "memory");
    }
}

#endif
