/* spikec_max_pool.c: max-pooling of spikes: the OR of every window, on packed bits. */
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

/* The OR of the input rows that row `y` of the output sees. */
static void join_rows(const spikec_pool_t *pool, const uint32_t *in, uint32_t y, uint32_t *row)
{
    for (uint32_t done = 0; done < pool->row; done += 32u) {
        uint32_t count = at_most_32(pool->row - done), at = y * pool->stride * pool->row + done, bits = 0;
        for (uint32_t i = 0; i < pool->kernel; i++, at += pool->row) {
            bits |= take_bits(in, at, count);
        }
        row[done / 32u] = bits;
    }
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

void spikec_max_pool(const spikec_pool_t *pool, const uint32_t *in, uint32_t *row, uint32_t *out)
{
    uint32_t to = 0;
    spikec_clear(out, SPIKEC_WORDS((uint32_t)pool->rows * pool->columns * pool->channels));
    for (uint32_t y = 0; y < pool->rows; y++) {
        join_rows(pool, in, y, row);
        for (uint32_t x = 0; x < pool->columns; x++, to += pool->channels) {
            join_pixels(pool, row, x, out, to);
        }
    }
}
