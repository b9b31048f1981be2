/*
 * spikec_integrate.c: add weight rows to membranes.
 *
 * A block of neurons stays in registers while all rows pass; so a weight costs a load and an add, and a membrane is
 * loaded and stored once a step. Partial sums keep within the membranes' proved range in every order.
 */
#include "spikec_dsp.h"
#include "spikec_kernels.h"

#if defined(SPIKEC_DSP)
#include "spikec_integrate_dsp.h"
#elif defined(__AVR__)
#include "spikec_integrate_avr.h"
#else
#include "spikec_integrate_portable.h"
#endif

void spikec_integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const int8_t *const *rows)
{
    uint32_t at = 0;
#if defined(SPIKEC_HAS_BLOCK16)
    for (; at + 16u <= padded; at += 16u) {
        block16_i16(start + at, membrane + at, at, rows);
    }
#endif
    for (; at < padded; at += SPIKEC_LANES) {
        block_i16(start + at, membrane + at, at, rows);
    }
}

void spikec_integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const int8_t *const *rows)
{
    uint32_t at = 0;
#if defined(SPIKEC_HAS_BLOCK16)
    for (; at + 16u <= padded; at += 16u) {
        block16_i32(start + at, membrane + at, at, rows);
    }
#endif
    for (; at < padded; at += SPIKEC_LANES) {
        block_i32(start + at, membrane + at, at, rows);
    }
}
