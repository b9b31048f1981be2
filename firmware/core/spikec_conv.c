/*
 * spikec_conv.c: convolution, event by event: each input spike adds its channel's kernel around its place.
 *
 * With channels last, that is one contiguous run of weights onto one contiguous run of membranes for each kernel row.
 * Partial sums keep within the membranes' proved range in every order.
 */
#include "spikec_bits.h"
#include "spikec_kernels.h"

#include "spikec_add_portable.h"
#include "spikec_dsp.h"
#include "spikec_mve.h"
#if defined(SPIKEC_MVE)
#include "spikec_add_mve.h"
#elif defined(SPIKEC_DSP)
#include "spikec_add_dsp.h"
#else
#define add_i16 add_portable_i16
#define add_quads_i16 add_quads_portable_i16
#define add_quads_i32 add_quads_portable_i32
#endif

#define HAS_PAIRS 0

#define MEMBRANE int16_t
#define NAME(name) name##_i16
#include "spikec_conv.h"
#undef NAME
#undef MEMBRANE

#define MEMBRANE int32_t
#define NAME(name) name##_i32
#include "spikec_conv.h"
#undef NAME
#undef MEMBRANE

#if defined(SPIKEC_DSP) && !defined(SPIKEC_MVE)
#include "spikec_conv_dsp.h"
#undef HAS_PAIRS
#define HAS_PAIRS 1
#endif

#define MEMBRANE int16_t
#define NAME(name) name##_quads_i16
#include "spikec_conv.h"
#undef NAME
#undef MEMBRANE

#define MEMBRANE int32_t
#define NAME(name) name##_quads_i32
#include "spikec_conv.h"
