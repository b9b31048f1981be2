/*
 * spikec_add_mve.h: runs of weights onto membranes for Arm cores with MVE (Cortex-M55): 16 weights at a time, and what is
 * left by the DSP extension. A part of spikec_conv.c, bit-equal to spikec_add_portable.h.
 *
 * In quads, the even bytes are the weights of neurons 0 and 1 of every four and the odd ones those of 2 and 3: widened
 * apart, each meets every other pair of membranes.
 */
#ifndef SPIKEC_ADD_MVE_H
#define SPIKEC_ADD_MVE_H

#include "spikec_mve.h"

/* The functions below stand before those for the DSP extension, which end what these begin. */
#define add_i16 add_dsp_i16
#define add_quads_i16 add_quads_dsp_i16
#define add_quads_i32 add_quads_dsp_i32
#include "spikec_add_dsp.h"
#undef add_i16
#undef add_quads_i16
#undef add_quads_i32

static inline void add_quads_i16(int16_t *membrane, const int8_t *weight, uint32_t count)
{
    if (count >= 16u) {
        SPIKEC_ADD_I16(membrane, weight, count / 16u, "s8");
    }
    if ((count & 15u) != 0) {
        add_quads_dsp_i16(membrane, weight, count & 15u);
    }
}

static inline void add_quads_i32(int32_t *membrane, const int8_t *weight, uint32_t count)
{
    if (count >= 16u) {
        SPIKEC_ADD_I32(membrane, weight, count / 16u, "s8");
    }
    if ((count & 15u) != 0) {
        add_quads_dsp_i32(membrane, weight, count & 15u);
    }
}

/* Weights in their own order, and on any address. */
static inline void add_i16(int16_t *membrane, const int8_t *weight, uint32_t count)
{
    for (; count >= 8u; count -= 8u, membrane += 8, weight += 8) {
        vst1q_s16(membrane, vaddq_s16(vld1q_s16(membrane), vldrbq_s16(weight)));
    }
    add_dsp_i16(membrane, weight, count);
}

#endif
