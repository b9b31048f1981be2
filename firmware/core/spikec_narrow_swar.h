/*
 * spikec_narrow_swar.h: rows of narrow weights for cores with ordinary words only, bit-equal to
 * spikec_narrow_portable.h. A part of spikec_integrate_narrow.c.
 *
 * Words of weights are summed as they are, as long as no byte overflows. Weights that share bytes are not unpacked one
 * by one: S sums whole words, and H only what lies in the upper halves of bytes, moved down. S less 16 times H then is
 * the sum of the lower halves; whatever ran over from byte to byte in S is in H, too.
 *
 * If there are more rows than bytes can hold, membranes of 16 bits are brought to lanes that whole words are added to,
 * `t` and `o` of spikec_integrate_swar.h.
 */
#ifndef SPIKEC_NARROW_SWAR_H
#define SPIKEC_NARROW_SWAR_H

#include <stdbool.h>

#include "spikec_words_swar.h"

/* In every byte: its lower half, and its lower quarter in both halves. */
#define HALVES ((lanes_t)(UINT64_MAX / 0xFFu * 0x0Fu))
#define QUARTERS ((lanes_t)(UINT64_MAX / 0xFFu * 0x33u))

/* Compilers would load all words before they add the first, and run out of registers: this holds them back. */
#define HOLD(sum) __asm__ volatile("" : "+r"(sum) : : "memory");

/* ---- Word k of a row, or of four: to the sums that are named ---- */

