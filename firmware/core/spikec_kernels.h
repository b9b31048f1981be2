/*
 * spikec_kernels.h: what a layer's step is made of: scan, integrate, fire. Generated code calls these.
 *
 * Every width of every kernel computes in integers whose ranges spikec has proved from the weights, so nothing here can
 * overflow. A kernel that is specialised for an instruction set is bit-equal to the portable one beside it.
 */
#ifndef SPIKEC_KERNELS_H
#define SPIKEC_KERNELS_H

#include "spikec.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Weight rows and membranes are padded with zeros to a multiple of this many neurons, so that kernels need no tail. */
#define SPIKEC_LANES 8u
#define SPIKEC_PADDED(n) (((n) + SPIKEC_LANES - 1u) / SPIKEC_LANES * SPIKEC_LANES)

/* Weight tables and membranes start on a word, so that kernels may load words. */
#if defined(__GNUC__)
#define SPIKEC_ALIGNED __attribute__((aligned(8)))
#else
#define SPIKEC_ALIGNED
#endif

/* Find the spikes in `words` words: `rows` becomes the list of their weight rows (each `stride` weights, row n at
 * weights + n * stride), ended by NULL. Returns how many there are; `rows` needs room for one more. */
uint32_t spikec_scan(const uint32_t *spikes, uint32_t words, const int8_t *weights, uint32_t stride,
                     const int8_t **rows);

/* membrane[n] = start[n] + the sum of all rows[...][n], for n below `padded`, a multiple of SPIKEC_LANES. `start` is the
 * membranes themselves for neurons with memory, and the biases for those without. */
void spikec_integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const int8_t *const *rows);
void spikec_integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const int8_t *const *rows);

/* SNN-DC: a spike where membrane > theta. `_each`: a threshold for every neuron. Writes whole words of spikes. */
void spikec_fire_dc_i16(const int16_t *membrane, uint32_t size, int16_t theta, uint32_t *spikes);
void spikec_fire_dc_i32(const int32_t *membrane, uint32_t size, int32_t theta, uint32_t *spikes);
void spikec_fire_dc_each_i16(const int16_t *membrane, uint32_t size, const int16_t *theta, uint32_t *spikes);
void spikec_fire_dc_each_i32(const int32_t *membrane, uint32_t size, const int32_t *theta, uint32_t *spikes);

/* SNN-CT: membrane += bias; a spike where membrane > theta, and there membrane -= theta. */
void spikec_fire_ct_i16(int16_t *membrane, uint32_t size, const int16_t *bias, int16_t theta, uint32_t *spikes);
void spikec_fire_ct_i32(int32_t *membrane, uint32_t size, const int32_t *bias, int32_t theta, uint32_t *spikes);
void spikec_fire_ct_each_i16(int16_t *membrane, uint32_t size, const int16_t *bias, const int16_t *theta,
                             uint32_t *spikes);
void spikec_fire_ct_each_i32(int32_t *membrane, uint32_t size, const int32_t *bias, const int32_t *theta,
                             uint32_t *spikes);

#ifdef __cplusplus
}
#endif

#endif
