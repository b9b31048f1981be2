/*
 * spikec_narrow_avr.h: rows of narrow weights on AVR, bit-equal to spikec_narrow_portable.h. A part of
 * spikec_integrate_narrow.c.
 *
 * Sixteen or twenty-four neurons at a time, whose sums are bytes in registers, for up to seventeen rows (p2: 112). Halves
 * of bytes (p4) are not unpacked row by row: with L and H the sums of the low and of the high halves, bytes have the sum
 * S = L + 16 H, and bytes with their halves swapped W = H + 16 L, both modulo 256. So L = S - 16 W and H = W - 16 S, modulo
 * 256, and that is what they are: seventeen weights of at most 15 have 255.
 */
#ifndef SPIKEC_NARROW_AVR_H
#define SPIKEC_NARROW_AVR_H

#include "spikec_avr.h"

/* Membranes from X on plus the sums in these registers, less `excess`, from Z on. */
#define WIDEN(sums, excess, zero, low, high)                                                                           \
    ".irp n, " sums "\n\t"                                                                                             \
    "ld " low ", X+\n\t"                                                                                               \
    "ld " high ", X+\n\t"                                                                                              \
    "sub " low ", " excess "\n\t"                                                                                      \
    "sbc " high ", " zero "\n\t"                                                                                       \
    "add " low ", r\\n\n\t"                                                                                            \
    "adc " high ", " zero "\n\t"                                                                                       \
    "st Z+, " low "\n\t"                                                                                               \
    "st Z+, " high "\n\t"                                                                                              \
    ".endr\n\t"

#define SIXTEEN "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17"
#define TWENTY_FOUR SIXTEEN ", 18, 19, 20, 21, 22, 23, 24, 25"

#define CLEAR(sums)                                                                                                    \
    ".irp n, " sums "\n\t"                                                                                             \
    "clr r\\n\n\t"                                                                                                     \
    ".endr\n\t"

/*
 * ---- Sixteen neurons of u4 or p4: sums in r2 to r17; r18: rows left of these up to seventeen; r19: rows left behind them;
 * r22: at; r25: what is too much in a sum; Y: the frame; the flag T: these are the block's first rows ----
 */

#define BEGIN                                                                                                          \
    "ldd r19, Y+1\n\t"                                                                                                 \
    "ldd r26, Y+2\n\t"                                                                                                 \
    "ldd r27, Y+3\n\t"                                                                                                 \
    "set\n"                                                                                                            \
    "2:\n\t"                                                                                                           \
    "mov r18, r19\n\t"                                                                                                 \
    "cpi r18, 18\n\t"                                                                                                  \
    "brlo 3f\n\t"                                                                                                      \
    "ldi r18, 17\n"                                                                                                    \
    "3:\n\t"                                                                                                           \
    "sub r19, r18\n\t"                                                                                                 \
    "mov r25, r18\n\t"                                                                                                 \
    "lsl r25\n\t"                                                                                                      \
    "lsl r25\n\t"                                                                                                      \
    "lsl r25\n\t"                                                                                                      \
    CLEAR(SIXTEEN)                                                                                                     \
    "1:\n\t" SPIKEC_AVR_TAKE("r22", "r23")

#define AGAIN(count)                                                                                                   \
    "dec " count "\n\t"                                                                                                \
    "brne 1b\n\t"

