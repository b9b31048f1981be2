/*
 * spikec_integrate_portable.h: blocks of eight neurons in plain C. A part of spikec_integrate.c.
 *
 * Written out, not looped, so that the sums stay in registers at every optimisation level of every compiler.
 */
#ifndef SPIKEC_INTEGRATE_PORTABLE_H
#define SPIKEC_INTEGRATE_PORTABLE_H

#include "spikec_kernels.h"

static inline void block_i32(const int32_t *start, int32_t *membrane, uint32_t at, const int8_t *const *rows)
{
    int32_t v0 = start[0], v1 = start[1], v2 = start[2], v3 = start[3];
    int32_t v4 = start[4], v5 = start[5], v6 = start[6], v7 = start[7];
    for (const int8_t *row; (row = *rows) != NULL; rows++) {
        row += at;
        v0 += SPIKEC_WEIGHT(row);
        v1 += SPIKEC_WEIGHT(row + 1);
        v2 += SPIKEC_WEIGHT(row + 2);
        v3 += SPIKEC_WEIGHT(row + 3);
        v4 += SPIKEC_WEIGHT(row + 4);
        v5 += SPIKEC_WEIGHT(row + 5);
        v6 += SPIKEC_WEIGHT(row + 6);
        v7 += SPIKEC_WEIGHT(row + 7);
    }
    membrane[0] = v0;
    membrane[1] = v1;
    membrane[2] = v2;
    membrane[3] = v3;
    membrane[4] = v4;
    membrane[5] = v5;
    membrane[6] = v6;
    membrane[7] = v7;
}

#if !defined(SPIKEC_OWN_BLOCK_I16)
/* Sums in 32 bits, which no narrower machine register beats; the proved range fits 16 when they are stored. */
static inline void block_i16(const int16_t *start, int16_t *membrane, uint32_t at, const int8_t *const *rows)
{
    int32_t wide[SPIKEC_LANES];
    for (uint32_t i = 0; i < SPIKEC_LANES; i++) {
        wide[i] = start[i];
    }
    block_i32(wide, wide, at, rows);
    for (uint32_t i = 0; i < SPIKEC_LANES; i++) {
        membrane[i] = (int16_t)wide[i];
    }
}
#endif

#endif
