/* spikec_max_pool.c: max-pooling of spikes: the OR of every window, on packed bits. */
#include <stdbool.h>

#include "spikec_internal.h"
#include "spikec_kernels.h"

static inline uint32_t at_most_32(uint32_t count)
{
    return count < 32u ? count : 32u;
}

/* `count` bits (1 to 32) from bit `at` on. */
static inline uint32_t take_bits(const uint32_t *from, uint32_t at, uint32_t count)
{
    uint32_t shift = at % 32u, bits = from[at / 32u] >> shift;
    if (shift + count > 32u) {
        bits |= from[at / 32u + 1u] << (32u - shift);
    }
    return bits & (UINT32_MAX >> (32u - count));
}

/* OR `count` bits into those from bit `at` on. */
static inline void put_bits(uint32_t *to, uint32_t at, uint32_t bits, uint32_t count)
{
    uint32_t shift = at % 32u;
    to[at / 32u] |= bits << shift;
    if (shift + count > 32u) {
        to[at / 32u + 1u] |= bits >> (32u - shift);
    }
}

/* The OR of the input rows that row `y` of the output sees. Returns whether there is any spike. */
static bool join_rows(const spikec_pool_t *pool, const uint32_t *in, uint32_t y, uint32_t *row)
{
    uint32_t any = 0;
    for (uint32_t done = 0; done < pool->row; done += 32u) {
        uint32_t count = at_most_32(pool->row - done), at = y * pool->stride * pool->row + done, bits = 0;
        for (uint32_t i = 0; i < pool->kernel; i++, at += pool->row) {
            bits |= take_bits(in, at, count);
        }
        row[done / 32u] = bits;
        any |= bits;
    }
    return any != 0;
}

/* The same where rows are whole words. */
static bool join_whole_rows(const spikec_pool_t *pool, const uint32_t *in, uint32_t y, uint32_t *row)
{
    const uint32_t words = pool->row / 32u;
    const uint32_t *from = in + y * pool->stride * words;
    uint32_t any = 0;
    for (uint32_t i = 0; i < words; i++, from++) {
        uint32_t bits = from[0] | from[words];
        for (uint32_t k = 2; k < pool->kernel; k++) {
            bits |= from[k * words];
        }
        row[i] = bits;
        any |= bits;
    }
    return any != 0;
}

/* The OR of the pixels that column `x` of the output sees; its channels go to bit `to` of the output. */
static inline void join_pixels(const spikec_pool_t *pool, const uint32_t *row, uint32_t x, uint32_t *out, uint32_t to)
{
    const uint32_t channels = pool->channels;
    for (uint32_t done = 0; done < channels; done += 32u) {
        uint32_t count = at_most_32(channels - done), at = x * pool->stride * channels + done, bits = 0;
        for (uint32_t i = 0; i < pool->kernel; i++, at += channels) {
            bits |= take_bits(row, at, count);
        }
        put_bits(out, to + done, bits, count);
    }
}

/* A row of the output, pixel by pixel; it begins at bit `to`. */
static void join_row(const spikec_pool_t *pool, const uint32_t *row, uint32_t *out, uint32_t to)
{
    for (uint32_t x = 0; x < pool->columns; x++, to += pool->channels) {
        join_pixels(pool, row, x, out, to);
    }
}

/* The same where pixels are whole words, and so `to` begins one. */
static void join_whole_row(const spikec_pool_t *pool, const uint32_t *row, uint32_t *out, uint32_t to)
{
    const uint32_t words = pool->channels / 32u;
    out += to / 32u;
    for (uint32_t x = 0; x < pool->columns; x++, row += (pool->stride - 1u) * words) {
        for (uint32_t i = 0; i < words; i++, row++) {
            uint32_t bits = row[0] | row[words];
            for (uint32_t k = 2; k < pool->kernel; k++) {
                bits |= row[k * words];
            }
            *out++ = bits;
        }
    }
}

/* Every pixel of the row takes on the spikes of the one behind it; pixels have less than 32 channels. */
static inline void join_next(uint32_t *row, uint32_t words, uint32_t channels)
{
    uint32_t now = row[0];
    for (uint32_t i = 1; i < words; i++, row++) {
        uint32_t next = row[1];
        *row = now | now >> channels | next << (32u - channels);
        now = next;
    }
    *row = now | now >> channels;
}

/* The same where pixels have less than 32 channels: the row is joined as a whole, and every `stride`-th pixel is kept. */
static void join_narrow_row(const spikec_pool_t *pool, uint32_t *row, uint32_t *out, uint32_t to)
{
    const uint32_t channels = pool->channels, mask = (UINT32_C(1) << channels) - 1u, step = pool->stride * channels;
    for (uint32_t k = 1; k < pool->kernel; k++) {
        join_next(row, SPIKEC_WORDS(pool->row), channels);
    }
    uint32_t filled = to % 32u, at = 0;
    out += to / 32u;
    uint32_t word = *out;
    for (uint32_t left = pool->columns; left > 0; left--, at += step) {
        uint32_t shift = at % 32u, bits = row[at / 32u] >> shift;
        if (shift + channels > 32u) {
            bits |= row[at / 32u + 1u] << (32u - shift);
        }
        bits &= mask;
        word |= bits << filled;
        filled += channels;
        if (filled >= 32u) {
            *out++ = word;
            filled -= 32u;
            word = bits >> (channels - filled);
        }
    }
    if (filled != 0) { /* otherwise the output may end here */
        *out = word;
    }
}

void spikec_max_pool(const spikec_pool_t *pool, const uint32_t *in, uint32_t *row, uint32_t *out)
{
    const bool whole_rows = pool->row % 32u == 0 && pool->kernel > 1u;
    uint32_t to = 0;
    spikec_clear(out, SPIKEC_WORDS((uint32_t)pool->rows * pool->columns * pool->channels));
    for (uint32_t y = 0; y < pool->rows; y++, to += (uint32_t)pool->columns * pool->channels) {
        if (!(whole_rows ? join_whole_rows(pool, in, y, row) : join_rows(pool, in, y, row))) {
            continue; /* no spike in these rows */
        }
        if (pool->channels < 32u) {
            join_narrow_row(pool, row, out, to);
        } else if (pool->channels % 32u == 0 && pool->kernel > 1u) {
            join_whole_row(pool, row, out, to);
        } else {
            join_row(pool, row, out, to);
        }
    }
}