/* Behind the first rows, membranes begin at `start`, and later at themselves. */
#define END(step)                                                                                                      \
    "movw r20, r26\n\t"                                                                                                \
    "ldd r30, Y+6\n\t"                                                                                                 \
    "ldd r31, Y+7\n\t"                                                                                                 \
    "movw r26, r30\n\t"                                                                                                \
    "brtc 4f\n\t"                                                                                                      \
    "ldd r26, Y+4\n\t"                                                                                                 \
    "ldd r27, Y+5\n"                                                                                                   \
    "4:\n\t" WIDEN(SIXTEEN, "r25", "r18", "r0", "r1")                                                                  \
    "brtc 5f\n\t"                                                                                                      \
    "std Y+4, r26\n\t"                                                                                                 \
    "std Y+5, r27\n"                                                                                                   \
    "5:\n\t"                                                                                                           \
    "movw r26, r20\n\t"                                                                                                \
    "clt\n\t"                                                                                                          \
    "tst r19\n\t"                                                                                                      \
    "breq 6f\n\t"                                                                                                      \
    "rjmp 2b\n"                                                                                                        \
    "6:\n\t"                                                                                                           \
    "std Y+6, r30\n\t"                                                                                                 \
    "std Y+7, r31\n\t"                                                                                                 \
    "subi r22, -" #step "\n\t"                                                                                         \
    "sbci r23, -1\n\t"

/* Neurons 0, 2, 1, 3 of each four. */
#define EACH_U4                                                                                                        \
    ".irp n, 2, 4, 3, 5, 6, 8, 7, 9, 10, 12, 11, 13, 14, 16, 15, 17\n\t"                                               \
    SPIKEC_AVR_LOAD "r0, Z+\n\t"                                                                                       \
    "add r\\n, r0\n\t"                                                                                                 \
    ".endr\n\t"

SPIKEC_AVR_ROUTINE(spikec_avr_u4,                                                                                      \
    "movw r22, r18\n\t" SPIKEC_AVR_FRAME("r28", "r29")                                                                 \
    "7:\n\t" BEGIN EACH_U4 AGAIN("r18") END(16)                                                                        \
    SPIKEC_AVR_NEXT_BLOCK("Y", "r22", "r23")                                                                           \
    "clr r1\n\t");

/* ---- p4 ---- */

/* Neurons 0 and 4, 2 and 6, and so on: S and W. */
#define P4(low, high)                                                                                                  \
    SPIKEC_AVR_LOAD "r0, Z+\n\t"                                                                                       \
    "add " low ", r0\n\t"                                                                                              \
    "swap r0\n\t"                                                                                                      \
    "add " high ", r0\n\t"

/* L from S and W, then H from W and L, which has the same low half as S; r30 is 16. */
#define APART(low, high)                                                                                               \
    "mul " high ", r30\n\t"                                                                                            \
    "sub " low ", r0\n\t"                                                                                              \
    "mul " low ", r30\n\t"                                                                                             \
    "sub " high ", r0\n\t"

#define EACH_P4(DO)                                                                                                    \
    DO("r2", "r6") DO("r4", "r8") DO("r3", "r7") DO("r5", "r9")                                                        \
    DO("r10", "r14") DO("r12", "r16") DO("r11", "r15") DO("r13", "r17")
#define EACH_P4_24(DO)                                                                                                 \
    EACH_P4(DO) DO("r18", "r22") DO("r20", "r24") DO("r19", "r23") DO("r21", "r25")

/*
 * Twenty-four neurons: sums in r2 to r25; r1: rows left of these up to seventeen; Y: at. In the frame, 10: rows left behind
 * them, 11: what is too much in a sum, 14: where we are in the list.
 */
