/*
 * spikec_words_swar.h: what whole words of weights add to membranes, on cores with ordinary words only. A part of
 * spikec_integrate.c and spikec_integrate_narrow.c; spikec_integrate_swar.h tells how.
 */
#ifndef SPIKEC_WORDS_SWAR_H
#define SPIKEC_WORDS_SWAR_H

#include "spikec_kernels.h"
#include "spikec_swar.h"

/* When GCC optimises for size, some sums move between registers for every word that is added. */
#if defined(__OPTIMIZE_SIZE__) && !defined(__clang__)
#pragma GCC optimize("O2")
#endif

/* What the offsets of `count` rows add to every lane. */
static inline lanes_t excess_of(uint32_t count, uint32_t offset)
{
    return (lanes_t)(count * offset) * LANE_ONES;
}

/* ---- What a word of weights adds to its neurons, given the lanes of its even bytes and of its odd ones ---- */

/* Two (four) membranes, and lanes to add. */
static inline lanes_t add_lanes(lanes_t start, lanes_t lanes)
{
    return ((start ^ LANE_SIGNS) + lanes) ^ LANE_SIGNS;
}

/* Words of four membranes have the first and the third two side by side after this, and after it again as they were;
 * words of two are as they are. */
static inline lanes_t lows(lanes_t one, lanes_t other)
{
#if UINTPTR_MAX > UINT32_MAX
    return (one & UINT32_MAX) | other << 32;
#else
    (void)other;
    return one;
#endif
}

static inline lanes_t highs(lanes_t one, lanes_t other)
{
#if UINTPTR_MAX > UINT32_MAX
    return one >> 32 | (other & ~(lanes_t)UINT32_MAX);
#else
    (void)one;
    return other;
#endif
}

static inline void add_word_i16(const int16_t *start, int16_t *membrane, lanes_t even, lanes_t odd)
{
    const lanes_t *from = (const lanes_t *)(const void *)start;
    lanes_t *to = (lanes_t *)(void *)membrane, low = from[0], high = from[1];
    even = add_lanes(lows(low, high), even);
    odd = add_lanes(highs(low, high), odd);
    to[0] = lows(even, odd);
    to[1] = highs(even, odd);
}

/* The lowest lane with its sign, and what is left for those above. */
static inline int32_t take_lane(lanes_t *lanes)
{
    int16_t lane = (int16_t)*lanes;
    *lanes = (*lanes + 0x8000u) >> 16;
    return lane;
}

static inline void add_word_i32(const int32_t *start, int32_t *membrane, lanes_t even, lanes_t odd)
{
    for (uint32_t i = 0; i < sizeof(lanes_t); i += 4u) {
        membrane[i] = start[i] + take_lane(&even);
        membrane[i + 1u] = start[i + 1u] + take_lane(&even);
        membrane[i + 2u] = start[i + 2u] + take_lane(&odd);
        membrane[i + 3u] = start[i + 3u] + take_lane(&odd);
    }
}

/* ---- Blocks of words, whose sums are written out, not looped, so that they stay in registers ---- */

#if defined(__riscv) || defined(__aarch64__)
#define BLOCK_WORDS 8u
#define EACH_OF_BLOCK(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#elif UINTPTR_MAX > UINT32_MAX
#define BLOCK_WORDS 2u
#define EACH_OF_BLOCK(DO) DO(0) DO(1)
#else
#define BLOCK_WORDS 4u
#define EACH_OF_BLOCK(DO) DO(0) DO(1) DO(2) DO(3)
#endif
#if UINTPTR_MAX > UINT32_MAX
#define EACH_OF_EIGHT(DO) DO(0)
#else
#define EACH_OF_EIGHT(DO) DO(0) DO(1)
#endif

/* Words of weights from `at` on, in a row that is one of a list. */
static inline const lanes_t *words_of(const uint8_t *row, uint32_t at)
{
    return (const lanes_t *)(const void *)(row + at);
}

/* Where the neurons of word i are. */
#define PLACE(values, i) ((values) + at + (i) * sizeof(lanes_t))

#endif
