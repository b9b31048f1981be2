/*
 * spikec_narrow_dsp.h: rows of narrow weights for Arm cores with the DSP extension (Cortex-M4, M7, M33), bit-equal to
 * spikec_narrow_portable.h. A part of spikec_integrate_narrow.c.
 *
 * Sixteen neurons and four rows a turn: r0 to r3 are places in the rows, r12 in the sums, r8 to r11 sums in bytes.
 */
#ifndef SPIKEC_NARROW_DSP_H
#define SPIKEC_NARROW_DSP_H

#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_routine.h"

#define TILE 256u

#define LOAD_SUMS "ldm r12, {r8-r11}\n\t"
#define STORE_SUMS "stm r12!, {r8-r11}\n\t"

/* Bytes: words are added as they are. */
#define ROW_U4(row)                                                                                                    \
    "ldm " row "!, {r4-r7}\n\t"                                                                                        \
    "add r8, r8, r4\n\t"                                                                                               \
    "add r9, r9, r5\n\t"                                                                                               \
    "add r10, r10, r6\n\t"                                                                                             \
    "add r11, r11, r7\n\t"
#define FIRST_U4 "ldm r0!, {r8-r11}\n\t"
#define FOUR_FIRST_U4 FIRST_U4 ROW_U4("r1") ROW_U4("r2") ROW_U4("r3") STORE_SUMS
#define TWO_FIRST_U4 FIRST_U4 ROW_U4("r1") STORE_SUMS
#define FOUR_U4 LOAD_SUMS ROW_U4("r0") ROW_U4("r1") ROW_U4("r2") ROW_U4("r3") STORE_SUMS
#define TWO_U4 LOAD_SUMS ROW_U4("r0") ROW_U4("r1") STORE_SUMS

/* Halves of bytes: r7 is the mask of the low ones. */
#define WORD_P4(word, low, high)                                                                                       \
    "and r6, r7, " word "\n\t"                                                                                         \
    "add " low ", " low ", r6\n\t"                                                                                     \
    "and r6, r7, " word ", lsr #4\n\t"                                                                                 \
    "add " high ", " high ", r6\n\t"
#define ROW_P4(row) "ldrd r4, r5, [" row "], #8\n\t" WORD_P4("r4", "r8", "r9") WORD_P4("r5", "r10", "r11")
#define FIRST_P4                                                                                                       \
    "ldrd r4, r5, [r0], #8\n\t"                                                                                        \
    "and r8, r7, r4\n\t"                                                                                               \
    "and r9, r7, r4, lsr #4\n\t"                                                                                       \
    "and r10, r7, r5\n\t"                                                                                              \
    "and r11, r7, r5, lsr #4\n\t"
#define MASK_P4 "mov r7, #0x0F0F0F0F\n\t"
#define FOUR_FIRST_P4 FIRST_P4 ROW_P4("r1") ROW_P4("r2") ROW_P4("r3") STORE_SUMS
#define TWO_FIRST_P4 FIRST_P4 ROW_P4("r1") STORE_SUMS
#define FOUR_P4 LOAD_SUMS ROW_P4("r0") ROW_P4("r1") ROW_P4("r2") ROW_P4("r3") STORE_SUMS
#define TWO_P4 LOAD_SUMS ROW_P4("r0") ROW_P4("r1") STORE_SUMS

/* Quarters of bytes: up to seven rows have sums below 16, so four rows are summed in halves of bytes first: r4 has
 * quarters 0 and 2, r5 quarters 1 and 3. */
#define BEGIN_P2                                                                                                       \
    "ldr r6, [r0], #4\n\t"                                                                                          \
    "and r4, r6, #0x33333333\n\t"                                                                                      \
    "lsr r6, r6, #2\n\t"                                                                                               \
    "and r5, r6, #0x33333333\n\t"
#define NEXT_P2(row)                                                                                                   \
    "ldr r6, [" row "], #4\n\t"                                                                                        \
    "and r7, r6, #0x33333333\n\t"                                                                                      \
    "add r4, r4, r7\n\t"                                                                                               \
    "lsr r6, r6, #2\n\t"                                                                                               \
    "and r7, r6, #0x33333333\n\t"                                                                                      \
    "add r5, r5, r7\n\t"
#define PUT_P2(halves, low, high)                                                                                      \
    "and " low ", " halves ", #0x0F0F0F0F\n\t"                                                                         \
    "bic " halves ", " halves ", #0x0F0F0F0F\n\t"                                                                      \
    "lsr " high ", " halves ", #4\n\t"
#define HALVES_P2(halves, low, high)                                                                                   \
    "and r6, " halves ", #0x0F0F0F0F\n\t"                                                                              \
    "add " low ", " low ", r6\n\t"                                                                                     \
    "bic " halves ", " halves ", #0x0F0F0F0F\n\t"                                                                      \
    "add " high ", " high ", " halves ", lsr #4\n\t"
