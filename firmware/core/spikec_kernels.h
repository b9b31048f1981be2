/*
 * spikec_kernels.h: what a layer's step is made of: scan and integrate, or convolve; fire; pool. Generated code calls
 * these.
 *
 * Every width of every kernel computes in integers whose ranges spikec has proved from the weights, so nothing here can
 * overflow. A kernel that is specialised for an instruction set is bit-equal to the portable one beside it.
 */
#ifndef SPIKEC_KERNELS_H
#define SPIKEC_KERNELS_H

#include "spikec.h"
#include "spikec_dsp.h"
#include "spikec_weight.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Weight rows and membranes are padded with zeros to a multiple of this many neurons, so that kernels need no tail. */
#define SPIKEC_LANES 8u
#define SPIKEC_PADDED(n) (((n) + SPIKEC_LANES - 1u) / SPIKEC_LANES * SPIKEC_LANES)

/* For a loop that has few registers to spare, within a function that has some of its own. */
#if defined(__GNUC__)
#define OUT_OF_LINE __attribute__((noinline))
#else
#define OUT_OF_LINE
#endif

/* Weight tables and membranes start on a word, so that kernels may load words. */
#if defined(__GNUC__)
#define SPIKEC_ALIGNED __attribute__((aligned(8)))
#else
#define SPIKEC_ALIGNED
#endif

/* ---- Dense layers. The table has a row of `stride` weights for every input, and one more that adds nothing. Weights are
 * bytes with an offset: 64 for up to 7 bits (u7), so that two have a sum that fits a byte, or 128 for 8 bits (u8). Of every
 * four, the two in the middle have changed places. ---- */

/* Lists of rows are filled up to a multiple of this many with the row that adds nothing, so that kernels may take rows
 * together. */
#if defined(__AVR__) || defined(SPIKEC_DSP)
#define SPIKEC_GROUP 2u
#else
#define SPIKEC_GROUP 4u
#endif
#define SPIKEC_ROWS(inputs) (((inputs) + SPIKEC_GROUP - 1u) / SPIKEC_GROUP * SPIKEC_GROUP)

/* Find the spikes of `inputs` inputs: `rows`, with room for SPIKEC_ROWS(inputs), becomes the list of their weight rows,
 * filled up. Returns how many spikes there are. */
uint32_t spikec_scan(const uint32_t *spikes, uint32_t inputs, const uint8_t *weights, uint32_t stride,
                     const uint8_t **rows);

/* membrane[n] = start[n] + the weights of neuron n in `count` rows, for n below `padded`, a multiple of SPIKEC_LANES.
 * `start` is the membranes themselves for neurons with memory, and the biases for those without. Uses up the list: some
 * kernels keep in it how far they are in each row. */
void spikec_integrate_u7_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_u7_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_u8_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_u8_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);

/* The same for weights of up to 4 bits, with an offset of 8: in bytes (u4) or two in a byte (p4); and for weights -1, 0 and
 * 1, with an offset of 1, four in a byte (p2). `padded` is a multiple of 16 here. */
void spikec_integrate_u4_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_u4_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_p4_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_p4_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_p2_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);
void spikec_integrate_p2_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count);

/* ---- Convolution. Pictures have their channels last: neuron (row * columns + column) * channels + channel. ---- */

/* What a spike in one row (or one column) of the input reaches. */
typedef struct {
    uint16_t out;                   /* its first neuron */
    uint16_t count;                 /* rows: how many kernel rows add to it; columns: how many weights a row adds */
    uint32_t weight;                /* its first weight */
} spikec_span_t;

/* The weights of an input channel are its kernel rows, each in the order of the neurons that it reaches; both tables of
 * spans know the edges, the padding and the stride. A place in a row of the input, divided by its channels, is
 * place * inverse >> shift. */
