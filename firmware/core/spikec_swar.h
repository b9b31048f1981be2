/*
 * spikec_swar.h: whether this core adds bytes and 16-bit numbers in the lanes of its ordinary words: any little-endian one
 * without instructions of its own for that. What its kernels share.
 */
#ifndef SPIKEC_SWAR_H
#define SPIKEC_SWAR_H

#include <stdint.h>

#include "spikec_dsp.h"

#if defined(__GNUC__) && !defined(SPIKEC_DSP) && !defined(__AVR__) && !defined(SPIKEC_PORTABLE_KERNELS) &&                \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

#define SPIKEC_SWAR 1

/* Cores of Arm's M profile have kernels in assembly: a Cortex-M3 takes Thumb-2's instructions, a Cortex-M0 only Thumb's. */
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
#define SPIKEC_THUMB __ARM_ARCH_ISA_THUMB
#endif

/* A word that is made of narrower numbers; the compiler must know that the two are the same memory. */
#if UINTPTR_MAX > UINT32_MAX
typedef uint64_t __attribute__((may_alias)) lanes_t;
#else
typedef uint32_t __attribute__((may_alias)) lanes_t;
#endif

/* Inlined at every level of optimisation, so that what is constant for a caller is constant in there. */
#define SPIKEC_INLINE static inline __attribute__((always_inline))

/* In every lane of 16 bits: one, all of the low byte, and the sign. */
#define LANE_ONES ((lanes_t)(UINT64_MAX / 0xFFFFu))
#define LANE_BYTES ((lanes_t)(LANE_ONES * 0xFFu))
#define LANE_SIGNS ((lanes_t)(LANE_ONES * 0x8000u))

#endif

#endif
