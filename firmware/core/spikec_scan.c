/* spikec_scan.c: from spikes to weight rows, once a layer and step. */
#include "spikec_bits.h"
#include "spikec_kernels.h"

#if defined(__AVR__)

/* Byte by byte: words and their trailing zeros take a machine of eight bits long. */
uint32_t spikec_scan(const uint32_t *spikes, uint32_t words, const int8_t *weights, uint32_t stride,
                     const int8_t **rows)
{
    const int8_t **next = rows;
    const uint8_t *bytes = (const uint8_t *)spikes; /* an AVR is little-endian */
    for (uint16_t i = 0; i < (uint16_t)words * 4u; i++, weights += 8u * (uint16_t)stride) {
        const int8_t *row = weights;
        for (uint8_t byte = bytes[i]; byte != 0; byte >>= 1, row += (uint16_t)stride) {
            if ((byte & 1u) != 0) {
                *next++ = row;
            }
        }
    }
    *next = NULL;
    return (uint32_t)(next - rows);
}

#else

uint32_t spikec_scan(const uint32_t *spikes, uint32_t words, const int8_t *weights, uint32_t stride,
                     const int8_t **rows)
{
    const int8_t **next = rows;
    for (uint32_t i = 0; i < words; i++) {
        const int8_t *first = weights + (size_t)i * 32u * stride;
        for (uint32_t word = spikes[i]; word != 0; word &= word - 1u) {
            *next++ = first + spikec_trailing_zeros(word) * stride;
        }
    }
    *next = NULL;
    return (uint32_t)(next - rows);
}

#endif
