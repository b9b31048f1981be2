/* spikec_scan.c: from spikes to weight rows, once a layer and step. */
#include "spikec_bits.h"
#include "spikec_kernels.h"

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
