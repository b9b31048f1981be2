/*
 * spikec_integrate_thumb.h: whole words of weights for Arm's cores without the DSP extension (Cortex-M0, M3), bit-equal to
 * spikec_integrate_portable.h. A part of spikec_integrate.c.
 *
 * The sums are those of spikec_integrate_swar.h: for each word of weights `t` of whole words and `o` of odd bytes, which lie
 * beside each other here. The routines are assembly throughout, as they need all registers.
 */
#ifndef SPIKEC_INTEGRATE_THUMB_H
#define SPIKEC_INTEGRATE_THUMB_H

#include "spikec_kernels.h"
#include "spikec_lanes_thumb.h"
#include "spikec_swar.h"

#if SPIKEC_THUMB == 1
#include "spikec_groups_thumb1.h"
#else
#include "spikec_groups_thumb2.h"
#endif

/* sum[n] += the bytes from `at` on of every row, for `bytes` neurons; there are rows, and whole groups of four. */
void spikec_groups_u7(lanes_t *sum, uint32_t bytes, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);
void spikec_groups_u8(lanes_t *sum, uint32_t bytes, const uint8_t *const *rows, const uint8_t *const *end, uint32_t at);

GROUPS("spikec_groups_u7", STEP_U7);
GROUPS("spikec_groups_u8", STEP_U8);

static inline void add_groups(lanes_t *sum, uint32_t bytes, const uint8_t *const *rows, const uint8_t *const *end,
                              uint32_t at, uint32_t offset)
{
    if (offset == OFFSET_U7) {
        spikec_groups_u7(sum, bytes, rows, end, at);
    } else {
        spikec_groups_u8(sum, bytes, rows, end, at);
    }
}

static inline void copy_i16(const int16_t *from, int16_t *to, uint32_t count)
{
    const lanes_t *words = (const lanes_t *)(const void *)from;
    for (uint32_t i = 0; i < count / 2u; i++) {
        ((lanes_t *)(void *)to)[i] = words[i];
    }
}

SPIKEC_INLINE void integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    if (count != 0) {
        begin_i16(start, membrane, padded, count * offset);
        add_groups((lanes_t *)(void *)membrane, padded, rows, rows + count, 0, offset);
        end_i16(membrane, padded);
    } else if (start != membrane) {
        copy_i16(start, membrane, padded);
    }
}

/* So many rows have a sum that fits a lane, less the offsets, whatever the weights; neurons are summed in tiles on the
 * stack. */
#define CHUNK_ROWS 256u
#define TILE (SPIKEC_THUMB == 1 ? 64u : 128u)

/* Membranes of 32 bits: chunks of rows are summed in 16-bit lanes, and the sums are widened once a chunk. */
SPIKEC_INLINE void integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    lanes_t sum[TILE / 2u];
    while (count != 0 || start != membrane) {
        uint32_t chunk = count < CHUNK_ROWS ? count : CHUNK_ROWS;
        lanes_t o = (lanes_t)0 - chunk * offset * LANE_ONES, t = o + (o << 8);
        for (uint32_t at = 0; at < padded; at += TILE) {
            uint32_t size = padded - at < TILE ? padded - at : TILE;
            for (uint32_t i = 0; i < size / 2u; i += 4u) {
                sum[i] = sum[i + 2u] = t;
                sum[i + 1u] = sum[i + 3u] = o;
            }
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
