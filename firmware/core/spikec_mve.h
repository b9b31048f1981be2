/*
 * spikec_mve.h: whether this core has Arm's vectors of 16 bytes (MVE, "Helium": Cortex-M55, M85), and what its kernels
 * share. Such a core has the DSP extension as well. The kernels' assembly is in GCC's dialect.
 */
#ifndef SPIKEC_MVE_H
#define SPIKEC_MVE_H

#include "spikec_dsp.h"

#if defined(SPIKEC_DSP) && defined(__ARM_FEATURE_MVE) && !defined(__clang__)

#define SPIKEC_MVE 1

#include <arm_mve.h>

/* Pairs of membranes, 0 and 1 of every four in one vector and 2 and 3 in the other. The compiler sees words there, and must
 * be told that they are the same memory. */
static inline uint32x4x2_t load_pairs(const int16_t *membrane)
{
    __asm__ volatile("" ::: "memory");
    return vld2q_u32((const word_t *)(const void *)membrane);
}

static inline void store_pairs(int16_t *membrane, uint32x4x2_t pairs)
{
    vst2q_u32((word_t *)(void *)membrane, pairs);
    __asm__ volatile("" ::: "memory");
}

/*
 * Add `times` times 16 bytes of type "s8" or "u8", in quads, to membranes; both pointers move on. The even bytes belong to
 * neurons 0 and 1 of every four and the odd ones to 2 and 3: widened apart, each meets every other pair of membranes. This
 * is assembly as compilers copy vectors that must be neighbours.
 */
#define SPIKEC_ADD_I16(membrane, bytes, times, type)                                                                   \
    __asm__ volatile("dls lr, %[turns]\n"                                                                              \
                     "1:\n\t"                                                                                          \
                     "vldrb.u8 q2, [%[from]], #16\n\t"                                                                 \
                     "vld20.32 {q0, q1}, [%[to]]\n\t"                                                                  \
                     "vld21.32 {q0, q1}, [%[to]]\n\t"                                                                  \
                     "vmovlb." type " q3, q2\n\t"                                                                      \
                     "vmovlt." type " q2, q2\n\t"                                                                      \
                     "vadd.i16 q0, q0, q3\n\t"                                                                         \
                     "vadd.i16 q1, q1, q2\n\t"                                                                         \
                     "vst20.32 {q0, q1}, [%[to]]\n\t"                                                                  \
                     "vst21.32 {q0, q1}, [%[to]]!\n\t"                                                                 \
                     "le lr, 1b"                                                                                       \
                     : [to] "+r"(membrane), [from] "+r"(bytes)                                                         \
                     : [turns] "r"(times)                                                                              \
                     : "q0", "q1", "q2", "q3", "lr", "memory")

/* The same for membranes of 32 bits: of the lanes of neurons 0 and 1, as of 2 and 3, every other one belongs to each. */
#define SPIKEC_ADD_I32(membrane, bytes, times, type)                                                                   \
    __asm__ volatile("dls lr, %[turns]\n"                                                                              \
                     "1:\n\t"                                                                                          \
                     "vldrb.u8 q4, [%[from]], #16\n\t"                                                                 \
                     "vld40.32 {q0, q1, q2, q3}, [%[to]]\n\t"                                                          \
                     "vld41.32 {q0, q1, q2, q3}, [%[to]]\n\t"                                                          \
                     "vld42.32 {q0, q1, q2, q3}, [%[to]]\n\t"                                                          \
                     "vld43.32 {q0, q1, q2, q3}, [%[to]]\n\t"                                                          \
                     "vmovlb." type " q5, q4\n\t"                                                                      \
                     "vmovlt." type " q6, q4\n\t"                                                                      \
                     "vmovlb.s16 q4, q5\n\t"                                                                           \
                     "vmovlt.s16 q5, q5\n\t"                                                                           \
                     "vadd.i32 q0, q0, q4\n\t"                                                                         \
                     "vadd.i32 q1, q1, q5\n\t"                                                                         \
                     "vmovlb.s16 q4, q6\n\t"                                                                           \
                     "vmovlt.s16 q6, q6\n\t"                                                                           \
                     "vadd.i32 q2, q2, q4\n\t"                                                                         \
                     "vadd.i32 q3, q3, q6\n\t"                                                                         \
                     "vst40.32 {q0, q1, q2, q3}, [%[to]]\n\t"                                                          \
                     "vst41.32 {q0, q1, q2, q3}, [%[to]]\n\t"                                                          \
                     "vst42.32 {q0, q1, q2, q3}, [%[to]]\n\t"                                                          \
                     "vst43.32 {q0, q1, q2, q3}, [%[to]]!\n\t"                                                         \
                     "le lr, 1b"                                                                                       \
                     : [to] "+r"(membrane), [from] "+r"(bytes)                                                         \
                     : [turns] "r"(times)                                                                              \
                     : "q0", "q1", "q2", "q3", "q4", "q5", "q6", "lr", "memory")

#endif

#endif