#define ADD_u4(k, a)                                                                                                   \
    sum##a += words[k];                                                                                                \
    HOLD(sum##a)
#define ADD_p4(k, s, h)                                                                                                \
    word = words[k];                                                                                                   \
    sum##s += word;                                                                                                    \
    sum##h += (word >> 4) & HALVES;                                                                                    \
    HOLD(sum##s)                                                                                                       \
    HOLD(sum##h)

/* Rows of quarters are whole words of 32 bits; `whole`: the row has a word of weights here, not its half. */
static inline lanes_t load_p2(const uint8_t *row, uint32_t k, bool whole)
{
    typedef struct {
        lanes_t word;
    } __attribute__((packed, aligned(4), may_alias)) loose_t;
    typedef uint32_t __attribute__((may_alias)) half_t;
    return whole ? ((const loose_t *)(const void *)row)[k].word : *(const half_t *)(const void *)row;
}

/* Quarters: up to seven rows have sums below 16, so four rows are summed in halves of bytes first. S and H of
 * quarters 0 and 2 are sums a and c, those of quarters 1 and 3 are b and d. */
#define NEXT_p2(i, k)                                                                                                  \
    word = load_p2(next[i] + place, k, whole);                                                                         \
    s += word;                                                                                                         \
    h += (word >> 2) & QUARTERS;                                                                                       \
    HOLD(s)                                                                                                            \
    HOLD(h)
#define ADD_p2(k, a, b, c, d)                                                                                          \
    s = load_p2(next[0] + place, k, whole);                                                                            \
    h = (s >> 2) & QUARTERS;                                                                                           \
    NEXT_p2(1, k)                                                                                                      \
    NEXT_p2(2, k)                                                                                                      \
    NEXT_p2(3, k)                                                                                                      \
    s -= h << 2;                                                                                                       \
    sum##a += s;                                                                                                       \
    sum##b += h;                                                                                                       \
    sum##c += (s >> 4) & HALVES;                                                                                       \
    sum##d += (h >> 4) & HALVES;

#define ROW(i, WORDS, ADD)                                                                                             \
    words = words_of(next[i], place);                                                                                  \
    WORDS(ADD)
#define FOUR_u4(WORDS) ROW(0, WORDS, ADD_u4) ROW(1, WORDS, ADD_u4) ROW(2, WORDS, ADD_u4) ROW(3, WORDS, ADD_u4)
#define FOUR_p4(WORDS) ROW(0, WORDS, ADD_p4) ROW(1, WORDS, ADD_p4) ROW(2, WORDS, ADD_p4) ROW(3, WORDS, ADD_p4)
#define FOUR_p2(WORDS) WORDS(ADD_p2)

/* ---- S and H become sums, in the order of neurons: in words of 64 bits, neighbouring halves have changed places
 * ---- */

#define HALF_WAY(x, y)                                                                                                 \
    word = lows(x, y);                                                                                                 \
    y = highs(x, y);                                                                                                   \
    x = word;
#if UINTPTR_MAX > UINT32_MAX
#define SWAP(x, y)                                                                                                     \
    word = x;                                                                                                          \
    x = y;                                                                                                             \
    y = word;
#else
#define SWAP(x, y)
#endif

#define APART_u4(k, a)
#define APART_p4(k, s, h)                                                                                              \
    sum##s -= sum##h << 4;                                                                                             \
    HALF_WAY(sum##s, sum##h)
#define APART_p2(k, a, b, c, d)                                                                                        \
    sum##a -= sum##c << 4;                                                                                             \
    sum##b -= sum##d << 4;                                                                                             \
    HALF_WAY(sum##a, sum##b)                                                                                           \
    HALF_WAY(sum##c, sum##d)                                                                                           \
    SWAP(sum##b, sum##c)

/* ---- Blocks of neurons, and sixteen: words of a row, and the sums that they go to ---- */

#define WORDS_4_u4(DO) DO(0, 0) DO(1, 1) DO(2, 2) DO(3, 3)
#define WORDS_4_p4(DO) DO(0, 0, 1) DO(1, 2, 3)
#define WORDS_4_p2(DO) DO(0, 0, 1, 2, 3)
#define WORDS_8_u4(DO) WORDS_4_u4(DO) DO(4, 4) DO(5, 5) DO(6, 6) DO(7, 7)
#define WORDS_8_p4(DO) WORDS_4_p4(DO) DO(2, 4, 5) DO(3, 6, 7)
#define WORDS_8_p2(DO) WORDS_4_p2(DO) DO(1, 4, 5, 6, 7)
#define WORDS_16_u4(DO) WORDS_8_u4(DO) DO(8, 8) DO(9, 9) DO(10, 10) DO(11, 11) DO(12, 12) DO(13, 13) DO(14, 14) DO(15, 15)
#define WORDS_16_p4(DO) WORDS_8_p4(DO) DO(4, 8, 9) DO(5, 10, 11) DO(6, 12, 13) DO(7, 14, 15)
#define SUMS_4(DO) DO(0) DO(1) DO(2) DO(3)
#define SUMS_8(DO) SUMS_4(DO) DO(4) DO(5) DO(6) DO(7)
#define SUMS_16(DO) SUMS_8(DO) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14) DO(15)

/* As many sums as there are registers for. */
#if defined(__riscv) || defined(__aarch64__)
#define BLOCK_u4 16u
#define WORDS_u4(DO) WORDS_16_u4(DO)
#define SUMS_u4(DO) SUMS_16(DO)
#define BLOCK_p4 16u
#define WORDS_p4(DO) WORDS_16_p4(DO)
#define SUMS_p4(DO) SUMS_16(DO)
#define BLOCK_p2 8u
#define WORDS_p2(DO) WORDS_8_p2(DO)
#define SUMS_p2(DO) SUMS_8(DO)
#else
#define BLOCK_u4 8u
#define WORDS_u4(DO) WORDS_8_u4(DO)
#define SUMS_u4(DO) SUMS_8(DO)
#define BLOCK_p4 8u
#define WORDS_p4(DO) WORDS_8_p4(DO)
#define SUMS_p4(DO) SUMS_8(DO)
#define BLOCK_p2 4u
#define WORDS_p2(DO) WORDS_4_p2(DO)
#define SUMS_p2(DO) SUMS_4(DO)
#endif
#if UINTPTR_MAX > UINT32_MAX
#define SUMS_OF_SIXTEEN(DO) DO(0) DO(1)
#define SIXTEEN_u4(DO) DO(0, 0) DO(1, 1)
#define SIXTEEN_p4(DO) DO(0, 0, 1)
#else
#define SUMS_OF_SIXTEEN(DO) SUMS_4(DO)
#define SIXTEEN_u4(DO) WORDS_4_u4(DO)
#define SIXTEEN_p4(DO) WORDS_4_p4(DO)
#endif
#define SIXTEEN_p2(DO) WORDS_4_p2(DO)

/* ---- From sums to membranes: words of 4 or 8 neurons, less what their offsets add too much ---- */

static inline void put_i16(const int16_t *start, int16_t *membrane, lanes_t sum, lanes_t excess)
{
    add_word_i16(start, membrane, (sum & LANE_BYTES) - excess, ((sum >> 8) & LANE_BYTES) - excess);
}

static inline void put_i32(const int32_t *start, int32_t *membrane, lanes_t sum, lanes_t excess)
{
    const int32_t less = (int32_t)excess;
    for (uint32_t i = 0; i < sizeof(lanes_t); i += 4u, sum >>= 16, sum >>= 16) {
        membrane[i] = start[i] - less + (int32_t)(sum & 0xFFu);
        membrane[i + 1u] = start[i + 1u] - less + (int32_t)(sum >> 16 & 0xFFu);
        membrane[i + 2u] = start[i + 2u] - less + (int32_t)(sum >> 8 & 0xFFu);
        membrane[i + 3u] = start[i + 3u] - less + (int32_t)(sum >> 24 & 0xFFu);
    }
}

/* Membranes become lanes, less the excess; words of weights are added; and back. */
static inline void begin_lanes(const int16_t *start, int16_t *membrane, uint32_t size, lanes_t excess)
{
    const lanes_t *from = (const lanes_t *)(const void *)start;
    lanes_t *to = (lanes_t *)(void *)membrane;
    for (uint32_t at = 0; at < size; at += (uint32_t)sizeof(lanes_t), from += 2, to += 2) {
        lanes_t low = from[0] ^ LANE_SIGNS, high = from[1] ^ LANE_SIGNS, odd = highs(low, high) - excess;
        to[0] = lows(low, high) - excess + (odd << 8);
        to[1] = odd;
    }
}

static inline void to_lanes(int16_t *membrane, lanes_t sum)
{
    lanes_t *to = (lanes_t *)(void *)membrane;
    to[0] += sum;
    to[1] += (sum >> 8) & LANE_BYTES;
}

static inline void end_lanes(int16_t *membrane, uint32_t size)
{
    lanes_t *to = (lanes_t *)(void *)membrane;
    for (uint32_t at = 0; at < size; at += (uint32_t)sizeof(lanes_t), to += 2) {
        lanes_t odd = to[1], even = to[0] - (odd << 8);
        to[0] = lows(even, odd) ^ LANE_SIGNS;
        to[1] = highs(even, odd) ^ LANE_SIGNS;
    }
}

#define BEGIN_SUM(i) lanes_t sum##i = 0;
#define NOT_ALL(i) (void)sum##i;
#define EXCESS_i16(excess) ((lanes_t)(excess) * LANE_ONES)
#define EXCESS_i32(excess) (excess)
#define PUT_i16(i) HOLD(sum##i) put_i16(PLACE(start, i), PLACE(membrane, i), sum##i, excess);
#define PUT_i32(i) HOLD(sum##i) put_i32(PLACE(start, i), PLACE(membrane, i), sum##i, excess);
#define TO_LANES_i16(i) HOLD(sum##i) to_lanes(PLACE(membrane, i), sum##i);
#define BEGIN_LANES_i16 begin_lanes(start, membrane, padded, excess)
#define END_LANES_i16 end_lanes(membrane, padded)

/* Membranes of 32 bits have no lanes. */
#define TO_LANES_i32(i) PUT_i32(i)
#define BEGIN_LANES_i32 (void)0
#define END_LANES_i32 (void)0

/* All rows of a chunk onto a block. SUMS: those that its words have; THESE: those that there are neurons for. */
#define SUM(form, WORDS, SUMS, THESE, in_byte)                                                                         \
    do {                                                                                                               \
        const uint32_t place = at / (in_byte);                                                                         \
        const lanes_t *words = NULL;                                                                                   \
        lanes_t word = 0, s, h;                                                                                        \
        SUMS(BEGIN_SUM)                                                                                                \
        for (const uint8_t *const *next = rows; next < end; next += SPIKEC_GROUP) {                                    \
            FOUR_##form(WORDS)                                                                                         \
        }                                                                                                              \
        WORDS(APART_##form)                                                                                            \
        SUMS(NOT_ALL)                                                                                                  \
        (void)words, (void)word, (void)s, (void)h;                                                                     \
        if (lanes) {                                                                                                   \
            THESE(WIDTH(TO_LANES))                                                                                     \
        } else {                                                                                                       \
            THESE(WIDTH(PUT))                                                                                          \
        }                                                                                                              \
    } while (0)

#define NARROW(form, offset, chunk, in_byte)                                                                           \
    void WIDTH(spikec_integrate_##form)(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded,                    \
                                        const uint8_t **rows, uint32_t active)                                         \
    {                                                                                                                  \
        const uint32_t count = SPIKEC_ROWS(active), in_block = BLOCK_##form * (uint32_t)sizeof(lanes_t);               \
        const uint8_t **last = rows + count;                                                                           \
        const bool lanes = sizeof(MEMBRANE) == 2u && count > (chunk);                                                  \
        lanes_t excess = WIDTH(EXCESS)(count * (offset));                                                              \
        if (count == 0 && start == membrane) {                                                                         \
            return;                                                                                                    \
        }                                                                                                              \
        if (lanes) {                                                                                                   \
            WIDTH(BEGIN_LANES);                                                                                        \
        }                                                                                                              \
        do {                                                                                                           \
            const uint8_t **end = last - rows > (int32_t)(chunk) ? rows + (chunk) : last;                              \
            bool whole = true;                                                                                         \
            uint32_t at = 0;                                                                                           \
            for (; padded - at >= in_block; at += in_block) {                                                          \
                SUM(form, WORDS_##form, SUMS_##form, SUMS_##form, in_byte);                                            \
            }                                                                                                          \
            for (whole = sizeof(lanes_t) == 4u; at < padded; at += 16u) {                                              \
                SUM(form, SIXTEEN_##form, SUMS_4, SUMS_OF_SIXTEEN, in_byte);                                           \
            }                                                                                                          \
            (void)whole;                                                                                               \
            start = membrane; /* the next chunk goes on from here */                                                   \
            excess = 0;                                                                                                \
            rows = end;                                                                                                \
        } while (rows != last);                                                                                        \
        if (lanes) {                                                                                                   \
            WIDTH(END_LANES);                                                                                          \
        }                                                                                                              \
    }

#endif
