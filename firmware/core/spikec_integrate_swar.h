/*
 * spikec_integrate_swar.h: whole words of weights for cores with ordinary words only, bit-equal to
 * spikec_integrate_portable.h. A part of spikec_integrate.c.
 *
 * For each word of weights there are two sums: `t` of the words as they are, and `o` of their odd bytes, each moved to a
 * lane of 16 bits. The lanes of the even bytes then are t - (o << 8): what ran over from one byte into the next is in `o`,
 * too. Weights of up to 7 bits are added in pairs of rows first. So a pair takes two loads and four or five instructions for
 * a word of weights.
 *
 * Lanes are integers that stand beside each other, so they may run into their neighbours on the way, as long as the last
 * result fits its lane: numbers with signs are moved up by 0x8000 for that.
 */
#ifndef SPIKEC_INTEGRATE_SWAR_H
#define SPIKEC_INTEGRATE_SWAR_H

#include "spikec_words_swar.h"

/* So many rows have a sum that fits a lane, less the offsets, whatever the weights. */
#define CHUNK_ROWS 256u

/* ---- Sums of blocks ---- */

#define BEGIN_SUMS(i) lanes_t t##i = begin_t, o##i = begin_o;
/* Compilers would load all words before they add the first, and run out of registers: assembly holds them back. */
#if defined(__riscv)
#define ADD_WORD(i, word)                                                                                              \
    s = (word);                                                                                                        \
    __asm__ volatile("add %0, %0, %2\n\t"                                                                              \
                     "srli %2, %2, 8\n\t"                                                                              \
                     "and %2, %2, %3\n\t"                                                                              \
                     "add %1, %1, %2"                                                                                  \
                     : "+r"(t##i), "+r"(o##i), "+r"(s)                                                                 \
                     : "r"(LANE_BYTES)                                                                                 \
                     : "memory");
#else
#define ADD_WORD(i, word)                                                                                              \
    s = (word);                                                                                                        \
    t##i += s;                                                                                                         \
    o##i += (s >> 8) & LANE_BYTES;                                                                                     \
    __asm__ volatile("" : "+r"(t##i), "+r"(o##i) : : "memory");
#endif
#define ADD_U7(i) ADD_WORD(i, one[i] + other[i])
#define ADD_U8(i) ADD_WORD(i, one[i]) ADD_WORD(i, other[i])

#define ADD_TWO_ROWS(EACH, first)                                                                                      \
    one = words_of(next[first], at);                                                                                   \
    other = words_of(next[first + 1], at);                                                                             \
    if (offset == OFFSET_U7) {                                                                                         \
        EACH(ADD_U7)                                                                                                   \
    } else {                                                                                                           \
        EACH(ADD_U8)                                                                                                   \
    }

#define SUM_ROWS(EACH)                                                                                                 \
    EACH(BEGIN_SUMS)                                                                                                   \
    for (const uint8_t *const *next = rows; next < end; next += SPIKEC_GROUP) {                                        \
        const lanes_t *one, *other;                                                                                    \
        lanes_t s;                                                                                                     \
        ADD_TWO_ROWS(EACH, 0)                                                                                          \
        ADD_TWO_ROWS(EACH, 2)                                                                                          \
    }

#define ADD_I16(i) add_word_i16(PLACE(start, i), PLACE(membrane, i), t##i - (o##i << 8), o##i);
#define ADD_I32(i) add_word_i32(PLACE(start, i), PLACE(membrane, i), t##i - (o##i << 8), o##i);

#define ALL_BLOCKS(ADD)                                                                                                \
    const uint8_t *const *end = rows + count;                                                                          \
    lanes_t begin_o = (lanes_t)0 - excess_of(count, offset), begin_t = begin_o + (begin_o << 8);                       \
    uint32_t at = 0;                                                                                                   \
    for (; padded - at >= BLOCK_WORDS * sizeof(lanes_t); at += BLOCK_WORDS * (uint32_t)sizeof(lanes_t)) {              \
        SUM_ROWS(EACH_OF_BLOCK)                                                                                        \
        EACH_OF_BLOCK(ADD)                                                                                             \
    }                                                                                                                  \
    for (; at < padded; at += SPIKEC_LANES) {                                                                          \
        SUM_ROWS(EACH_OF_EIGHT)                                                                                        \
        EACH_OF_EIGHT(ADD)                                                                                             \
    }

SPIKEC_INLINE void integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    if (count == 0 && start == membrane) {
        return;
    }
    ALL_BLOCKS(ADD_I16)
}

SPIKEC_INLINE void add_chunk_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    ALL_BLOCKS(ADD_I32)
}

SPIKEC_INLINE void integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    while (count != 0 || start != membrane) {
        uint32_t chunk = count < CHUNK_ROWS ? count : CHUNK_ROWS;
        add_chunk_i32(start, membrane, padded, rows, chunk, offset);
        start = membrane; /* the next chunk goes on from here */
        rows += chunk;
        count -= chunk;
    }
}

#endif
