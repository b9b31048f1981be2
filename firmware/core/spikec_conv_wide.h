/*
 * spikec_conv_wide.h: what one spike, or two of the same pixel, add to membranes of 32 bits, for cores with ordinary
 * words only. A part of spikec_conv.c, bit-equal to adding run by run with spikec_add_portable.h.
 *
 * Two weights of up to 7 bits are added by words, as their sum fits a byte.
 */
#ifndef SPIKEC_CONV_WIDE_H
#define SPIKEC_CONV_WIDE_H

#include "spikec_add_portable.h"
#include "spikec_runs.h"
#include "spikec_swar.h"

/* Of four neurons, bytes are those of 0, 2, 1 and 3; the offset of both weights is 128. */
SPIKEC_INLINE void add_pair(int32_t *membrane, const int8_t *weight, const int8_t *other)
{
    typedef uint32_t __attribute__((may_alias)) quad_t;
    uint32_t quad = *(const quad_t *)(const void *)weight + *(const quad_t *)(const void *)other;
    quad ^= 0x80808080u;
    membrane[0] += (int8_t)quad;
    membrane[1] += (int8_t)(quad >> 16);
    membrane[2] += (int8_t)(quad >> 8);
    membrane[3] += (int32_t)quad >> 24;
    __asm__ volatile("" : : : "memory");
}

/* Each run: BODY adds it, to `membrane` from `weight` on, `count` of them. */
#define EACH_RUN(BODY)                                                                                                 \
    const uint32_t count = runs->count;                                                                                \
    for (uint32_t rows = runs->rows; rows > 0; rows--) {                                                               \
        BODY                                                                                                           \
        membrane = (int32_t *)(void *)((char *)membrane + runs->out_row);                                              \
        weight += runs->kernel_row;                                                                                    \
    }

static OUT_OF_LINE void spikec_conv_run_words_i32(int32_t *membrane, const int8_t *weight, const int8_t *other,
                                                  const spikec_runs_t *runs)
{
    const uint8_t offset = (uint8_t)runs->excess;
    (void)other;
    EACH_RUN(add_words_i32(membrane, weight, count, offset);)
}

#if QUADS_IN_RUNS

static OUT_OF_LINE void spikec_conv_run_quads_i32(int32_t *membrane, const int8_t *weight, const int8_t *other,
                                                  const spikec_runs_t *runs)
{
    (void)other;
    EACH_RUN(add_quads_portable_i32(membrane, weight, count);)
}

#endif

static OUT_OF_LINE void spikec_conv_pair_words_i32(int32_t *membrane, const int8_t *weight, const int8_t *other,
                                                   const spikec_runs_t *runs)
{
    EACH_RUN(for (uint32_t i = 0; i < count; i += 4u) { add_pair(membrane + i, weight + i, other + i); }
             other += runs->kernel_row;)
}

#endif
