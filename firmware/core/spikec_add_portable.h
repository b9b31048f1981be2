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

/* A RISC-V core has no address that moves on by itself. */
#if defined(__GNUC__) && defined(__riscv)
#define UNROLLED _Pragma("GCC unroll 4")
#else
#define UNROLLED
#endif

/* Quads: `count` is a multiple of four; the two weights in the middle of four have changed places. */
static inline void add_quads_portable_i16(int16_t *membrane, const int8_t *weight, uint32_t count)
{
    UNROLLED
    for (uint32_t i = 0; i < count; i += 4) {
        membrane[i] = (int16_t)(membrane[i] + SPIKEC_WEIGHT(weight + i));
        membrane[i + 1] = (int16_t)(membrane[i + 1] + SPIKEC_WEIGHT(weight + i + 2));
        membrane[i + 2] = (int16_t)(membrane[i + 2] + SPIKEC_WEIGHT(weight + i + 1));
        membrane[i + 3] = (int16_t)(membrane[i + 3] + SPIKEC_WEIGHT(weight + i + 3));
    }
}

static inline void add_quads_portable_i32(int32_t *membrane, const int8_t *weight, uint32_t count)
{
    UNROLLED
    for (uint32_t i = 0; i < count; i += 4) {
        membrane[i] += SPIKEC_WEIGHT(weight + i);
        membrane[i + 1] += SPIKEC_WEIGHT(weight + i + 2);
        membrane[i + 2] += SPIKEC_WEIGHT(weight + i + 1);
        membrane[i + 3] += SPIKEC_WEIGHT(weight + i + 3);
    }
}

/* Quads with an offset. */
static inline void add_words_i16(int16_t *membrane, const int8_t *weight, uint32_t count, uint8_t offset)
{
    for (uint32_t i = 0; i < count; i += 4) {
        membrane[i] = (int16_t)(membrane[i] + (int8_t)(SPIKEC_WEIGHT(weight + i) - offset));
        membrane[i + 1] = (int16_t)(membrane[i + 1] + (int8_t)(SPIKEC_WEIGHT(weight + i + 2) - offset));
        membrane[i + 2] = (int16_t)(membrane[i + 2] + (int8_t)(SPIKEC_WEIGHT(weight + i + 1) - offset));
        membrane[i + 3] = (int16_t)(membrane[i + 3] + (int8_t)(SPIKEC_WEIGHT(weight + i + 3) - offset));
    }
}

static inline void add_words_i32(int32_t *membrane, const int8_t *weight, uint32_t count, uint8_t offset)
{
    for (uint32_t i = 0; i < count; i += 4) {
        membrane[i] += (int8_t)(SPIKEC_WEIGHT(weight + i) - offset);
        membrane[i + 1] += (int8_t)(SPIKEC_WEIGHT(weight + i + 2) - offset);
        membrane[i + 2] += (int8_t)(SPIKEC_WEIGHT(weight + i + 1) - offset);
        membrane[i + 3] += (int8_t)(SPIKEC_WEIGHT(weight + i + 3) - offset);
    }
}

#endif
