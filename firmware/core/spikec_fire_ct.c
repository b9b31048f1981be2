/* spikec_fire_ct.c: the fire step of SNN-CT, for membranes of 16 and of 32 bits. */
#include "spikec_cycle.h"
#include "spikec_dsp.h"
#include "spikec_fire_avr.h"
#include "spikec_kernels.h"
#include "spikec_mve.h"
#include "spikec_swar.h"

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
#if defined(SPIKEC_THUMB)
#include "spikec_fire_ct_thumb.h"
#define HAS_WORD 1
#elif defined(SPIKEC_SWAR) && UINTPTR_MAX > UINT32_MAX
#include "spikec_fire_swar.h"
#define HAS_WORD 32
#endif
#endif

#if defined(SPIKEC_AVR)
#define KERNELS "spikec_fire_ct_avr.h"
#else
#define KERNELS "spikec_fire_ct.h"
#endif

#define MEMBRANE int16_t
#define WIDTH(name) name##_i16
#define HAS_ROUTINE 1
#include KERNELS
#undef MEMBRANE
#undef WIDTH
#undef HAS_WORD
#undef HAS_ROUTINE

#define MEMBRANE int32_t
#define WIDTH(name) name##_i32
#define HAS_ROUTINE 0
#include KERNELS
