/*
 * spikec_fire_thumb.h: the fire steps for membranes of 16 bits on Arm's cores without the DSP extension (Cortex-M0, M3): what
 * spikec_fire_dc_thumb.h and spikec_fire_ct_thumb.h share. Both are bit-equal to what the C beside them does.
 *
 * A limit less a membrane is negative where there is a spike. Shifting that difference by 31 makes a mask of its sign, and
 * leaves the sign in the carry, too: from there one instruction takes it to the word of spikes.
 */
#ifndef SPIKEC_FIRE_THUMB_H
#define SPIKEC_FIRE_THUMB_H

#include "spikec_swar.h"

#if SPIKEC_THUMB == 1

/* A routine for `count` neurons, 1 to 32. Only places made of two registers load numbers with signs: r0 is the membranes, r1
 * the index for all tables. It goes down, as each spike in r6 moves those before it on. */
#define FIRE_ROUTINE(name, body)                                                                                       \
    __asm__(".syntax unified\n\t"                                                                                      \
            ".section .text." name ", \"ax\"\n\t"                                                                      \
            ".balign 4\n\t"                                                                                            \
            ".global " name "\n\t"                                                                                     \
            ".thumb_func\n\t"                                                                                          \
            ".type " name ", %function\n" name ":\n\t"                                                                 \
            "push {r4-r7, lr}\n\t"                                                                                     \
            "lsls r1, r1, #1\n\t"                                                                                      \
            "subs r1, #2\n\t"                                                                                          \
            "movs r6, #0\n"                                                                                            \
            "1:\n\t" body                                                                                              \
            "subs r1, #2\n\t"                                                                                          \
            "bpl 1b\n\t"                                                                                               \
            "mov r0, r6\n\t"                                                                                           \
            "pop {r4-r7, pc}\n\t"                                                                                      \
            ".size " name ", . - " name "\n\t"                                                                         \
            ".text")

#else

/* From the first neuron to the last: each spike comes in from above. Four at a time. */
#define FIRE(body, ...)                                                                                                \
    do {                                                                                                               \
        uint32_t left = count;                                                                                         \
        for (; left >= 4u; left -= 4u) {                                                                               \
            __asm__ volatile(body body body body                                                                       \
                             : [word] "+r"(word), [v] "=&r"(v), [t] "=&r"(t), [m] "+r"(membrane), __VA_ARGS__          \
                             :                                                                                         \
                             : "cc", "memory");                                                                        \
        }                                                                                                              \
        for (; left > 0; left--) {                                                                                     \
            __asm__ volatile(body                                                                                      \
                             : [word] "+r"(word), [v] "=&r"(v), [t] "=&r"(t), [m] "+r"(membrane), __VA_ARGS__          \
                             :                                                                                         \
                             : "cc", "memory");                                                                        \
        }                                                                                                              \
    } while (0)

#endif

#endif
