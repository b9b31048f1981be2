/*
 * spikec_narrow_mve.h: rows of narrow weights for Arm cores with MVE (Cortex-M55), bit-equal to spikec_narrow_portable.h. A
 * part of spikec_integrate_narrow.c.
 *
 * Sums of 32 or 64 neurons, in bytes, stay in two or four registers while up to sixteen rows go by. Neighbouring groups of
 * four neurons share bytes: their sums are words that take turns in memory. Rows of 4 bits a byte are spikec_integrate.c's.
 */
#ifndef SPIKEC_NARROW_MVE_H
#define SPIKEC_NARROW_MVE_H

#include "spikec_kernels.h"
#include "spikec_mve.h"

#define TILE 256u

typedef void add_rows_t(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);

/* The last 16 neurons are two words of the row, each with 4 bits of each of two groups of four. */
static inline void sixteen_p4(uint32_t *bytes, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at)
{
    uint32_t low0 = 0, low1 = 0, high0 = 0, high1 = 0;
    for (; rows < end; rows++) {
        const uint32_t *row = (const word_t *)(const void *)(*rows + at);
        low0 += row[0] & 0x0F0F0F0Fu;
        high0 += row[0] >> 4 & 0x0F0F0F0Fu;
        low1 += row[1] & 0x0F0F0F0Fu;
        high1 += row[1] >> 4 & 0x0F0F0F0Fu;
    }
    bytes[0] = low0;
    bytes[1] = high0;
    bytes[2] = low1;
    bytes[3] = high1;
}

static void spikec_rows_p4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end,
                           uint32_t at)
{
    const uint8x16_t mask = vdupq_n_u8(15);
    for (; size >= 32u; size -= 32u, at += 16u, bytes += 8) {
        uint8x16_t low = vdupq_n_u8(0), high = low;
        for (const uint8_t *const *next = rows; next < end; next += 2) {
            uint8x16_t one = vld1q_u8(next[0] + at), other = vld1q_u8(next[1] + at);
            low = vaddq_u8(vaddq_u8(low, vandq_u8(one, mask)), vandq_u8(other, mask));
            high = vaddq_u8(vaddq_u8(high, vshrq_n_u8(one, 4)), vshrq_n_u8(other, 4));
        }
        const uint32x4x2_t sums = {{(uint32x4_t)low, (uint32x4_t)high}};
        vst2q_u32(bytes, sums);
    }
    if (size != 0) {
        sixteen_p4(bytes, rows, end, at);
    }
}

/* The last neurons by 16: a word of the row, with 2 bits of each of four groups of four. */
static inline void sixteen_p2(uint32_t *bytes, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at)
{
    uint32_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
    for (; rows < end; rows++) {
        uint32_t word = *(const word_t *)(const void *)(*rows + at);
        sum0 += word & 0x03030303u;
        sum1 += word >> 2 & 0x03030303u;
        sum2 += word >> 4 & 0x03030303u;
        sum3 += word >> 6 & 0x03030303u;
    }
    bytes[0] = sum0;
    bytes[1] = sum1;
    bytes[2] = sum2;
    bytes[3] = sum3;
}

static void spikec_rows_p2(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end,
                           uint32_t at)
{
    const uint8x16_t mask = vdupq_n_u8(3);
    for (; size >= 64u; size -= 64u, at += 16u, bytes += 16) {
        uint8x16_t a = vdupq_n_u8(0), b = a, c = a, d = a;
        for (const uint8_t *const *next = rows; next < end; next++) {
            uint8x16_t four = vld1q_u8(*next + at);
            a = vaddq_u8(a, vandq_u8(four, mask));
            b = vaddq_u8(b, vandq_u8(vshrq_n_u8(four, 2), mask));
            c = vaddq_u8(c, vandq_u8(vshrq_n_u8(four, 4), mask));
            d = vaddq_u8(d, vshrq_n_u8(four, 6));
        }
        const uint32x4x4_t sums = {{(uint32x4_t)a, (uint32x4_t)b, (uint32x4_t)c, (uint32x4_t)d}};
        vst4q_u32(bytes, sums);
    }
    for (; size > 0; size -= 16u, at += 4u, bytes += 4) {
        sixteen_p2(bytes, rows, end, at);
    }
}

/* Membranes less what the offsets of all rows will add too much; sizes are multiples of 16 from here on. */
static inline void begin_i16(const int16_t *start, int16_t *membrane, uint32_t size, uint32_t excess)
{
    for (const int16_t *end = start + size; start < end; start += 8, membrane += 8) {
        vst1q_s16(membrane, vsubq_n_s16(vld1q_s16(start), (int16_t)excess));
    }
}

static inline void begin_i32(const int32_t *start, int32_t *membrane, uint32_t size, uint32_t excess)
{
    for (const int32_t *end = start + size; start < end; start += 4, membrane += 4) {
        vst1q_s32(membrane, vsubq_n_s32(vld1q_s32(start), (int32_t)excess));
    }
}

static inline void widen_i16(int16_t *membrane, const uint32_t *bytes, uint32_t size)
{
    SPIKEC_ADD_I16(membrane, bytes, size / 16u, "u8");
}

static inline void widen_i32(int32_t *membrane, const uint32_t *bytes, uint32_t size)
{
    SPIKEC_ADD_I32(membrane, bytes, size / 16u, "u8");
}

#endif
