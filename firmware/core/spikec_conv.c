/*
 * spikec_conv.c: convolution, event by event: each input spike adds its channel's kernel around its place.
 *
 * With channels last, that is one contiguous run of weights onto one contiguous run of membranes for each kernel row.
 * Partial sums keep within the membranes' proved range in every order.
 */
#include "spikec_bits.h"
#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_mve.h"
#include "spikec_swar.h"

#include "spikec_add_portable.h"
#if defined(SPIKEC_MVE)
#include "spikec_add_mve.h"
#elif defined(SPIKEC_DSP)
#include "spikec_add_dsp.h"
#else
#define add_i16 add_portable_i16
#define add_quads_i16 add_quads_portable_i16
#define add_quads_i32 add_quads_portable_i32
#endif

/* ---- Weights in their own order ---- */

#define HAS_RUNS 0
#define HAS_PAIRS 0
#define HAS_LANES 0

#define MEMBRANE int16_t
#define NAME(name) name##_i16
#define ADD(membrane, weight, count) add_i16(membrane, weight, count)
#include "spikec_conv.h"
#undef ADD
#undef NAME
#undef MEMBRANE

#define MEMBRANE int32_t
#define NAME(name) name##_i32
#define ADD(membrane, weight, count) add_i32(membrane, weight, count)
#include "spikec_conv.h"
#undef ADD
#undef NAME
#undef MEMBRANE

/* ---- Quads ---- */

#if defined(SPIKEC_DSP) && !defined(SPIKEC_MVE)
#define QUADS_IN_RUNS 1
#define QUADS_IN_PAIRS 1
#define QUADS_IN_LANES 0
#define WORDS_IN_RUNS 0
#include "spikec_conv_dsp.h"
#elif defined(SPIKEC_SWAR)
#if defined(SPIKEC_THUMB) || UINTPTR_MAX > UINT32_MAX
#define QUADS_IN_RUNS 1
#define QUADS_IN_LANES 1
#else /* weights with signs cost no more one by one */
#define QUADS_IN_RUNS 0
#define QUADS_IN_LANES 0
#endif
#define QUADS_IN_PAIRS 0
#define WORDS_IN_RUNS 1
#include "spikec_window.h"
#if !defined(SPIKEC_THUMB)
#include "spikec_conv_swar.h"
#elif SPIKEC_THUMB == 1
#include "spikec_conv_thumb1.h"
#else
#include "spikec_conv_thumb2.h"
#endif
#else
#define QUADS_IN_RUNS 0
#define QUADS_IN_PAIRS 0
#define QUADS_IN_LANES 0
#define WORDS_IN_RUNS 0
#endif

#undef HAS_RUNS
#undef HAS_PAIRS
#define HAS_RUNS QUADS_IN_RUNS
#define HAS_PAIRS QUADS_IN_PAIRS

#define MEMBRANE int32_t
#define NAME(name) name##_quads_i32
#define ADD(membrane, weight, count) add_quads_i32(membrane, weight, count)
#include "spikec_conv.h"
#undef ADD
#undef NAME
#undef MEMBRANE

#undef HAS_LANES
#define HAS_LANES QUADS_IN_LANES

#define MEMBRANE int16_t
#define NAME(name) name##_quads_i16
#define ADD(membrane, weight, count) add_quads_i16(membrane, weight, count)
#include "spikec_conv.h"
#undef ADD
#undef NAME
#undef MEMBRANE

/* ---- Words: quads with an offset ---- */

#undef HAS_RUNS
#undef HAS_PAIRS
#undef HAS_LANES
#define HAS_RUNS WORDS_IN_RUNS
#define HAS_PAIRS WORDS_IN_RUNS
#define HAS_LANES WORDS_IN_RUNS

#define MEMBRANE int16_t
#define NAME(name) name##_words_i16
#define ADD(membrane, weight, count) add_words_i16(membrane, weight, count, conv->offset)
#include "spikec_conv.h"
#undef ADD
#undef NAME
#undef MEMBRANE

#undef HAS_LANES
#define HAS_LANES 0

#define MEMBRANE int32_t
#define NAME(name) name##_words_i32
#define ADD(membrane, weight, count) add_words_i32(membrane, weight, count, conv->offset)
#include "spikec_conv.h"
