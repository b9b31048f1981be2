/*
 * spikec_integrate_avr.h: blocks of eight neurons for AVR, bit-equal to spikec_integrate_portable.h. A part of
 * spikec_integrate.c.
 *
 * Eight membranes stay in eight pairs of registers. A weight costs seven cycles: it comes from flash, is added to the low
 * byte, its carry to the high byte, and a negative one takes one off the high byte, which is its sign's extension.
 */
#ifndef SPIKEC_INTEGRATE_AVR_H
#define SPIKEC_INTEGRATE_AVR_H

#define SPIKEC_OWN_BLOCK_I16
#include "spikec_integrate_portable.h"

#define ADD(sum)                                                                                                       \
    "lpm r0, Z+\n\t"                                                                                                   \
    "add %A" #sum ", r0\n\t"                                                                                           \
    "adc %B" #sum ", __zero_reg__\n\t"                                                                                 \
    "sbrc r0, 7\n\t"                                                                                                   \
    "dec %B" #sum "\n\t"

static inline void block_i16(const int16_t *start, int16_t *membrane, uint32_t at, const int8_t *const *rows)
{
    int16_t v0 = start[0], v1 = start[1], v2 = start[2], v3 = start[3];
    int16_t v4 = start[4], v5 = start[5], v6 = start[6], v7 = start[7];
    __asm__ volatile("1:\n\t"
                     "ld r30, X+\n\t"
                     "ld r31, X+\n\t"
                     "sbiw r30, 0\n\t"
                     "breq 2f\n\t"
                     "add r30, %A[at]\n\t"
                     "adc r31, %B[at]\n\t"
                     ADD([v0]) ADD([v1]) ADD([v2]) ADD([v3]) ADD([v4]) ADD([v5]) ADD([v6]) ADD([v7])
                     "rjmp 1b\n"
                     "2:"
                     : [v0] "+r"(v0), [v1] "+r"(v1), [v2] "+r"(v2), [v3] "+r"(v3), [v4] "+r"(v4), [v5] "+r"(v5),
                       [v6] "+r"(v6), [v7] "+r"(v7), "+x"(rows)
                     : [at] "r"((uint16_t)at)
                     : "r0", "r30", "r31", "cc", "memory");
    membrane[0] = v0;
    membrane[1] = v1;
    membrane[2] = v2;
    membrane[3] = v3;
    membrane[4] = v4;
    membrane[5] = v5;
    membrane[6] = v6;
    membrane[7] = v7;
}

#endif
