/* spikec_max_pool.c: max-pooling of spikes: the OR of every window, on packed bits. */
#include "spikec_internal.h"
#include "spikec_kernels.h"

/* `count` bits (1 to 32) from bit `at` on. */
static inline uint32_t take_bits(const uint32_t *from, uint32_t at, uint32_t count)
{
    uint32_t shift = at % 32u, bits = from[at / 32u] >> shift;
    if (shift + count > 32u) {
        bits |= from[at / 32u + 1u] << (32u - shift);
    }
    return count < 32u ? bits & ((UINT32_C(1) << count) - 1u) : bits;
}

/* OR `count` bits, from bit `at` of `from` on, into `to` from bit `place` on. */
static void or_bits(uint32_t *to, uint32_t place, const uint32_t *from, uint32_t at, uint32_t count)
{
    for (uint32_t now; count > 0; count -= now, at += now, place += now) {
        now = count < 32u ? count : 32u;
        uint32_t bits = take_bits(from, at, now), shift = place % 32u;
        if (bits != 0) {
            to[place / 32u] |= bits << shift;
            if (shift + now > 32u) {
                to[place / 32u + 1u] |= bits >> (32u - shift);
            }
        }
    }
}

/* The OR of the input rows that row `y` of the output sees. */
static void join_rows(const spikec_pool_t *pool, const uint32_t *in, uint32_t y, uint32_t *row)
{
    spikec_clear(row, SPIKEC_WORDS(pool->row));
    for (uint32_t i = 0; i < pool->kernel; i++) {
        or_bits(row, 0, in, (y * pool->stride + i) * pool->row, pool->row);
    }
}

void spikec_max_pool(const spikec_pool_t *pool, const uint32_t *in, uint32_t *row, uint32_t *out)
{
    uint32_t channels = pool->channels, place = 0;
    spikec_clear(out, SPIKEC_WORDS((uint32_t)pool->rows * pool->columns * channels));
    for (uint32_t y = 0; y < pool->rows; y++) {
        join_rows(pool, in, y, row);
        for (uint32_t x = 0; x < pool->columns; x++, place += channels) {
            for (uint32_t i = 0; i < pool->kernel; i++) {
                or_bits(out, place, row, (x * pool->stride + i) * channels, channels);
            }
        }
    }
}
