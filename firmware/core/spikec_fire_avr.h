/* spikec_fire_avr.h: what the fire steps of AVRs share. */
#ifndef SPIKEC_FIRE_AVR_H
#define SPIKEC_FIRE_AVR_H

#include "spikec_avr.h"
#include "spikec_kernels.h"

#if defined(SPIKEC_AVR)

/* Zeros up to the end of the last word of spikes. */
static inline void fill_word(const uint32_t *spikes, uint8_t *to)
{
    for (uint8_t used = (uint8_t)(to - (const uint8_t *)spikes); used % 4u != 0; used++) {
        *to++ = 0;
    }
}

/* A neuron of SNN-CT in 18 cycles: membrane at Z, bias at X, threshold in r18 and r19; SPIKE puts it into r24. */
#define SPIKEC_AVR_CT(SPIKE)                                                                                           \
    "ldd r20, Z+0\n\t"                                                                                                 \
    "ldd r21, Z+1\n\t"                                                                                                 \
    "ld r0, X+\n\t"                                                                                                    \
    "add r20, r0\n\t"                                                                                                  \
    "ld r0, X+\n\t"                                                                                                    \
    "adc r21, r0\n\t"                                                                                                  \
    "cp r18, r20\n\t"                                                                                                  \
    "cpc r19, r21\n\t"                                                                                                 \
    "brge .+6\n\t"                                                                                                     \
    "sub r20, r18\n\t"                                                                                                 \
    "sbc r21, r19\n\t"                                                                                                 \
    SPIKE                                                                                                              \
    "st Z+, r20\n\t"                                                                                                   \
    "st Z+, r21\n\t"

/* One of SNN-DC, in 8 cycles. */
#define SPIKEC_AVR_DC(SPIKE)                                                                                           \
    "ld r20, Z+\n\t"                                                                                                   \
    "ld r21, Z+\n\t"                                                                                                   \
    "cp r18, r20\n\t"                                                                                                  \
    "cpc r19, r21\n\t"                                                                                                 \
    "brge .+2\n\t"                                                                                                     \
    SPIKE

#define SPIKEC_AVR_BIT(bit) "ori r24, " #bit "\n\t"

/*
 * A function uint8_t *(int16_t *membrane, uint16_t size, const int16_t *bias, int16_t theta, uint8_t *to): fire neurons with
 * membranes of 16 bits, into a byte for every eight of them and one for the rest. Returns what is behind these bytes.
 */
#define SPIKEC_AVR_FIRE(name, ONE)                                                                                     \
    __asm__(".section .text." #name ", \"ax\", @progbits\n\t"                                                          \
            ".global " #name "\n\t"                                                                                    \
            ".type " #name ", @function\n" #name ":\n\t"                                                               \
            "push r28\n\t"                                                                                             \
            "push r29\n\t"                                                                                             \
            "movw r30, r24\n\t"                                                                                        \
            "movw r26, r20\n\t"                                                                                        \
            "movw r28, r16\n\t"                                                                                        \
            "mov r25, r22\n\t"                                                                                         \
            "andi r25, 7\n\t"                                                                                          \
            "lsr r23\n\t"                                                                                              \
            "ror r22\n\t"                                                                                              \
            "lsr r23\n\t"                                                                                              \
            "ror r22\n\t"                                                                                              \
            "lsr r23\n\t"                                                                                              \
            "ror r22\n\t"                                                                                              \
            "rjmp 2f\n"                                                                                                \
            "1:\n\t"                                                                                                   \
            "ldi r24, 0\n\t" ONE(SPIKEC_AVR_BIT(1)) ONE(SPIKEC_AVR_BIT(2)) ONE(SPIKEC_AVR_BIT(4)) ONE(SPIKEC_AVR_BIT(8))\
            ONE(SPIKEC_AVR_BIT(16)) ONE(SPIKEC_AVR_BIT(32)) ONE(SPIKEC_AVR_BIT(64)) ONE(SPIKEC_AVR_BIT(128))           \
            "st Y+, r24\n"                                                                                             \
            "2:\n\t"                                                                                                   \
            "subi r22, 1\n\t"                                                                                          \
            "sbci r23, 0\n\t"                                                                                          \
            "brcs 3f\n\t"                                                                                              \
            "rjmp 1b\n"                                                                                                \
            "3:\n\t"                                                                                                   \
            "tst r25\n\t"                                                                                              \
            "breq 5f\n\t"                                                                                              \
            "ldi r24, 0\n\t"                                                                                           \
            "ldi r22, 1\n"                                                                                             \
            "4:\n\t" ONE("or r24, r22\n\t")                                                                            \
            "lsl r22\n\t"                                                                                              \
            "dec r25\n\t"                                                                                              \
            "brne 4b\n\t"                                                                                              \
            "st Y+, r24\n"                                                                                             \
            "5:\n\t"                                                                                                   \
            "movw r24, r28\n\t"                                                                                        \
            "pop r29\n\t"                                                                                              \
            "pop r28\n\t"                                                                                              \
            "ret\n\t"                                                                                                  \
            ".size " #name ", . - " #name "\n\t"                                                                       \
            ".text")

#endif

#endif
