/*
 * spikec_narrow_avr.h: rows of narrow weights on AVR, bit-equal to spikec_narrow_portable.h. A part of
 * spikec_integrate_narrow.c.
 *
 * Sixteen neurons at a time, whose sums are bytes in registers, for up to sixteen rows (p2: 112). Halves and quarters of
 * bytes are not unpacked row by row: the sum S of whole bytes, modulo 256, and the sum H of high parts are; the sum of
 * the low parts is S - 16 H (p2: S - 4 H), which fits a byte.
 */
#ifndef SPIKEC_NARROW_AVR_H
#define SPIKEC_NARROW_AVR_H

#include "spikec_avr.h"

/* ---- u4 and p4: r18: rows left of these up to sixteen; r19: rows left; r20: membrane; r22: start; r25: excess ---- */

#define BEGIN                                                                                                          \
    "ldd r19, Z+1\n\t"                                                                                                 \
    "ldd r26, Z+2\n\t"                                                                                                 \
    "ldd r27, Z+3\n\t"                                                                                                 \
    "ldd r22, Z+4\n\t"                                                                                                 \
    "ldd r23, Z+5\n\t"                                                                                                 \
    "ldd r20, Z+6\n\t"                                                                                                 \
    "ldd r21, Z+7\n"                                                                                                   \
    "2:\n\t"                                                                                                           \
    "mov r18, r19\n\t"                                                                                                 \
    "cpi r18, 17\n\t"                                                                                                  \
    "brlo 3f\n\t"                                                                                                      \
    "ldi r18, 16\n"                                                                                                    \
    "3:\n\t"                                                                                                           \
    "sub r19, r18\n\t"                                                                                                 \
    "mov r25, r18\n\t"                                                                                                 \
    "lsl r25\n\t"                                                                                                      \
    "lsl r25\n\t"                                                                                                      \
    "lsl r25\n\t"                                                                                                      \
    ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n\t"                                               \
    "clr r\\n\n\t"                                                                                                     \
    ".endr\n\t"                                                                                                        \
    "ldi r24, 15\n\t"                                                                                                  \
    "mov r1, r24\n"                                                                                                    \
    "1:\n\t" SPIKEC_AVR_TAKE

#define AGAIN                                                                                                          \
    "dec r18\n\t"                                                                                                      \
    "brne 1b\n\t"

/* Membranes from X on plus the sums in these registers, less r25, from Z on; r18 is zero. */
#define WIDEN(sums)                                                                                                    \
    ".irp n, " sums "\n\t"                                                                                             \
    "ld r20, X+\n\t"                                                                                                   \
    "ld r21, X+\n\t"                                                                                                   \
    "sub r20, r25\n\t"                                                                                                 \
    "sbc r21, r18\n\t"                                                                                                 \
    "add r20, r\\n\n\t"                                                                                                \
    "adc r21, r18\n\t"                                                                                                 \
    "st Z+, r20\n\t"                                                                                                   \
    "st Z+, r21\n\t"                                                                                                   \
    ".endr\n\t"

#define END                                                                                                            \
    "movw r0, r26\n\t"                                                                                                 \
    "movw r26, r22\n\t"                                                                                                \
    "movw r30, r20\n\t" WIDEN("2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17")                                \
    "sbiw r30, 32\n\t"                                                                                                 \
    "movw r20, r30\n\t"                                                                                                \
    "movw r22, r30\n\t"                                                                                                \
    "movw r26, r0\n\t"                                                                                                 \
    "tst r19\n\t"                                                                                                      \
    "breq 4f\n\t"                                                                                                      \
    "rjmp 2b\n"                                                                                                        \
    "4:\n\t"                                                                                                           \
    "clr r1\n\t"                                                                                                       \
    SPIKEC_AVR_FRAME FORWARD

/* Start and membrane, in the frame, sixteen further. */
#define FORWARD                                                                                                        \
    "ldd r24, Z+4\n\t"                                                                                                 \
    "ldd r25, Z+5\n\t"                                                                                                 \
    "adiw r24, 32\n\t"                                                                                                 \
    "std Z+4, r24\n\t"                                                                                                 \
    "std Z+5, r25\n\t"                                                                                                 \
    "ldd r24, Z+6\n\t"                                                                                                 \
    "ldd r25, Z+7\n\t"                                                                                                 \
    "adiw r24, 32\n\t"                                                                                                 \
    "std Z+6, r24\n\t"                                                                                                 \
    "std Z+7, r25\n\t"

/* Neurons 0, 2, 1, 3 of each four. */
#define EACH_U4                                                                                                        \
    ".irp n, 2, 4, 3, 5, 6, 8, 7, 9, 10, 12, 11, 13, 14, 16, 15, 17\n\t"                                               \
    "lpm r0, Z+\n\t"                                                                                                   \
    "add r\\n, r0\n\t"                                                                                                 \
    ".endr\n\t"

/* Neurons 0 and 4, 2 and 6, and so on: S and H. */
#define P4(low, high)                                                                                                  \
    "lpm r0, Z+\n\t"                                                                                                   \
    "add " low ", r0\n\t"                                                                                              \
    "swap r0\n\t"                                                                                                      \
    "and r0, r1\n\t"                                                                                                   \
    "add " high ", r0\n\t"

#define APART(low, high)                                                                                               \
    "mov r24, " high "\n\t"                                                                                            \
    "swap r24\n\t"                                                                                                     \
    "andi r24, 0xf0\n\t"                                                                                               \
    "sub " low ", r24\n\t"

#define EACH_P4(DO)                                                                                                    \
    DO("r2", "r6") DO("r4", "r8") DO("r3", "r7") DO("r5", "r9")                                                        \
    DO("r10", "r14") DO("r12", "r16") DO("r11", "r15") DO("r13", "r17")

