/* spikec_fill.c: membranes that begin each step with the biases, where channels share them. */
#include "spikec_dsp.h"
#include "spikec_kernels.h"

/* Whole periods, and not too few: the tables hold SPIKEC_WRAP more than one. */
static uint32_t block_of(uint32_t period)
{
    return (period + SPIKEC_WRAP) / period * period;
}

static inline void copy_i16(int16_t *to, const int16_t *from, uint32_t count)
{
#if defined(SPIKEC_DSP)
    for (; count >= 8u; count -= 8u, to += 8, from += 8) {
        uint32_t a = load_two(from), b = load_two(from + 2), c = load_two(from + 4), d = load_two(from + 6);
        store_two(to, a);
        store_two(to + 2, b);
        store_two(to + 4, c);
        store_two(to + 6, d);
    }
    for (; count >= 2u; count -= 2u, to += 2, from += 2) {
        store_two(to, load_two(from));
    }
#endif
    for (; count > 0; count--) {
        *to++ = *from++;
    }
}

static inline void copy_i32(int32_t *to, const int32_t *from, uint32_t count)
{
    for (; count >= 4u; count -= 4u, to += 4, from += 4) {
        int32_t a = from[0], b = from[1], c = from[2], d = from[3];
        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
    }
    for (; count > 0; count--) {
        *to++ = *from++;
    }
}

void spikec_fill_i16(int16_t *membrane, uint32_t size, const int16_t *bias, uint32_t period)
{
    uint32_t block = block_of(period);
    for (; size > block; size -= block, membrane += block) {
        copy_i16(membrane, bias, block);
    }
    copy_i16(membrane, bias, size);
}

void spikec_fill_i32(int32_t *membrane, uint32_t size, const int32_t *bias, uint32_t period)
{
    uint32_t block = block_of(period);
    for (; size > block; size -= block, membrane += block) {
        copy_i32(membrane, bias, block);
    }
    copy_i32(membrane, bias, size);
}
