/*
 * dense.h: dense layers in 8 bits for the Cortex-M4, as an opponent of spikes: bytes in, bytes out. The arithmetic is that of
 * benchmarks/dense/arithmetic.py, which is CMSIS-NN's with the inputs' zero point in the bias.
 */
#ifndef DENSE_H
#define DENSE_H

#include <stdint.h>

typedef struct {
    uint32_t inputs;
    uint32_t outputs;
    const int8_t *weight;    /* a row of `inputs` for each output */
    const int32_t *bias;
    int32_t multiplier;      /* a sum is multiplied by multiplier / 2^31 / 2^shift */
    int32_t shift;
    int32_t offset;          /* added to that */
    int32_t low;             /* bounds of the result */
    int32_t high;
    const uint32_t *packed;  /* the same weights and biases for dense_packed(), in rows of four: see pack.py */
    const int32_t *doubled;
} dense_layer_t;

/* Two rows at a time, four columns at a time, SXTB16 and SMLAD: CMSIS-NN's way. Takes all bytes and all sizes. */
void dense_two_rows(const dense_layer_t *layer, const int8_t *in, int8_t *out);

/* Four rows at a time, eight columns at a time, three instructions for four products: the best that we know.
 * `in` holds bytes from -127 on, is aligned to 4 and has room for whole groups of eight; `out` for whole words.
 * `spread` has room for two bytes an input, in whole groups of eight. */
void dense_packed(const dense_layer_t *layer, const int8_t *in, int8_t *out, uint32_t *spread);

/* What dense_rows() works on; it steps through what is not const. The order is known to dense_rows.S. */
typedef struct {
    const uint32_t *spread;
    const uint32_t *middle;  /* end of the whole eights of groups, and of all groups */
    const uint32_t *end;
    const uint32_t *packed;
    const int32_t *doubled;
    uint32_t *out;
    uint32_t blocks;
    int32_t multiplier;
    int32_t half;
    int32_t shift;
    uint32_t low;            /* the bounds, four times each */
    uint32_t high;
} dense_run_t;

void dense_rows(dense_run_t *run);

#endif