SPIKEC_AVR_ROUTINE("spikec_avr_u4", 16, BEGIN EACH_U4 AGAIN END);
SPIKEC_AVR_ROUTINE("spikec_avr_p4", 8, BEGIN EACH_P4(P4) AGAIN EACH_P4(APART) END);

/* ---- p2: sums in r1 to r16; up to seven rows are summed in pairs of nibbles first, S in r18 to r21, H in r22 to r25; rows
 * left are on the stack ---- */

/* A byte: neurons 0, 4, 8, 12, or 2, 6, 10, 14, and so on; H has the second and the fourth. */
#define P2(s, h)                                                                                                       \
    "lpm r17, Z+\n\t"                                                                                                  \
    "add " s ", r17\n\t"                                                                                               \
    "lsr r17\n\t"                                                                                                      \
    "lsr r17\n\t"                                                                                                      \
    "andi r17, 0x33\n\t"                                                                                               \
    "add " h ", r17\n\t"

#define HALVES(both, low, high)                                                                                        \
    "mov r17, " both "\n\t"                                                                                            \
    "andi r17, 15\n\t"                                                                                                 \
    "add " low ", r17\n\t"                                                                                             \
    "swap " both "\n\t"                                                                                                \
    "andi " both ", 15\n\t"                                                                                            \
    "add " high ", " both "\n\t"

#define QUARTERS(s, h, a, b, c, d)                                                                                     \
    "mov r17, " h "\n\t"                                                                                               \
    "lsl r17\n\t"                                                                                                      \
    "lsl r17\n\t"                                                                                                      \
    "sub " s ", r17\n\t" HALVES(s, a, c) HALVES(h, b, d)

#define BLOCK_P2                                                                                                       \
    "ldd r17, Z+1\n\t"                                                                                                 \
    "push r17\n\t"                                                                                                     \
    "ldd r26, Z+2\n\t"                                                                                                 \
    "ldd r27, Z+3\n\t"                                                                                                 \
    ".irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16\n\t"                                                \
    "clr r\\n\n\t"                                                                                                     \
    ".endr\n"                                                                                                          \
    "2:\n\t"                                                                                                           \
    "pop r17\n\t"                                                                                                      \
    "tst r17\n\t"                                                                                                      \
    "brne 3f\n\t"                                                                                                      \
    "rjmp 4f\n"                                                                                                        \
    "3:\n\t"                                                                                                           \
    "ldi r18, 7\n\t"                                                                                                   \
    "cp r17, r18\n\t"                                                                                                  \
    "brsh 5f\n\t"                                                                                                      \
    "mov r18, r17\n"                                                                                                   \
    "5:\n\t"                                                                                                           \
    "sub r17, r18\n\t"                                                                                                 \
    "push r17\n\t"                                                                                                     \
    "mov r0, r18\n\t"                                                                                                  \
    ".irp n, 18, 19, 20, 21, 22, 23, 24, 25\n\t"                                                                       \
    "clr r\\n\n\t"                                                                                                     \
    ".endr\n"                                                                                                          \
    "1:\n\t" SPIKEC_AVR_TAKE P2("r18", "r22") P2("r19", "r23") P2("r20", "r24") P2("r21", "r25")                       \
    "dec r0\n\t"                                                                                                       \
    "brne 1b\n\t"                                                                                                      \
    QUARTERS("r18", "r22", "r1", "r5", "r9", "r13")                                                                    \
    QUARTERS("r19", "r23", "r3", "r7", "r11", "r15")                                                                   \
    QUARTERS("r20", "r24", "r2", "r6", "r10", "r14")                                                                   \
    QUARTERS("r21", "r25", "r4", "r8", "r12", "r16")                                                                   \
    "rjmp 2b\n"                                                                                                        \
    "4:\n\t"                                                                                                           \
    SPIKEC_AVR_FRAME                                                                                                   \
    "ldd r25, Z+1\n\t"                                                                                                 \
    "ldd r26, Z+4\n\t"                                                                                                 \
    "ldd r27, Z+5\n\t"                                                                                                 \
    "ldd r0, Z+6\n\t"                                                                                                  \
    "ldd r31, Z+7\n\t"                                                                                                 \
    "mov r30, r0\n\t"                                                                                                  \
    "clr r18\n\t"                                                                                                      \
    WIDEN("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16")                                                     \
    "clr r1\n\t"                                                                                                       \
    SPIKEC_AVR_FRAME FORWARD

SPIKEC_AVR_ROUTINE("spikec_avr_p2", 4, BLOCK_P2);

extern spikec_avr_routine_t spikec_avr_u4, spikec_avr_p4, spikec_avr_p2;

static const spikec_avr_format_t u4 = {spikec_avr_u4, 16, 16, 240, 0, 0};
static const spikec_avr_format_t p4 = {spikec_avr_p4, 16, 8, 240, 0, 0};
static const spikec_avr_format_t p2 = {spikec_avr_p2, 16, 4, 112, 0, 0};

/* The routines know their offsets. */
#define OWN(name, width, MEMBRANE)                                                                                     \
    void spikec_integrate_##name##_##width(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded,                 \
                                           const uint8_t **rows, uint32_t count)                                       \
    {                                                                                                                  \
        spikec_avr_##width(&name, start, membrane, padded, rows, SPIKEC_ROWS(count));                                  \
    }

OWN(u4, i16, int16_t)
OWN(u4, i32, int32_t)
OWN(p4, i16, int16_t)
OWN(p4, i32, int32_t)
OWN(p2, i16, int16_t)
OWN(p2, i32, int32_t)

#endif
