/*
 * spikec_conv_swar.h: what one spike, or two of the same pixel, add to membranes of 16 bits, for cores with ordinary
 * words only. A part of spikec_conv.c, bit-equal to adding run by run with spikec_add_portable.h.
 *
 * Membranes are in lanes (spikec_window.h). Of a word of weights, the even bytes make a word for neurons 0 and 1, the
 * odd ones for 2 and 3; what the offset adds too much is taken off. Two weights of up to 7 bits have a sum that fits a
 * byte, so two spikes share all that is not loading. Weights with signs get an offset on the way.
 */
#ifndef SPIKEC_CONV_SWAR_H
#define SPIKEC_CONV_SWAR_H

#include "spikec_conv_wide.h"
#include "spikec_words_swar.h"

/* Weights are read by words on any address that is a multiple of four. */
typedef struct {
    lanes_t word;
} __attribute__((packed, aligned(4), may_alias)) loose_words_t;
typedef uint32_t __attribute__((may_alias)) quad_t;

/* What is added: weights with an offset of one spike, or of two; or weights with signs. */
typedef enum { ONE_SPIKE, TWO_SPIKES, SIGNS } kind_t;

SPIKEC_INLINE lanes_t with_offset(lanes_t words, kind_t kind)
{
    return kind == SIGNS ? words ^ LANE_SIGNS ^ LANE_SIGNS >> 8 : words;
}

/* Word i of one spike's weights, or of two. */
SPIKEC_INLINE lanes_t words_at(const int8_t *weight, const int8_t *other, uint32_t i, kind_t kind)
{
    lanes_t words = ((const loose_words_t *)(const void *)weight)[i].word;
    if (kind == TWO_SPIKES) {
        words += ((const loose_words_t *)(const void *)other)[i].word;
    }
    return with_offset(words, kind);
}

/* Neurons of one word of weights: two words in lanes. One by one, as compilers would load all of them first. */
SPIKEC_INLINE void add_word(lanes_t *lanes, lanes_t words, lanes_t excess)
{
    lanes_t even = words & LANE_BYTES, odd = (words >> 8) & LANE_BYTES;
    lanes[0] += lows(even, odd) - excess;
    lanes[1] += highs(even, odd) - excess;
    __asm__ volatile("" : : : "memory");
}

#if UINTPTR_MAX > UINT32_MAX

/* Four neurons, which are one word in lanes. */
SPIKEC_INLINE void add_quad(lanes_t *lanes, const int8_t *weight, const int8_t *other, lanes_t excess, kind_t kind)
{
    lanes_t quad = *(const quad_t *)(const void *)weight;
    if (kind == TWO_SPIKES) {
        quad += *(const quad_t *)(const void *)other;
    }
    quad = with_offset(quad, kind) & UINT32_MAX;
    *lanes += lows(quad & LANE_BYTES, (quad >> 8) & LANE_BYTES) - excess;
}

#endif

/* `kind` is known where this is called. */
SPIKEC_INLINE void add_runs(int16_t *membrane, const int8_t *weight, const int8_t *other, const spikec_runs_t *runs,
                            lanes_t excess, kind_t kind)
{
    const uint32_t in_word = sizeof(lanes_t), out_row = runs->out_row;
    for (uint32_t rows = runs->rows; rows > 0; rows--) {
        lanes_t *lanes = (lanes_t *)(void *)membrane;
        const int8_t *end = weight + runs->count, *next = weight + runs->kernel_row;
        for (; (uint32_t)(end - weight) >= 4u * in_word; weight += 4u * in_word, other += 4u * in_word, lanes += 8) {
            add_word(lanes, words_at(weight, other, 0, kind), excess);
            add_word(lanes + 2, words_at(weight, other, 1, kind), excess);
            add_word(lanes + 4, words_at(weight, other, 2, kind), excess);
            add_word(lanes + 6, words_at(weight, other, 3, kind), excess);
        }
        for (; (uint32_t)(end - weight) >= in_word; weight += in_word, other += in_word, lanes += 2) {
            add_word(lanes, words_at(weight, other, 0, kind), excess);
        }
#if UINTPTR_MAX > UINT32_MAX
        if (weight != end) {
            add_quad(lanes, weight, other, excess, kind);
            weight += 4;
            other += 4;
        }
#endif
        membrane = (int16_t *)(void *)((char *)membrane + out_row);
        other += next - weight;
        weight = next;
    }
}

static OUT_OF_LINE void spikec_conv_run_words_i16(int16_t *membrane, const int8_t *weight, const int8_t *other,
                                                  const spikec_runs_t *runs)
{
    (void)other;
    add_runs(membrane, weight, weight, runs, (runs->excess & 0xFFFFu) * LANE_ONES, ONE_SPIKE);
}

static OUT_OF_LINE void spikec_conv_pair_words_i16(int16_t *membrane, const int8_t *weight, const int8_t *other,
                                                   const spikec_runs_t *runs)
{
    add_runs(membrane, weight, other, runs, (runs->excess & 0xFFFFu) * LANE_ONES * 2u, TWO_SPIKES);
}

#if UINTPTR_MAX > UINT32_MAX

static OUT_OF_LINE void spikec_conv_run_quads_i16(int16_t *membrane, const int8_t *weight, const int8_t *other,
                                                  const spikec_runs_t *runs)
{
    (void)other;
    add_runs(membrane, weight, weight, runs, 128u * LANE_ONES, SIGNS);
}

#endif

#endif
