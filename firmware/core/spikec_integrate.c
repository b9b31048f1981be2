/*
 * spikec_integrate.c: add the weight rows of active inputs to membranes.
 *
 * A weight is a byte with an offset, so every row adds the offset too: what `count` rows have added too much is known
 * beforehand. Sums may pass their lane's range on the way; what comes out is within the membranes' proved range.
 */
#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_mve.h"

#define OFFSET_U7 64u
#define OFFSET_U8 128u
#define OFFSET_U4 8u

#if defined(SPIKEC_MVE)
#include "spikec_integrate_mve.h"
#elif defined(SPIKEC_DSP)
#include "spikec_integrate_dsp.h"
#elif defined(__AVR__)
#include "spikec_integrate_avr.h"
#else
#include "spikec_integrate_portable.h"
#endif

void spikec_integrate_u7_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count)
{
    integrate_i16(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_U7);
}

void spikec_integrate_u7_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count)
{
    integrate_i32(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_U7);
}

void spikec_integrate_u8_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count)
{
    integrate_i16(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_U8);
}

void spikec_integrate_u8_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count)
{
    integrate_i32(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_U8);
}

#if defined(SPIKEC_MVE) /* elsewhere, spikec_integrate_narrow.c has these */

void spikec_integrate_u4_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count)
{
    integrate_i16(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_U4);
}

void spikec_integrate_u4_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                             uint32_t count)
{
    integrate_i32(start, membrane, padded, rows, SPIKEC_ROWS(count), OFFSET_U4);
}

#endif
