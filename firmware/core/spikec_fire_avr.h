/* spikec_fire_avr.h: what the fire steps of AVRs share. */
#ifndef SPIKEC_FIRE_AVR_H
#define SPIKEC_FIRE_AVR_H

#include "spikec_avr.h"

#if defined(SPIKEC_AVR)

/* Zeros up to the end of the last word of spikes. */
static inline void fill_word(const uint32_t *spikes, uint8_t *to)
{
    for (uint8_t used = (uint8_t)(to - (const uint8_t *)spikes); used % 4u != 0; used++) {
        *to++ = 0;
    }
}

#define ONE_CT(bit)                                                                                                    \
    "ldd r18, Z+0\n\t"                                                                                                 \
    "ldd r19, Z+1\n\t"                                                                                                 \
    "ld r0, X+\n\t"                                                                                                    \
    "add r18, r0\n\t"                                                                                                  \
    "ld r0, X+\n\t"                                                                                                    \
    "adc r19, r0\n\t"                                                                                                  \
    "cp %A[theta], r18\n\t"                                                                                            \
    "cpc %B[theta], r19\n\t"                                                                                           \
    "brge .+6\n\t"                                                                                                     \
    "sub r18, %A[theta]\n\t"                                                                                           \
    "sbc r19, %B[theta]\n\t"                                                                                           \
    "ori %[byte], " #bit "\n\t"                                                                                        \
    "st Z+, r18\n\t"                                                                                                   \
    "st Z+, r19\n\t"

/* Eight neurons of SNN-CT with membranes of 16 bits, in 18 cycles each; both pointers go on. Returns their spikes. */
static inline uint8_t eight_ct_i16(int16_t **membrane, const int16_t **bias, int16_t theta)
{
    uint8_t byte = 0;
    __asm__ volatile(ONE_CT(1) ONE_CT(2) ONE_CT(4) ONE_CT(8) ONE_CT(16)
                         ONE_CT(32) ONE_CT(64) ONE_CT(128)
                     : [byte] "+d"(byte), "+z"(*membrane), "+x"(*bias)
                     : [theta] "r"(theta)
                     : "r0", "r18", "r19", "cc", "memory");
    return byte;
}

#define ONE_DC(bit)                                                                                                    \
    "ld r18, X+\n\t"                                                                                                   \
    "ld r19, X+\n\t"                                                                                                   \
    "cp %A[theta], r18\n\t"                                                                                            \
    "cpc %B[theta], r19\n\t"                                                                                           \
    "brge .+2\n\t"                                                                                                     \
    "ori %[byte], " #bit "\n\t"

/* Eight of SNN-DC, in 8 cycles each. */
static inline uint8_t eight_dc_i16(const int16_t **membrane, int16_t theta)
{
    uint8_t byte = 0;
    __asm__ volatile(ONE_DC(1) ONE_DC(2) ONE_DC(4) ONE_DC(8) ONE_DC(16) ONE_DC(32) ONE_DC(64) ONE_DC(128)
                     : [byte] "+d"(byte), "+x"(*membrane)
                     : [theta] "r"(theta)
                     : "r18", "r19", "cc", "memory");
    return byte;
}

#endif

#endif