typedef struct {
    const spikec_span_t *row;       /* one for each row of the input */
    const spikec_span_t *column;    /* one for each column */
    const int8_t *weight;
    uint16_t columns;               /* of the input */
    uint16_t channels;              /* of the input */
    uint16_t out_row;               /* neurons in a row of the output */
    uint32_t kernel_row;            /* weights in a row of the kernel */
    uint32_t kernel;                /* weights of an input channel */
    uint32_t inverse;
    uint8_t shift;
    uint8_t pairs;                  /* 1 where the sum of any two weights fits a byte: they have up to 7 bits */
    uint8_t offset;                 /* what is added to weights in words */
} spikec_conv_t;

/* For every spike in `words` words: add the weights of its channel to the membranes that it reaches. Returns how many
 * additions that were. `_quads`: of every four weights, the two in the middle have changed places, and the output has
 * channels in groups of four. `_words`: the same, and weights have an offset, as those of dense layers: 64 for up to 7 bits,
 * so that two have a sum that fits a byte, or 128. */
uint32_t spikec_conv_i16(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, int16_t *membrane);
uint32_t spikec_conv_i32(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, int32_t *membrane);
uint32_t spikec_conv_quads_i16(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, int16_t *membrane);
uint32_t spikec_conv_quads_i32(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, int32_t *membrane);
uint32_t spikec_conv_words_i16(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, int16_t *membrane);
uint32_t spikec_conv_words_i32(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words, int32_t *membrane);

/* ---- Values that repeat: `period` of them hold for all neurons in turn, where a channel shares one. If there are fewer
 * than neurons, the table has SPIKEC_WRAP more behind them, which begin again. ---- */

#define SPIKEC_WRAP 31u

/* membrane[n] = bias[n % period]. */
void spikec_fill_i16(int16_t *membrane, uint32_t size, const int16_t *bias, uint32_t period);
void spikec_fill_i32(int32_t *membrane, uint32_t size, const int32_t *bias, uint32_t period);

/* SNN-DC: a spike where membrane > theta. `_each`: not one threshold for all. Writes whole words of spikes. */
void spikec_fire_dc_i16(const int16_t *membrane, uint32_t size, int16_t theta, uint32_t *spikes);
void spikec_fire_dc_i32(const int32_t *membrane, uint32_t size, int32_t theta, uint32_t *spikes);
void spikec_fire_dc_each_i16(const int16_t *membrane, uint32_t size, const int16_t *theta, uint32_t theta_period,
                             uint32_t *spikes);
void spikec_fire_dc_each_i32(const int32_t *membrane, uint32_t size, const int32_t *theta, uint32_t theta_period,
                             uint32_t *spikes);

/* SNN-CT: membrane += bias; a spike where membrane > theta, and there membrane -= theta. */
void spikec_fire_ct_i16(int16_t *membrane, uint32_t size, const int16_t *bias, uint32_t bias_period, int16_t theta,
                        uint32_t *spikes);
void spikec_fire_ct_i32(int32_t *membrane, uint32_t size, const int32_t *bias, uint32_t bias_period, int32_t theta,
                        uint32_t *spikes);
void spikec_fire_ct_each_i16(int16_t *membrane, uint32_t size, const int16_t *bias, uint32_t bias_period,
                             const int16_t *theta, uint32_t theta_period, uint32_t *spikes);
void spikec_fire_ct_each_i32(int32_t *membrane, uint32_t size, const int32_t *bias, uint32_t bias_period,
                             const int32_t *theta, uint32_t theta_period, uint32_t *spikes);

/* ---- Max-pooling ---- */

typedef struct {
    uint16_t channels;
    uint16_t row;                   /* inputs in a row */
    uint16_t rows;                  /* of the output */
    uint16_t columns;
    uint16_t kernel;                /* a window is kernel x kernel pixels */
    uint16_t stride;
} spikec_pool_t;

/* Each output spikes if any input of its window does. `row`: room for a row of inputs. */
void spikec_max_pool(const spikec_pool_t *pool, const uint32_t *in, uint32_t *row, uint32_t *out);

#ifdef __cplusplus
}
#endif

#include "spikec_fast.h"

#endif
