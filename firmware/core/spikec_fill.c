/* spikec_fill.c: membranes that begin each step with the biases, where channels share them. */
#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_swar.h"

/* Whole periods, and not too few: the tables hold SPIKEC_WRAP more than one. */
static uint32_t block_of(uint32_t period)
{
    return (period + SPIKEC_WRAP) / period * period;
}

static inline void copy_i16(int16_t *to, const int16_t *from, uint32_t count)
{
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

/* repeat_i16: what stands `block` neurons further back, again and again: sixteen at a time, which are no more than a block. */
#if defined(SPIKEC_DSP)

/* Registers are named because loads and stores of many take ascending ones; r7 may be the frame's. */
static OUT_OF_LINE void repeat_i16(int16_t *membrane, uint32_t size, uint32_t block)
{
    const int16_t *from = membrane;
    int16_t *to = membrane + block, *end = membrane + size;
    for (; end - to >= 16;) {
        __asm__ volatile("ldm %0!, {r2, r3, r4, r5, r6, r8, r9, r10}\n\t"
                         "stm %1!, {r2, r3, r4, r5, r6, r8, r9, r10}"
                         : "+r"(from), "+r"(to)
                         :
                         : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "memory");
    }
    copy_i16(to, from, (uint32_t)(end - to));
}

#elif defined(SPIKEC_SWAR)

typedef uint32_t __attribute__((may_alias)) pair_t; /* two neurons */

static void repeat_i16(int16_t *membrane, uint32_t size, uint32_t block)
{
    const pair_t *from = (const pair_t *)(const void *)membrane;
    pair_t *to = (pair_t *)(void *)(membrane + block);
    uint32_t left = size - block;
    for (; left >= 16u; left -= 16u, from += 8, to += 8) {
        pair_t a = from[0], b = from[1], c = from[2], d = from[3];
        to[0] = a;
        to[1] = b;
        to[2] = c;
        to[3] = d;
        a = from[4], b = from[5], c = from[6], d = from[7];
        to[4] = a;
        to[5] = b;
        to[6] = c;
        to[7] = d;
    }
    copy_i16((int16_t *)(void *)to, (const int16_t *)(const void *)from, left);
}

#endif

#if defined(SPIKEC_DSP) || defined(SPIKEC_SWAR)

void spikec_fill_i16(int16_t *membrane, uint32_t size, const int16_t *bias, uint32_t period)
{
    uint32_t block = block_of(period);
    copy_i16(membrane, bias, size < block ? size : block);
    if (size > block && block % 2u != 0) { /* neurons are loaded by pairs: an even block of two */
        copy_i16(membrane + block, bias, size - block < block ? size - block : block);
        block *= 2u;
    }
    if (size > block) {
        repeat_i16(membrane, size, block);
    }
}

#else

void spikec_fill_i16(int16_t *membrane, uint32_t size, const int16_t *bias, uint32_t period)
{
    uint32_t block = block_of(period);
    for (; size > block; size -= block, membrane += block) {
        copy_i16(membrane, bias, block);
    }
    copy_i16(membrane, bias, size);
}

#endif

void spikec_fill_i32(int32_t *membrane, uint32_t size, const int32_t *bias, uint32_t period)
{
    uint32_t block = block_of(period);
    for (; size > block; size -= block, membrane += block) {
        copy_i32(membrane, bias, block);
    }
    copy_i32(membrane, bias, size);
}
