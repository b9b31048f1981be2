/*
 * spikec_bits.h: counting in words of spikes. Define SPIKEC_PORTABLE_BITS to do without the compiler's built-ins.
 */
#ifndef SPIKEC_BITS_H
#define SPIKEC_BITS_H

#include <limits.h>
#include <stdint.h>

/* How many zeros stand below the lowest one; `word` is not zero. */
static inline uint32_t spikec_trailing_zeros(uint32_t word)
{
#if defined(__GNUC__) && !defined(SPIKEC_PORTABLE_BITS) && UINT_MAX >= UINT32_MAX
    return (uint32_t)__builtin_ctz(word);
#else
    uint32_t zeros = 0;
    for (uint32_t width = 16; width > 0; width /= 2) { /* halve the search: five steps for any word */
        if ((word & ((UINT32_C(1) << width) - 1u)) == 0) {
            word >>= width;
            zeros += width;
        }
    }
    return zeros;
#endif
}

/* How many ones there are; each round removes the lowest, and spikes are few. */
static inline uint32_t spikec_ones(uint32_t word)
{
    uint32_t ones = 0;
    for (; word != 0; word &= word - 1u) {
        ones++;
    }
    return ones;
}

#endif
