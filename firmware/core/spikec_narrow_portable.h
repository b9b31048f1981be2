/*
 * spikec_narrow_portable.h: rows of narrow weights in plain C. A part of spikec_integrate_narrow.c.
 *
 * `bytes` are sums of neurons 0, 2, 1, 3 of each four; they are read and written as bytes, whatever the machine's order.
 */
#ifndef SPIKEC_NARROW_PORTABLE_H
#define SPIKEC_NARROW_PORTABLE_H

#include "spikec_kernels.h"

#if defined(__AVR__)
#define TILE 32u
#else
#define TILE 128u
#endif

static inline void clear(uint32_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size / 4u; i++) {
        bytes[i] = 0;
    }
}

static void spikec_rows_u4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end,
                           uint32_t at)
{
    uint8_t *sums = (uint8_t *)bytes;
    clear(bytes, size);
    for (; rows < end; rows++) {
        const uint8_t *row = *rows + at;
        for (uint32_t i = 0; i < size; i++) {
            sums[i] = (uint8_t)(sums[i] + SPIKEC_WEIGHT(row + i));
        }
    }
}

/* Of eight neurons, a byte has one of the first four and, in its high half, one of the others. */
static void spikec_rows_p4(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end,
                           uint32_t at)
{
    clear(bytes, size);
    for (; rows < end; rows++) {
        const uint8_t *row = *rows + at;
        uint8_t *sums = (uint8_t *)bytes;
        for (uint32_t i = 0; i < size; i += 8u, sums += 8) {
            for (uint32_t k = 0; k < 4u; k++) {
                uint8_t two = SPIKEC_WEIGHT(row++);
                sums[k] = (uint8_t)(sums[k] + (two & 15u));
                sums[k + 4u] = (uint8_t)(sums[k + 4u] + (two >> 4));
            }
        }
    }
}

/* Of sixteen neurons, a byte has one of each four. */
static void spikec_rows_p2(uint32_t *bytes, uint32_t size, const uint8_t *const *rows, const uint8_t *const *end,
                           uint32_t at)
{
    clear(bytes, size);
    for (; rows < end; rows++) {
        const uint8_t *row = *rows + at;
        uint8_t *sums = (uint8_t *)bytes;
        for (uint32_t i = 0; i < size; i += 16u, sums += 16) {
            for (uint32_t k = 0; k < 4u; k++) {
                uint8_t four = SPIKEC_WEIGHT(row++);
                sums[k] = (uint8_t)(sums[k] + (four & 3u));
                sums[k + 4u] = (uint8_t)(sums[k + 4u] + (four >> 2 & 3u));
                sums[k + 8u] = (uint8_t)(sums[k + 8u] + (four >> 4 & 3u));
                sums[k + 12u] = (uint8_t)(sums[k + 12u] + (four >> 6));
            }
        }
    }
}

static inline void begin_i16(const int16_t *start, int16_t *membrane, uint32_t size, uint32_t excess)
{
    for (uint32_t i = 0; i < size; i++) {
        membrane[i] = (int16_t)(start[i] - (int32_t)excess);
    }
}

static inline void begin_i32(const int32_t *start, int32_t *membrane, uint32_t size, uint32_t excess)
{
    for (uint32_t i = 0; i < size; i++) {
        membrane[i] = (int32_t)((uint32_t)start[i] - excess);
    }
}

static inline void widen_i16(int16_t *membrane, const uint32_t *bytes, uint32_t size)
{
    const uint8_t *sums = (const uint8_t *)bytes;
    for (uint32_t i = 0; i < size; i += 4u) {
        membrane[i] = (int16_t)(membrane[i] + sums[i]);
        membrane[i + 1u] = (int16_t)(membrane[i + 1u] + sums[i + 2u]);
        membrane[i + 2u] = (int16_t)(membrane[i + 2u] + sums[i + 1u]);
        membrane[i + 3u] = (int16_t)(membrane[i + 3u] + sums[i + 3u]);
    }
}

static inline void widen_i32(int32_t *membrane, const uint32_t *bytes, uint32_t size)
{
    const uint8_t *sums = (const uint8_t *)bytes;
    for (uint32_t i = 0; i < size; i += 4u) {
        membrane[i] = (int32_t)((uint32_t)membrane[i] + sums[i]);
        membrane[i + 1u] = (int32_t)((uint32_t)membrane[i + 1u] + sums[i + 2u]);
        membrane[i + 2u] = (int32_t)((uint32_t)membrane[i + 2u] + sums[i + 1u]);
        membrane[i + 3u] = (int32_t)((uint32_t)membrane[i + 3u] + sums[i + 3u]);
    }
}

#endif
