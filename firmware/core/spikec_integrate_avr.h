/*
 * spikec_integrate_avr.h: blocks of eight neurons for AVR, bit-equal to spikec_integrate_portable.h. A part of
 * spikec_integrate.c.
 *
 * Eight membranes stay in eight pairs of registers, r2 to r17. Adding a weight takes two cycles, or one and a half where two
 * rows are added first (u7: the sum fits a byte). From flash, a weight takes three cycles to come, and only Z points there:
 * of two rows, the first one's weights wait in registers. From RAM it takes two, and Y points to the second row.
 */
#ifndef SPIKEC_INTEGRATE_AVR_H
#define SPIKEC_INTEGRATE_AVR_H

#include "spikec_avr.h"

/* How far into the rows we are: a pair of registers. */
#if defined(SPIKEC_WEIGHTS_IN_RAM)
#define AT_LOW "r20"
#define AT_HIGH "r21"
#else
#define AT_LOW "r28"
#define AT_HIGH "r29"
#endif

#define LESS(low, high)                                                                                                \
    "sub " low ", r18\n\t"                                                                                             \
    "sbc " high ", r19\n\t"

/* r2 to r17: eight of `start`, less the excess; X: the rows; r25: how many, or how many pairs. */
#define BEGIN                                                                                                          \
    "movw " AT_LOW ", r18\n"                                                                                           \
    "7:\n\t" SPIKEC_AVR_FRAME("r30", "r31")                                                                            \
    "ldd r26, Z+4\n\t"                                                                                                 \
    "ldd r27, Z+5\n\t"                                                                                                 \
    "ldd r18, Z+10\n\t"                                                                                                \
    "ldd r19, Z+11\n\t"                                                                                                \
    ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n\t"                                               \
    "ld r\\n, X+\n\t"                                                                                                  \
    ".endr\n\t"                                                                                                        \
    LESS("r2", "r3") LESS("r4", "r5") LESS("r6", "r7") LESS("r8", "r9") LESS("r10", "r11") LESS("r12", "r13")          \
    LESS("r14", "r15") LESS("r16", "r17")                                                                              \
    "std Z+4, r26\n\t"                                                                                                 \
    "std Z+5, r27\n\t"                                                                                                 \
    "ldd r25, Z+1\n\t"                                                                                                 \
    "ldd r26, Z+2\n\t"                                                                                                 \
    "ldd r27, Z+3\n"                                                                                                   \
    "1:\n\t"

#define END                                                                                                            \
    "dec r25\n\t"                                                                                                      \
    "brne 1b\n\t" SPIKEC_AVR_FRAME("r30", "r31")                                                                       \
    "ldd r26, Z+6\n\t"                                                                                                 \
    "ldd r27, Z+7\n\t"                                                                                                 \
    ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n\t"                                               \
    "st X+, r\\n\n\t"                                                                                                  \
    ".endr\n\t"                                                                                                        \
    "std Z+6, r26\n\t"                                                                                                 \
    "std Z+7, r27\n\t"                                                                                                 \
    "ldi r24, 8\n\t"                                                                                                   \
    "add " AT_LOW ", r24\n\t"                                                                                          \
    "adc " AT_HIGH ", r1\n\t" SPIKEC_AVR_NEXT_BLOCK("Z", AT_LOW, AT_HIGH)

/* The next weight to the sum in a pair of registers. */
#define ADD(low, high)                                                                                                 \
    SPIKEC_AVR_LOAD "r0, Z+\n\t"                                                                                       \
    "add " low ", r0\n\t"                                                                                              \
    "adc " high ", r1\n\t"

/* Neurons 0, 2, 1, 3, 4, 6, 5, 7. */
#define ROW                                                                                                            \
    SPIKEC_AVR_TAKE(AT_LOW, AT_HIGH) ADD("r2", "r3") ADD("r6", "r7") ADD("r4", "r5") ADD("r8", "r9")                   \
    ADD("r10", "r11") ADD("r14", "r15") ADD("r12", "r13") ADD("r16", "r17")

#if defined(SPIKEC_WEIGHTS_IN_RAM)

/* The same with the weight that another row has there, at Y. */
#define ADD_BOTH(low, high)                                                                                            \
    "ld r0, Z+\n\t"                                                                                                    \
    "ld r18, Y+\n\t"                                                                                                   \
    "add r0, r18\n\t"                                                                                                  \
    "add " low ", r0\n\t"                                                                                              \
    "adc " high ", r1\n\t"

#define TWO_ROWS                                                                                                       \
    SPIKEC_AVR_TAKE(AT_LOW, AT_HIGH)                                                                                   \
    "ld r28, X+\n\t"                                                                                                   \
    "ld r29, X+\n\t"                                                                                                   \
    "add r28, " AT_LOW "\n\t"                                                                                          \
    "adc r29, " AT_HIGH "\n\t" ADD_BOTH("r2", "r3") ADD_BOTH("r6", "r7") ADD_BOTH("r4", "r5") ADD_BOTH("r8", "r9")     \
    ADD_BOTH("r10", "r11") ADD_BOTH("r14", "r15") ADD_BOTH("r12", "r13") ADD_BOTH("r16", "r17")

#else

#define KEEP(kept) "lpm " kept ", Z+\n\t"

/* The same with the weight that another row has there. */
#define ADD_KEPT(low, high, kept)                                                                                      \
    "lpm r0, Z+\n\t"                                                                                                   \
    "add r0, " kept "\n\t"                                                                                             \
    "add " low ", r0\n\t"                                                                                              \
    "adc " high ", r1\n\t"

/* There are seven registers for the first row's weights; the eighth is added at once. */
#define TWO_ROWS                                                                                                       \
    SPIKEC_AVR_TAKE(AT_LOW, AT_HIGH) KEEP("r18") KEEP("r19") KEEP("r20") KEEP("r21") KEEP("r22") KEEP("r23")           \
    KEEP("r24") ADD("r16", "r17") SPIKEC_AVR_TAKE(AT_LOW, AT_HIGH) ADD_KEPT("r2", "r3", "r18")                         \
    ADD_KEPT("r6", "r7", "r19") ADD_KEPT("r4", "r5", "r20") ADD_KEPT("r8", "r9", "r21")                                \
    ADD_KEPT("r10", "r11", "r22") ADD_KEPT("r14", "r15", "r23") ADD_KEPT("r12", "r13", "r24") ADD("r16", "r17")

#endif

SPIKEC_AVR_ROUTINE(spikec_avr_u7, BEGIN TWO_ROWS END);
SPIKEC_AVR_ROUTINE(spikec_avr_u8, BEGIN ROW END);

extern spikec_avr_routine_t spikec_avr_u7, spikec_avr_u8;

static const spikec_avr_format_t u7 = {spikec_avr_u7, 8, 8, 254, 1, OFFSET_U7};
static const spikec_avr_format_t u8 = {spikec_avr_u8, 8, 8, 254, 0, OFFSET_U8};

SPIKEC_AVR_ANY(u7)
SPIKEC_AVR_ANY(u8)

SPIKEC_AVR_INLINE void integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    if (offset == OFFSET_U7) {
        spikec_avr_i16(&u7, u7_any, start, membrane, padded, rows, count);
    } else {
        spikec_avr_i16(&u8, u8_any, start, membrane, padded, rows, count);
    }
}

SPIKEC_AVR_INLINE void integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    spikec_avr_i32(offset == OFFSET_U7 ? &u7 : &u8, start, membrane, padded, rows, count);
}

#endif
