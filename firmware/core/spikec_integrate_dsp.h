/*
 * spikec_integrate_dsp.h: four rows, or two, at a time for Arm cores with the DSP extension (Cortex-M4, M7, M33). A part of
 * spikec_integrate.c, bit-equal to spikec_integrate_portable.h.
 *
 * UXTAB16 widens two bytes of a word and adds them to two 16-bit lanes: bytes 0 and 2, and after a rotation by eight bytes
 * 1 and 3. Weights of up to 7 bits are added in pairs of rows first, four bytes by one plain addition. So eight neurons
 * take 19 instructions for four rows, of which the additions are 12; the loop counts once for sixteen.
 */
#ifndef SPIKEC_INTEGRATE_DSP_H
#define SPIKEC_INTEGRATE_DSP_H

#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_routine.h"

/* Eight neurons: r0 to r3 are places in four rows, r12 in the sums; r8 to r11 are lanes of neurons 0 to 7. */
#define LOAD_SUMS "ldm r12, {r8-r11}\n\t"
#define STORE_SUMS "stm r12!, {r8-r11}\n\t"
#define ADD_LANES(low, high)                                                                                           \
    "uxtab16 r8, r8, " low "\n\t"                                                                                      \
    "uxtab16 r9, r9, " low ", ror #8\n\t"                                                                              \
    "uxtab16 r10, r10, " high "\n\t"                                                                                   \
    "uxtab16 r11, r11, " high ", ror #8\n\t"
#define ADD_PAIR(one, other)                                                                                           \
    "ldrd r4, r5, [" one "], #8\n\t"                                                                                   \
    "ldrd r6, r7, [" other "], #8\n\t"                                                                                 \
    "add r4, r4, r6\n\t"                                                                                               \
    "add r5, r5, r7\n\t" ADD_LANES("r4", "r5")
#define ADD_ONE(row) "ldrd r4, r5, [" row "], #8\n\t" ADD_LANES("r4", "r5")
#define FOUR_U7 LOAD_SUMS ADD_PAIR("r0", "r1") ADD_PAIR("r2", "r3") STORE_SUMS
#define FOUR_U8 LOAD_SUMS ADD_ONE("r0") ADD_ONE("r1") ADD_ONE("r2") ADD_ONE("r3") STORE_SUMS
#define TWO_U7 LOAD_SUMS ADD_PAIR("r0", "r1") STORE_SUMS
#define TWO_U8 LOAD_SUMS ADD_ONE("r0") ADD_ONE("r1") STORE_SUMS

/* All sums, sixteen neurons a turn, for which the loop is entered in the middle if there are eight more. */
#define OVER_SUMS(EIGHT)                                                                                               \
    "ldrd r12, lr, [sp]\n\t" /* sum, bytes */                                                                          \
    "tst lr, #8\n\t"                                                                                                   \
    "add lr, r12, lr, lsl #1\n\t" /* where the sums end */                                                             \
    "bne 3f\n"                                                                                                         \
    "2:\n\t" EIGHT "3:\n\t" EIGHT                                                                                      \
    "cmp r12, lr\n\t"                                                                                                  \
    "bne 2b\n\t"

/* sum[n] += the bytes from `at` on of every row, for `bytes` neurons; the rows are pairs. */
void spikec_rows_u7(uint32_t *sum, uint32_t bytes, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_rows_u8(uint32_t *sum, uint32_t bytes, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);

SPIKEC_ROUTINE("spikec_rows_u7", "", OVER_SUMS(FOUR_U7), OVER_SUMS(TWO_U7), "");
SPIKEC_ROUTINE("spikec_rows_u8", "", OVER_SUMS(FOUR_U8), OVER_SUMS(TWO_U8), "");

static inline void add_groups(uint32_t *sum, uint32_t bytes, const uint8_t *const *rows, const uint8_t *const *end,
                              uint32_t at, uint32_t offset)
{
    if (offset == OFFSET_U7) {
        spikec_rows_u7(sum, bytes, rows, end, at);
    } else {
        spikec_rows_u8(sum, bytes, rows, end, at);
    }
}

static inline void integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    if (count != 0 || start != membrane) {
        spikec_less_i16(start, membrane, padded, count * offset);
    }
    if (count != 0) {
        add_groups((uint32_t *)(void *)membrane, padded, rows, rows + count, 0, offset);
    }
}

/* So many rows have a sum that fits a lane, whatever the weights; neurons are summed in tiles on the stack. */
#define CHUNK_ROWS 252u
#define TILE 256u

/* membrane[n] = start[n] + sum[n], of which there are two a word, with signs. */
static inline void widen(const int32_t *start, int32_t *membrane, const uint32_t *sum, uint32_t size)
{
    for (const int32_t *end = start + size; start < end;) {
        __asm__ volatile("ldm %2!, {r2, r3}\n\t"
                         "ldm %0!, {r4, r5, r6, r8}\n\t"
                         "sxtah r4, r4, r2\n\t"
                         "add r5, r5, r2, asr #16\n\t"
                         "sxtah r6, r6, r3\n\t"
                         "add r8, r8, r3, asr #16\n\t"
                         "stm %1!, {r4, r5, r6, r8}\n\t"
                         "ldm %2!, {r2, r3}\n\t"
                         "ldm %0!, {r4, r5, r6, r8}\n\t"
                         "sxtah r4, r4, r2\n\t"
                         "add r5, r5, r2, asr #16\n\t"
                         "sxtah r6, r6, r3\n\t"
                         "add r8, r8, r3, asr #16\n\t"
                         "stm %1!, {r4, r5, r6, r8}"
                         : "+r"(start), "+r"(membrane), "+r"(sum)
                         :
                         : "r2", "r3", "r4", "r5", "r6", "r8", "memory");
    }
}

/* `words` words with the same value, a multiple of four. */
static inline void fill(uint32_t *sum, uint32_t words, uint32_t value)
{
    __asm__ volatile("mov r4, %2\n\t"
                     "mov r5, %2\n\t"
                     "mov r6, %2\n\t"
                     "mov r8, %2\n"
                     "1:\n\t"
                     "stm %0!, {r4, r5, r6, r8}\n\t"
                     "cmp %0, %1\n\t"
                     "bne 1b"
                     : "+r"(sum)
                     : "r"(sum + words), "r"(value)
                     : "r4", "r5", "r6", "r8", "cc", "memory");
}

/* Membranes of 32 bits: chunks of rows are summed in 16-bit lanes, and the sums are widened once a chunk. */
static inline void integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    uint32_t sum[TILE / 2u];
    while (count != 0 || start != membrane) {
        uint32_t chunk = count < CHUNK_ROWS ? count : CHUNK_ROWS, nothing = twice((int16_t)-(int32_t)(chunk * offset));
        for (uint32_t at = 0; at < padded; at += TILE) {
            uint32_t size = padded - at < TILE ? padded - at : TILE;
            fill(sum, size / 2u, nothing);
            if (chunk != 0) {
                add_groups(sum, size, rows, rows + chunk, at, offset);
            }
            widen(start + at, membrane + at, sum, size);
        }
        start = membrane; /* the next chunk goes on from here */
        rows += chunk;
        count -= chunk;
    }
}

#endif
