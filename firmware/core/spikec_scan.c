/* spikec_scan.c: from spikes to weight rows, once a layer and step. */
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

#if defined(__AVR__)

/* Byte by byte: words and their trailing zeros take a machine of eight bits long. */
uint32_t spikec_scan(const uint32_t *spikes, uint32_t inputs, const uint8_t *weights, uint32_t stride,
                     const uint8_t **rows)
{
    const uint8_t **next = rows;
    const uint8_t *bytes = (const uint8_t *)spikes; /* an AVR is little-endian */
    const uint8_t *first = weights;
    for (uint16_t i = 0; i < (uint16_t)SPIKEC_WORDS(inputs) * 4u; i++, first += 8u * (uint16_t)stride) {
        const uint8_t *row = first;
        for (uint8_t byte = bytes[i]; byte != 0; byte >>= 1, row += (uint16_t)stride) {
            if ((byte & 1u) != 0) {
                *next++ = row;
            }
        }
    }
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
