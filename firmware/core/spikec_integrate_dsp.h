/*
 * spikec_integrate_dsp.h: blocks for Arm cores with the DSP extension (Cortex-M4, M7, M33). A part of
 * spikec_integrate.c, bit-equal to spikec_integrate_portable.h.
 *
 * SXTAB16 sign-extends two bytes of a word and adds them to two 16-bit lanes: of four weights the even two, and after a
 * rotation by eight the odd two. So a word of weights costs one load and two additions.
 */
#ifndef SPIKEC_INTEGRATE_DSP_H
#define SPIKEC_INTEGRATE_DSP_H

#include "spikec_dsp.h"
#include "spikec_kernels.h"

#define SPIKEC_HAS_BLOCK16 1

/* Lanes of neurons 0, 2 and of 1, 3 of a group of four. */
typedef struct {
    uint32_t even;
    uint32_t odd;
} four_t;

static inline four_t load_four(const int16_t *membrane)
{
    const word_t *word = (const word_t *)(const void *)membrane;
    uint32_t low = word[0], high = word[1];
    return (four_t){(low & 0xFFFFu) | (high << 16), (low >> 16) | (high & 0xFFFF0000u)};
}

static inline void store_four(int16_t *membrane, four_t four)
{
    word_t *word = (word_t *)(void *)membrane;
    word[0] = (four.even & 0xFFFFu) | (four.odd << 16);
    word[1] = (four.even >> 16) | (four.odd & 0xFFFF0000u);
}

static inline four_t add_four(four_t sum, uint32_t weights)
{
    __asm__("sxtab16 %0, %0, %1" : "+r"(sum.even) : "r"(weights));
    __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(sum.odd) : "r"(weights));
    return sum;
}

static inline void block16_i16(const int16_t *start, int16_t *membrane, uint32_t at, const int8_t *const *rows)
{
    four_t a = load_four(start), b = load_four(start + 4), c = load_four(start + 8), d = load_four(start + 12);
    for (const int8_t *row; (row = *rows) != NULL; rows++) {
        const word_t *word = (const word_t *)(const void *)(row + at);
        a = add_four(a, word[0]);
        b = add_four(b, word[1]);
        c = add_four(c, word[2]);
        d = add_four(d, word[3]);
    }
    store_four(membrane, a);
    store_four(membrane + 4, b);
    store_four(membrane + 8, c);
    store_four(membrane + 12, d);
}

static inline void block_i16(const int16_t *start, int16_t *membrane, uint32_t at, const int8_t *const *rows)
{
    four_t a = load_four(start), b = load_four(start + 4);
    for (const int8_t *row; (row = *rows) != NULL; rows++) {
        const word_t *word = (const word_t *)(const void *)(row + at);
        a = add_four(a, word[0]);
        b = add_four(b, word[1]);
    }
    store_four(membrane, a);
    store_four(membrane + 4, b);
}

/* So many weights of eight bits have a sum that fits 16 bits, whatever they are. */
#define CHUNK_ROWS 255u

static inline void widen_four(const int32_t *start, int32_t *membrane, four_t sum)
{
    membrane[0] = start[0] + (int16_t)sum.even;
    membrane[1] = start[1] + (int16_t)sum.odd;
    membrane[2] = start[2] + (int16_t)(sum.even >> 16);
    membrane[3] = start[3] + (int16_t)(sum.odd >> 16);
}

/* Membranes of 32 bits: chunks of rows are summed in 16-bit lanes, and the sums are widened once a chunk. */
static inline void block16_i32(const int32_t *start, int32_t *membrane, uint32_t at, const int8_t *const *rows)
{
    do {
        four_t a = {0, 0}, b = {0, 0}, c = {0, 0}, d = {0, 0};
        const int8_t *row;
        for (uint32_t left = CHUNK_ROWS; left != 0 && (row = *rows) != NULL; left--, rows++) {
            const word_t *word = (const word_t *)(const void *)(row + at);
            a = add_four(a, word[0]);
            b = add_four(b, word[1]);
            c = add_four(c, word[2]);
            d = add_four(d, word[3]);
        }
        widen_four(start, membrane, a);
        widen_four(start + 4, membrane + 4, b);
        widen_four(start + 8, membrane + 8, c);
        widen_four(start + 12, membrane + 12, d);
        start = membrane; /* the next chunk goes on from here */
    } while (*rows != NULL);
}

static inline void block_i32(const int32_t *start, int32_t *membrane, uint32_t at, const int8_t *const *rows)
{
    do {
        four_t a = {0, 0}, b = {0, 0};
        const int8_t *row;
        for (uint32_t left = CHUNK_ROWS; left != 0 && (row = *rows) != NULL; left--, rows++) {
            const word_t *word = (const word_t *)(const void *)(row + at);
            a = add_four(a, word[0]);
            b = add_four(b, word[1]);
        }
        widen_four(start, membrane, a);
        widen_four(start + 4, membrane + 4, b);
        start = membrane;
    } while (*rows != NULL);
}

#endif
