/* spikec_scan.c: from spikes to weight rows, once a layer and step. */
#include "spikec_avr.h"
#include "spikec_bits.h"
#include "spikec_kernels.h"

/* Fill the list up to whole groups with the row behind all others, which adds nothing. */
static uint32_t filled(const uint8_t **rows, const uint8_t **next, const uint8_t *nothing)
{
    uint32_t count = (uint32_t)(next - rows);
    for (uint32_t left = SPIKEC_ROWS(count) - count; left > 0; left--) {
        *next++ = nothing;
    }
    return count;
}

#if defined(SPIKEC_AVR)

/* A byte's next bit: its row is listed if it is set, and `first` is done with when no other is. */
#define BIT                                                                                                            \
    "lsr %[byte]\n\t"                                                                                                  \
    "brcc .+6\n\t"                                                                                                     \
    "st Z+, %A[row]\n\t"                                                                                               \
    "st Z+, %B[row]\n\t"                                                                                               \
    "breq 2b\n\t" /* as LSR left it */                                                                                 \
    "add %A[row], %A[stride]\n\t"                                                                                      \
    "adc %B[row], %B[stride]\n\t"

/* Byte by byte: words and their trailing zeros take a machine of eight bits long. There is a byte at least. */
static const uint8_t **list(const uint8_t *bytes, const uint8_t *end, const uint8_t *first, uint16_t stride,
                            const uint8_t **next)
{
    uint16_t row;
    uint8_t byte;
    __asm__ volatile("rjmp 1f\n"
                     "2:\n\t"
                     "add %A[first], %A[eight]\n\t"
                     "adc %B[first], %B[eight]\n\t"
                     "cp r26, %A[end]\n\t"
                     "cpc r27, %B[end]\n\t"
                     "breq 3f\n"
                     "1:\n\t"
                     "ld %[byte], X+\n\t"
                     "tst %[byte]\n\t"
                     "breq 2b\n\t"
                     "movw %[row], %[first]\n\t" BIT BIT BIT BIT BIT BIT BIT
                     "st Z+, %A[row]\n\t" /* the highest bit is set, or there was none */
                     "st Z+, %B[row]\n\t"
                     "rjmp 2b\n"
                     "3:"
                     : [byte] "=&r"(byte), [row] "=&r"(row), [first] "+r"(first), "+x"(bytes), "+z"(next)
                     : [end] "r"(end), [stride] "r"(stride), [eight] "r"((uint16_t)(8u * stride))
                     : "cc", "memory");
    return next;
}

uint32_t spikec_scan(const uint32_t *spikes, uint32_t inputs, const uint8_t *weights, uint32_t stride,
                     const uint8_t **rows)
{
    const uint8_t *bytes = (const uint8_t *)spikes; /* an AVR is little-endian */
    const uint8_t **next = list(bytes, bytes + ((uint16_t)inputs + 7u) / 8u, weights, (uint16_t)stride, rows);
    return filled(rows, next, weights + (uint16_t)inputs * (uint16_t)stride);
}

#else

uint32_t spikec_scan(const uint32_t *spikes, uint32_t inputs, const uint8_t *weights, uint32_t stride,
                     const uint8_t **rows)
{
    const uint8_t **next = rows;
    const uint32_t *end = spikes + SPIKEC_WORDS(inputs);
    const uint8_t *first = weights;
    for (; spikes < end; spikes++, first += 32u * stride) {
        for (uint32_t word = *spikes; word != 0; word &= word - 1u) {
            *next++ = first + spikec_trailing_zeros(word) * stride;
        }
    }
    return filled(rows, next, weights + (size_t)inputs * stride);
}

#endif
