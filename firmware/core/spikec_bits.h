/*
 * spikec_bits.h: counting in words of spikes. Define SPIKEC_PORTABLE_BITS to do without the compiler's built-ins.
 */
#ifndef SPIKEC_BITS_H
#define SPIKEC_BITS_H

#include <limits.h>
#include <stdint.h>

/* A Cortex-M0 and a RISC-V core without Zbb cannot count zeros, but multiply: of a de Bruijn sequence, every five bits in
 * turn are another number. */
#if defined(__GNUC__) && !defined(SPIKEC_PORTABLE_BITS) &&                                                                \
    ((defined(__thumb__) && !defined(__thumb2__)) || (defined(__riscv_mul) && !defined(__riscv_zbb)))
#define SPIKEC_DE_BRUIJN 1
#endif

/* How many zeros stand below the lowest one; `word` is not zero. */
static inline uint32_t spikec_trailing_zeros(uint32_t word)
{
#if defined(SPIKEC_DE_BRUIJN)
    static const uint8_t zeros[32] = {0,  1,  28, 2,  29, 14, 24, 3, 30, 22, 20, 15, 25, 17, 4,  8,
                                      31, 27, 13, 23, 21, 19, 16, 7, 26, 12, 18, 6,  11, 5,  10, 9};
    return zeros[(word & (0u - word)) * UINT32_C(0x077CB531) >> 27];
#elif defined(__GNUC__) && !defined(SPIKEC_PORTABLE_BITS) && UINT_MAX >= UINT32_MAX
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