#define BLOCK_24                                                                                                       \
    "ldd r1, Y+1\n\t"                                                                                                  \
    "ldd r26, Y+2\n\t"                                                                                                 \
    "ldd r27, Y+3\n\t"                                                                                                 \
    "set\n"                                                                                                            \
    "2:\n\t"                                                                                                           \
    "ldi r24, 17\n\t"                                                                                                  \
    "cp r1, r24\n\t"                                                                                                   \
    "mov r0, r1\n\t"                                                                                                   \
    "brlo 3f\n\t"                                                                                                      \
    "mov r0, r24\n"                                                                                                    \
    "3:\n\t"                                                                                                           \
    "sub r1, r0\n\t"                                                                                                   \
    "std Y+10, r1\n\t"                                                                                                 \
    "mov r1, r0\n\t"                                                                                                   \
    "lsl r0\n\t"                                                                                                       \
    "lsl r0\n\t"                                                                                                       \
    "lsl r0\n\t"                                                                                                       \
    "std Y+11, r0\n\t"                                                                                                 \
    "movw r28, r22\n\t"                                                                                                \
    CLEAR(TWENTY_FOUR)                                                                                                 \
    "1:\n\t" SPIKEC_AVR_TAKE("r28", "r29") EACH_P4_24(P4) AGAIN("r1")                                                  \
    "ldi r30, 16\n\t" EACH_P4_24(APART)                                                                                \
    SPIKEC_AVR_FRAME("r30", "r31")                                                                                     \
    "std Z+14, r26\n\t"                                                                                                \
    "std Z+15, r27\n\t"                                                                                                \
    "ldd r26, Z+6\n\t"                                                                                                 \
    "ldd r27, Z+7\n\t"                                                                                                 \
    "brtc 4f\n\t"                                                                                                      \
    "ldd r26, Z+4\n\t"                                                                                                 \
    "ldd r27, Z+5\n"                                                                                                   \
    "4:\n\t"                                                                                                           \
    "ldd r28, Z+11\n\t"                                                                                                \
    "ldd r0, Z+6\n\t"                                                                                                  \
    "ldd r31, Z+7\n\t"                                                                                                 \
    "mov r30, r0\n\t"                                                                                                  \
    "clr r29\n\t"                                                                                                      \
    WIDEN(TWENTY_FOUR, "r28", "r29", "r0", "r1")                                                                       \
    SPIKEC_AVR_FRAME("r28", "r29")                                                                                     \
    "ldd r22, Y+12\n\t"                                                                                                \
    "ldd r23, Y+13\n\t"                                                                                                \
    "ldd r1, Y+10\n\t"                                                                                                 \
    "brtc 5f\n\t"                                                                                                      \
    "std Y+4, r26\n\t"                                                                                                 \
    "std Y+5, r27\n"                                                                                                   \
    "5:\n\t"                                                                                                           \
    "ldd r26, Y+14\n\t"                                                                                                \
    "ldd r27, Y+15\n\t"                                                                                                \
    "clt\n\t"                                                                                                          \
    "tst r1\n\t"                                                                                                       \
    "breq 6f\n\t"                                                                                                      \
    "rjmp 2b\n"                                                                                                        \
    "6:\n\t"                                                                                                           \
    "std Y+6, r30\n\t"                                                                                                 \
    "std Y+7, r31\n\t"                                                                                                 \
    "subi r22, -12\n\t"                                                                                                \
    "sbci r23, -1\n\t"

/* Blocks of twenty-four come in pairs, so that what is left are whole sixteens. */
SPIKEC_AVR_ROUTINE(spikec_avr_p4,                                                                                      \
    "movw r22, r18\n\t" SPIKEC_AVR_FRAME("r28", "r29")                                                                 \
    "7:\n\t"                                                                                                           \
    "std Y+12, r22\n\t"                                                                                                \
    "std Y+13, r23\n\t"                                                                                                \
    "ldd r20, Y+8\n\t"                                                                                                 \
    "ldd r21, Y+9\n\t"                                                                                                 \
    "sub r20, r22\n\t"                                                                                                 \
    "sbc r21, r23\n\t"                                                                                                 \
    "sbrc r20, 2\n\t"                                                                                                  \
    "rjmp 3f\n\t"                                                                                                      \
    "ldi r24, 0\n\t"                                                                                                   \
    "cpi r20, 24\n\t"                                                                                                  \
    "cpc r21, r24\n\t"                                                                                                 \
    "brsh 3f\n\t"                                                                                                      \
    "rjmp 10f\n"                                                                                                       \
    "3:\n\t" BLOCK_24                                                                                                  \
    "rjmp 11f\n"                                                                                                       \
    "10:\n\t" BEGIN EACH_P4(P4) AGAIN("r18") "ldi r30, 16\n\t" EACH_P4(APART) END(8)                                   \
    "11:\n\t" SPIKEC_AVR_NEXT_BLOCK("Y", "r22", "r23")                                                                 \
    "clr r1\n\t");

