/*
 * spikec_integrate_narrow.c: add weight rows of 4 bits and less to membranes.
 *
 * A byte holds the sum of sixteen such weights, so rows are summed in bytes, four neurons a word, before anything is
 * widened. Weights may lie two or four in a byte: then they are unpacked by masks, a word at a time.
 */
#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_mve.h"

#define OFFSET_U4 8u
#define OFFSET_P4 8u
#define OFFSET_P2 1u

/* Rows whose weights have a sum that fits a byte: 16 weights of at most 15 have 240. TILE neurons are summed at a time, on
 * the stack. */
#define CHUNK_ROWS 16u

#if defined(SPIKEC_MVE)
#include "spikec_narrow_mve.h"
#elif defined(SPIKEC_DSP)
#include "spikec_narrow_dsp.h"
#else
#include "spikec_narrow_portable.h"
#endif

#define MEMBRANE int16_t
#define WIDTH(name) name##_i16
#include "spikec_integrate_narrow.h"
#undef MEMBRANE
#undef WIDTH

#define MEMBRANE int32_t
#define WIDTH(name) name##_i32
#include "spikec_integrate_narrow.h"
