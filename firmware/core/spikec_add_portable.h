/*
 * spikec_add_portable.h: add a run of weights to a run of membranes, in plain C. A part of spikec_conv.c.
 */
#ifndef SPIKEC_ADD_PORTABLE_H
#define SPIKEC_ADD_PORTABLE_H

#include "spikec_weight.h"

static inline void add_portable_i16(int16_t *membrane, const int8_t *weight, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        membrane[i] = (int16_t)(membrane[i] + SPIKEC_WEIGHT(weight + i));
    }
}

static inline void add_i32(int32_t *membrane, const int8_t *weight, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        membrane[i] += SPIKEC_WEIGHT(weight + i);
    }
}

/* Quads: `count` is a multiple of four; the two weights in the middle of four have changed places. */
static inline void add_quads_portable_i16(int16_t *membrane, const int8_t *weight, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 4) {
        membrane[i] = (int16_t)(membrane[i] + SPIKEC_WEIGHT(weight + i));
        membrane[i + 1] = (int16_t)(membrane[i + 1] + SPIKEC_WEIGHT(weight + i + 2));
        membrane[i + 2] = (int16_t)(membrane[i + 2] + SPIKEC_WEIGHT(weight + i + 1));
        membrane[i + 3] = (int16_t)(membrane[i + 3] + SPIKEC_WEIGHT(weight + i + 3));
    }
}

static inline void add_quads_portable_i32(int32_t *membrane, const int8_t *weight, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += 4) {
        membrane[i] += SPIKEC_WEIGHT(weight + i);
        membrane[i + 1] += SPIKEC_WEIGHT(weight + i + 2);
        membrane[i + 2] += SPIKEC_WEIGHT(weight + i + 1);
        membrane[i + 3] += SPIKEC_WEIGHT(weight + i + 3);
    }
}

#endif