/* ---- p2: sums in r1 to r16; up to seven rows are summed in pairs of nibbles first, S in r18 to r21, H in r22 to r25; rows
 * left are on the stack ---- */

/* A byte: neurons 0, 4, 8, 12, or 2, 6, 10, 14, and so on; H has the second and the fourth. */
#define P2(s, h)                                                                                                       \
    SPIKEC_AVR_LOAD "r17, Z+\n\t"                                                                                      \
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

#define BLOCK_P2                                                                                                       \
    "movw r28, r18\n"                                                                                                  \
    "7:\n\t" SPIKEC_AVR_FRAME("r30", "r31")                                                                            \
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
    "1:\n\t" SPIKEC_AVR_TAKE("r28", "r29") P2("r18", "r22") P2("r19", "r23") P2("r20", "r24") P2("r21", "r25")         \
    "dec r0\n\t"                                                                                                       \
    "brne 1b\n\t"                                                                                                      \
    QUARTERS("r18", "r22", "r1", "r5", "r9", "r13")                                                                    \
    QUARTERS("r19", "r23", "r3", "r7", "r11", "r15")                                                                   \
    QUARTERS("r20", "r24", "r2", "r6", "r10", "r14")                                                                   \
    QUARTERS("r21", "r25", "r4", "r8", "r12", "r16")                                                                   \
    "rjmp 2b\n"                                                                                                        \
    "4:\n\t" SPIKEC_AVR_FRAME("r30", "r31")                                                                            \
    "ldd r25, Z+1\n\t"                                                                                                 \
    "ldd r26, Z+4\n\t"                                                                                                 \
    "ldd r27, Z+5\n\t"                                                                                                 \
    "ldd r0, Z+6\n\t"                                                                                                  \
    "ldd r31, Z+7\n\t"                                                                                                 \
    "mov r30, r0\n\t"                                                                                                  \
    "clr r18\n\t"                                                                                                      \
    WIDEN("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16", "r25", "r18", "r20", "r21")                         \
    "clr r1\n\t"                                                                                                       \
    SPIKEC_AVR_FRAME("r30", "r31") FORWARD                                                                             \
    "adiw r28, 4\n\t" SPIKEC_AVR_NEXT_BLOCK("Z", "r28", "r29")

SPIKEC_AVR_ROUTINE(spikec_avr_p2, BLOCK_P2);

extern spikec_avr_routine_t spikec_avr_u4, spikec_avr_p4, spikec_avr_p2;

static const spikec_avr_format_t u4 = {spikec_avr_u4, 16, 16, 238, 0, 0};
static const spikec_avr_format_t p4 = {spikec_avr_p4, 16, 8, 238, 0, 0};
static const spikec_avr_format_t p2 = {spikec_avr_p2, 16, 4, 112, 0, 0};

SPIKEC_AVR_ANY(u4)
SPIKEC_AVR_ANY(p4)
SPIKEC_AVR_ANY(p2)

/* The routines know their offsets, and take odd numbers of rows, too. */
#define OWN(name)                                                                                                      \
    void spikec_integrate_##name##_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows, \
                                       uint32_t count)                                                                 \
    {                                                                                                                  \
        spikec_avr_i16(&name, name##_any, start, membrane, padded, rows, count);                                       \
    }                                                                                                                  \
                                                                                                                       \
    void spikec_integrate_##name##_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows, \
                                       uint32_t count)                                                                 \
    {                                                                                                                  \
        spikec_avr_i32(&name, start, membrane, padded, rows, count);                                                   \
    }

OWN(u4)
OWN(p4)
OWN(p2)

#endif
