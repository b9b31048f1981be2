/* spikec_fire_dc.c: the fire step of SNN-DC, for membranes of 16 and of 32 bits. */
#include "spikec_cycle.h"
#include "spikec_dsp.h"
#include "spikec_fire_avr.h"
#include "spikec_kernels.h"
#include "spikec_mve.h"
#include "spikec_swar.h"

#if defined(SPIKEC_MVE)
#include "spikec_fire_dc_mve.h"
#define HAS_WORDS 1
#elif defined(SPIKEC_DSP)
#include "spikec_fire_dc_dsp.h"
#define HAS_WORDS 1
#else
#define HAS_WORDS 0
#if defined(SPIKEC_THUMB)
#include "spikec_fire_dc_thumb.h"
#define HAS_WORD 1
#elif defined(SPIKEC_SWAR) && UINTPTR_MAX > UINT32_MAX
#include "spikec_fire_swar.h"
#define HAS_WORD 32
#endif
#endif

#if defined(SPIKEC_AVR)
#define KERNELS "spikec_fire_dc_avr.h"
#else
#define KERNELS "spikec_fire_dc.h"
#endif

#define MEMBRANE int16_t
#define WIDTH(name) name##_i16
#define HAS_ROUTINE 1
#include KERNELS
#undef MEMBRANE
#undef WIDTH

#undef HAS_WORD
#undef HAS_ROUTINE
#if !defined(SPIKEC_MVE) /* with the DSP extension alone, words of wide membranes take as long */
#undef HAS_WORDS
#define HAS_WORDS 0
#endif

#define MEMBRANE int32_t
#define WIDTH(name) name##_i32
#define HAS_ROUTINE 0
#include KERNELS
