/*
 * spikec_integrate_avr.h: blocks of eight neurons for AVR, bit-equal to spikec_integrate_portable.h. A part of
 * spikec_integrate.c.
 *
 * Eight membranes stay in eight pairs of registers. A weight costs five cycles: it comes from flash, is added to the low
 * byte, and its carry to the high byte; the offset makes it positive.
 */
#ifndef SPIKEC_INTEGRATE_AVR_H
#define SPIKEC_INTEGRATE_AVR_H

#define SPIKEC_OWN_I16
#include "spikec_integrate_portable.h"

#define ADD(sum)                                                                                                       \
    "lpm r0, Z+\n\t"                                                                                                   \
    "add %A" #sum ", r0\n\t"                                                                                           \
    "adc %B" #sum ", __zero_reg__\n\t"

/* `rows` is not empty. */
static inline void block_i16(const int16_t *start, int16_t *membrane, uint16_t at, const uint8_t *const *rows,
                             const uint8_t *const *end, uint16_t excess)
{
    uint16_t v0 = (uint16_t)start[0] - excess, v1 = (uint16_t)start[1] - excess;
    uint16_t v2 = (uint16_t)start[2] - excess, v3 = (uint16_t)start[3] - excess;
    uint16_t v4 = (uint16_t)start[4] - excess, v5 = (uint16_t)start[5] - excess;
    uint16_t v6 = (uint16_t)start[6] - excess, v7 = (uint16_t)start[7] - excess;
    __asm__ volatile("1:\n\t"
                     "ld r30, X+\n\t"
                     "ld r31, X+\n\t"
                     "add r30, %A[at]\n\t"
                     "adc r31, %B[at]\n\t"
                     ADD([v0]) ADD([v2]) ADD([v1]) ADD([v3]) ADD([v4]) ADD([v6]) ADD([v5]) ADD([v7])
                     "cp r26, %A[end]\n\t"
                     "cpc r27, %B[end]\n\t"
                     "brne 1b"
                     : [v0] "+r"(v0), [v1] "+r"(v1), [v2] "+r"(v2), [v3] "+r"(v3), [v4] "+r"(v4), [v5] "+r"(v5),
                       [v6] "+r"(v6), [v7] "+r"(v7), "+x"(rows)
                     : [at] "r"(at), [end] "r"(end)
                     : "r0", "r30", "r31", "cc", "memory");
    membrane[0] = (int16_t)v0;
    membrane[1] = (int16_t)v1;
    membrane[2] = (int16_t)v2;
    membrane[3] = (int16_t)v3;
    membrane[4] = (int16_t)v4;
    membrane[5] = (int16_t)v5;
    membrane[6] = (int16_t)v6;
    membrane[7] = (int16_t)v7;
}

/* Sums may wrap on the way, as the registers do; in C that is written with unsigned numbers. */
static inline void integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    const uint16_t excess = (uint16_t)((uint16_t)count * (uint16_t)offset);
    for (uint16_t at = 0; at < (uint16_t)padded; at += SPIKEC_LANES) {
        if (count != 0) {
            block_i16(start + at, membrane + at, at, rows, rows + count, excess);
        } else {
            for (uint8_t i = 0; i < SPIKEC_LANES; i++) {
                membrane[at + i] = start[at + i];
            }
        }
    }
}

#endif
