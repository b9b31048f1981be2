/*
 * spikec_integrate_portable.h: blocks of eight neurons in plain C. A part of spikec_integrate.c.
 *
 * Written out, not looped, so that the sums stay in registers at every optimisation level of every compiler. `count` is
 * how many rows are in the list, those that add nothing included; `offset` is what a weight has too much.
 */
#ifndef SPIKEC_INTEGRATE_PORTABLE_H
#define SPIKEC_INTEGRATE_PORTABLE_H

#include "spikec_kernels.h"

/* sum[n]: the weights of neuron n of the eight from `at` on, with their offsets taken off. */
static inline void sum_block(int32_t *sum, uint32_t at, const uint8_t *const *rows, uint32_t count, uint32_t offset)
{
    int32_t v0 = -(int32_t)(count * offset), v1 = v0, v2 = v0, v3 = v0, v4 = v0, v5 = v0, v6 = v0, v7 = v0;
    for (const uint8_t *const *end = rows + count; rows < end; rows++) {
        const uint8_t *row = *rows + at;
        v0 += SPIKEC_WEIGHT(row);
        v1 += SPIKEC_WEIGHT(row + 2);
        v2 += SPIKEC_WEIGHT(row + 1);
        v3 += SPIKEC_WEIGHT(row + 3);
        v4 += SPIKEC_WEIGHT(row + 4);
        v5 += SPIKEC_WEIGHT(row + 6);
        v6 += SPIKEC_WEIGHT(row + 5);
        v7 += SPIKEC_WEIGHT(row + 7);
    }
    sum[0] = v0;
    sum[1] = v1;
    sum[2] = v2;
    sum[3] = v3;
    sum[4] = v4;
    sum[5] = v5;
    sum[6] = v6;
    sum[7] = v7;
}

static inline void integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    int32_t sum[SPIKEC_LANES];
    for (uint32_t at = 0; at < padded; at += SPIKEC_LANES) {
        sum_block(sum, at, rows, count, offset);
        for (uint32_t i = 0; i < SPIKEC_LANES; i++) {
            membrane[at + i] = start[at + i] + sum[i];
        }
    }
}

static inline void integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t *const *rows,
                                 uint32_t count, uint32_t offset)
{
    int32_t sum[SPIKEC_LANES];
    for (uint32_t at = 0; at < padded; at += SPIKEC_LANES) {
        sum_block(sum, at, rows, count, offset);
        for (uint32_t i = 0; i < SPIKEC_LANES; i++) {
            membrane[at + i] = (int16_t)(start[at + i] + sum[i]);
        }
    }
}

#endif