#define ADD_P2 LOAD_SUMS HALVES_P2("r4", "r8", "r10") HALVES_P2("r5", "r9", "r11") STORE_SUMS
#define PUT_ALL_P2 PUT_P2("r4", "r8", "r10") PUT_P2("r5", "r9", "r11") STORE_SUMS
#define FOUR_FIRST_P2 BEGIN_P2 NEXT_P2("r1") NEXT_P2("r2") NEXT_P2("r3") PUT_ALL_P2
#define TWO_FIRST_P2 BEGIN_P2 NEXT_P2("r1") PUT_ALL_P2
#define FOUR_P2 BEGIN_P2 NEXT_P2("r1") NEXT_P2("r2") NEXT_P2("r3") ADD_P2
#define TWO_P2 BEGIN_P2 NEXT_P2("r1") ADD_P2

/* All sums, 32 neurons a turn, for which the loop is entered in the middle if there are sixteen more. */
#define OVER_SUMS(SIXTEEN)                                                                                             \
    "ldrd r12, lr, [sp]\n\t" /* sums, neurons */                                                                       \
    "tst lr, #16\n\t"                                                                                                  \
    "add lr, r12, lr\n\t"                                                                                              \
    "bne 3f\n"                                                                                                         \
    "2:\n\t" SIXTEEN "3:\n\t" SIXTEEN                                                                                 \
    "cmp r12, lr\n\t"                                                                                                  \
    "bne 2b\n\t"

/* bytes[n]: the sum of the weights from `at` bytes on of every row, for `size` neurons; the rows are pairs. */
void spikec_rows_u4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_rows_p4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_rows_p2(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);

SPIKEC_ROUTINE("spikec_rows_u4", SPIKEC_FIRST(OVER_SUMS(FOUR_FIRST_U4), OVER_SUMS(TWO_FIRST_U4)), OVER_SUMS(FOUR_U4),
               OVER_SUMS(TWO_U4));
SPIKEC_ROUTINE("spikec_rows_p4", MASK_P4 SPIKEC_FIRST(OVER_SUMS(FOUR_FIRST_P4), OVER_SUMS(TWO_FIRST_P4)),
               OVER_SUMS(FOUR_P4), OVER_SUMS(TWO_P4));
SPIKEC_ROUTINE("spikec_rows_p2", SPIKEC_FIRST(OVER_SUMS(FOUR_FIRST_P2), OVER_SUMS(TWO_FIRST_P2)), OVER_SUMS(FOUR_P2),
               OVER_SUMS(TWO_P2));

/* Membranes less what the offsets of all rows will add too much. */
static inline void begin_i16(const int16_t *start, int16_t *membrane, uint32_t size, uint32_t excess)
{
    spikec_less_i16(start, membrane, size, excess);
}

static inline void begin_i32(const int32_t *start, int32_t *membrane, uint32_t size, uint32_t excess)
{
    for (const int32_t *end = start + size; start < end;) {
        __asm__ volatile("ldm %0!, {r4, r5, r6, r8}\n\t"
                         "sub r4, r4, %2\n\t"
                         "sub r5, r5, %2\n\t"
                         "sub r6, r6, %2\n\t"
                         "sub r8, r8, %2\n\t"
                         "stm %1!, {r4, r5, r6, r8}"
                         : "+r"(start), "+r"(membrane)
                         : "r"(excess)
                         : "r4", "r5", "r6", "r8", "memory");
    }
}

#define WIDEN_EIGHT                                                                                                    \
    "ldm %1!, {r2, r3}\n\t"                                                                                            \
    "ldm %0, {r4, r5, r6, r8}\n\t"                                                                                     \
    "uxtab16 r4, r4, r2\n\t"                                                                                           \
    "uxtab16 r5, r5, r2, ror #8\n\t"                                                                                   \
    "uxtab16 r6, r6, r3\n\t"                                                                                           \
    "uxtab16 r8, r8, r3, ror #8\n\t"                                                                                   \
    "stm %0!, {r4, r5, r6, r8}\n\t"

static inline void widen_i16(int16_t *membrane, const uint32_t *bytes, uint32_t size)
{
    for (const int16_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(WIDEN_EIGHT WIDEN_EIGHT
                         : "+r"(membrane), "+r"(bytes)
                         :
                         : "r2", "r3", "r4", "r5", "r6", "r8", "memory");
    }
}

#define WIDEN_FOUR                                                                                                     \
    "ldr r2, [%1], #4\n\t"                                                                                             \
    "ldm %0, {r4, r5, r6, r8}\n\t"                                                                                     \
    "uxtab r4, r4, r2\n\t"                                                                                             \
    "uxtab r5, r5, r2, ror #16\n\t"                                                                                    \
    "uxtab r6, r6, r2, ror #8\n\t"                                                                                     \
    "uxtab r8, r8, r2, ror #24\n\t"                                                                                    \
    "stm %0!, {r4, r5, r6, r8}\n\t"

static inline void widen_i32(int32_t *membrane, const uint32_t *bytes, uint32_t size)
{
    for (const int32_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR
                         : "+r"(membrane), "+r"(bytes)
                         :
                         : "r2", "r4", "r5", "r6", "r8", "memory");
    }
}

#endif
