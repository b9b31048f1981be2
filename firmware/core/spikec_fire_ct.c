/* spikec_fire_ct.c: the fire step of SNN-CT, for membranes of 16 and of 32 bits. */
#include "spikec_cycle.h"
#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_mve.h"

#if defined(SPIKEC_MVE)
#include "spikec_fire_ct_mve.h"
#define HAS_WORDS 1
#define HAS_QUIET 0
#elif defined(SPIKEC_DSP)
#include "spikec_fire_ct_dsp.h"
#define HAS_WORDS 1
#define HAS_QUIET 1
#else
#define HAS_WORDS 0
#define HAS_QUIET 0
#endif

#define MEMBRANE int16_t
#define WIDTH(name) name##_i16
#include "spikec_fire_ct.h"
#undef MEMBRANE
#undef WIDTH

#define MEMBRANE int32_t
#define WIDTH(name) name##_i32
#include "spikec_fire_ct.h"
