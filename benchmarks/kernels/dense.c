/* dense.c: dense layers in 8 bits for the Cortex-M4. See dense.h. */
#include "dense.h"

#pragma GCC optimize("no-schedule-insns") /* loads that come too early only spill registers: a quarter slower */

static inline uint32_t word_at(const int8_t *bytes)
{
    uint32_t word;
    __builtin_memcpy(&word, bytes, sizeof word); /* the Cortex-M4 loads words from anywhere */
    return word;
}

static inline uint32_t even(uint32_t bytes)
{
    uint32_t halves;
    __asm__("sxtb16 %0, %1" : "=r"(halves) : "r"(bytes));
    return halves;
}

static inline uint32_t odd(uint32_t bytes)
{
    uint32_t halves;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(halves) : "r"(bytes));
    return halves;
}

static inline int32_t multiply_add(uint32_t a, uint32_t b, int32_t sum)
{
    int32_t found;
    __asm__("smlad %0, %1, %2, %3" : "=r"(found) : "r"(a), "r"(b), "r"(sum));
    return found;
}

/* ---- two rows at a time ---- */

static inline int8_t byte_of(const dense_layer_t *layer, int32_t sum)
{
    int32_t high = (int32_t)(((int64_t)sum * layer->multiplier + (INT64_C(1) << 30)) >> 31);
    int32_t half = layer->shift > 0 ? INT32_C(1) << (layer->shift - 1) : 0;
    int32_t away = layer->shift > 0 ? high >> 31 : 0; /* half rounds away from zero */
    int32_t value = (int32_t)(((int64_t)high + away + half) >> layer->shift) + layer->offset;
    value = value < layer->low ? layer->low : value;
    return (int8_t)(value > layer->high ? layer->high : value);
}

/* The next four columns of both rows. */
static inline void four_columns(const int8_t **in, const int8_t **first, const int8_t **second, int32_t *sum, int32_t *other)
{
    uint32_t x = word_at(*in), a = word_at(*first), b = word_at(*second);
    uint32_t x_even = even(x), x_odd = odd(x);
    *in += 4;
    *first += 4;
    *second += 4;
    *sum = multiply_add(odd(a), x_odd, multiply_add(even(a), x_even, *sum));
    *other = multiply_add(odd(b), x_odd, multiply_add(even(b), x_even, *other));
}

/* `out` is two bytes; the rows may be the same one. */
static inline void two_rows(const dense_layer_t *layer, const int8_t *in, uint32_t row, uint32_t next, int8_t *out)
{
    uint32_t inputs = layer->inputs;
    const int8_t *first = layer->weight + row * inputs, *second = layer->weight + next * inputs;
    int32_t sum = layer->bias[row], other = layer->bias[next];
    for (const int8_t *end = in + (inputs & ~UINT32_C(15)); in != end;) {
        four_columns(&in, &first, &second, &sum, &other);
        four_columns(&in, &first, &second, &sum, &other);
        four_columns(&in, &first, &second, &sum, &other);
        four_columns(&in, &first, &second, &sum, &other);
    }
    for (const int8_t *end = in + (inputs & 12u); in != end;) {
        four_columns(&in, &first, &second, &sum, &other);
    }
    for (uint32_t rest = inputs & 3u; rest > 0; rest--, in++) {
        sum += *in * *first++;
        other += *in * *second++;
    }
    out[0] = byte_of(layer, sum);
    out[1] = byte_of(layer, other);
}

void dense_two_rows(const dense_layer_t *layer, const int8_t *in, int8_t *out)
{
    uint32_t row = 0;
    for (; row + 1 < layer->outputs; row += 2) {
        two_rows(layer, in, row, row + 1, out + row);
    }
    if (row < layer->outputs) {
        int8_t last[2];
        two_rows(layer, in, row, row, last);
        out[row] = last[0];
    }
}

/* ---- four rows at a time ---- */

/* Inputs x0 to x3 as B = (x1, x3) and A = (256 x0 - x1, 256 x2 - x3). */
static inline void spread_inputs(const int8_t *in, uint32_t words, uint32_t *spread)
{
    for (uint32_t i = 0; i < words; i++) {
        uint32_t x = word_at(in + 4 * i), b = odd(x), a;
        __asm__("ssub16 %0, %1, %2" : "=r"(a) : "r"((x << 8) & 0xFF00FF00u), "r"(b));
        spread[2 * i] = b;
        spread[2 * i + 1] = a;
    }
}

static inline uint32_t four_times(int32_t byte)
{
    return ((uint32_t)byte & 0xFFu) * 0x01010101u;
}

void dense_packed(const dense_layer_t *layer, const int8_t *in, int8_t *out, uint32_t *spread)
{
    uint32_t groups = (layer->inputs + 7u) / 8u;
    spread_inputs(in, 2 * groups, spread);
    dense_run_t run = {
        .spread = spread,
        .middle = spread + 4 * (groups & ~UINT32_C(7)),
        .end = spread + 4 * groups,
        .packed = layer->packed,
        .doubled = layer->doubled,
        .out = (uint32_t *)(void *)out,
        .blocks = (layer->outputs + 3u) / 4u,
        .multiplier = layer->multiplier,
        .half = (INT32_C(1) << (layer->shift - 1)) + layer->offset * (INT32_C(1) << layer->shift),
        .shift = layer->shift,
        .low = four_times(layer->low),
        .high = four_times(layer->high),
    };
    dense_rows(&run);
}
