/*
 * spikec_narrow_thumb.h: rows of narrow weights for Arm's cores without the DSP extension (Cortex-M0, M3), bit-equal to
 * spikec_narrow_portable.h. A part of spikec_integrate_narrow.c.
 */
#ifndef SPIKEC_NARROW_THUMB_H
#define SPIKEC_NARROW_THUMB_H

#include "spikec_kernels.h"
#include "spikec_lanes_thumb.h"

#define TILE (SPIKEC_THUMB == 1 ? 128u : 256u)

#if SPIKEC_THUMB == 1

#include "spikec_rows_thumb1.h"

static inline void begin_i32(const int32_t *start, int32_t *membrane, uint32_t size, uint32_t excess)
{
    for (const int32_t *end = start + size; start < end;) {
        __asm__ volatile(".syntax unified\n\t"
                         "ldmia %0!, {r4, r5}\n\t"
                         "subs r4, r4, %2\n\t"
                         "subs r5, r5, %2\n\t"
                         "stmia %1!, {r4, r5}"
                         : "+l"(start), "+l"(membrane)
                         : "l"(excess)
                         : "r4", "r5", "cc", "memory");
    }
}

/* Words of bytes are added as they are to sums of whole words, and their odd bytes apart. */
#define WIDEN_FOUR                                                                                                     \
    "ldmia %2!, {r3}\n\t"                                                                                              \
    "ldmia %0!, {r4, r5}\n\t"                                                                                          \
    "adds r4, r4, r3\n\t"                                                                                              \
    "lsrs r3, r3, #8\n\t"                                                                                              \
    "ands r3, %3\n\t"                                                                                                  \
    "adds r5, r5, r3\n\t"                                                                                              \
    "stmia %1!, {r4, r5}\n\t"

static inline void widen_i16(int16_t *membrane, const uint32_t *bytes, uint32_t size)
{
    int16_t *to = membrane;
    for (const int16_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(".syntax unified\n\t" WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR
                         : "+l"(membrane), "+l"(to), "+l"(bytes)
                         : "l"(LANE_BYTES)
                         : "r3", "r4", "r5", "cc", "memory");
    }
}

/* Neurons 0, 2, 1 and 3 are the bytes of a word. */
#define WIDEN_WIDE                                                                                                     \
    "ldmia %2!, {r3}\n\t"                                                                                              \
    "ldmia %0!, {r4, r5}\n\t"                                                                                          \
    "uxtb r6, r3\n\t"                                                                                                  \
    "adds r4, r4, r6\n\t"                                                                                              \
    "lsrs r6, r3, #16\n\t"                                                                                             \
    "uxtb r6, r6\n\t"                                                                                                  \
    "adds r5, r5, r6\n\t"                                                                                              \
    "stmia %1!, {r4, r5}\n\t"                                                                                          \
    "ldmia %0!, {r4, r5}\n\t"                                                                                          \
    "lsrs r3, r3, #8\n\t"                                                                                              \
    "uxtb r6, r3\n\t"                                                                                                  \
    "adds r4, r4, r6\n\t"                                                                                              \
    "lsrs r3, r3, #16\n\t"                                                                                             \
    "adds r5, r5, r3\n\t"                                                                                              \
    "stmia %1!, {r4, r5}\n\t"

static inline void widen_i32(int32_t *membrane, const uint32_t *bytes, uint32_t size)
{
    int32_t *to = membrane;
    for (const int32_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(".syntax unified\n\t" WIDEN_WIDE WIDEN_WIDE
                         : "+l"(membrane), "+l"(to), "+l"(bytes)
                         :
                         : "r3", "r4", "r5", "r6", "cc", "memory");
    }
}

#else

#include "spikec_rows_thumb2.h"

static inline void begin_i32(const int32_t *start, int32_t *membrane, uint32_t size, uint32_t excess)
{
    for (const int32_t *end = start + size; start < end;) {
        __asm__ volatile("ldm %0!, {r4, r5, r6, r8}\n\t"
                         "sub r4, r4, %2\n\t"
                         "sub r5, r5, %2\n\t"
                         "sub r6, r6, %2\n\t"
                         "sub r8, r8, %2\n\t"
                         "stm %1!, {r4, r5, r6, r8}"
                         : "+r"(start), "+r"(membrane)
                         : "r"(excess)
                         : "r4", "r5", "r6", "r8", "memory");
    }
}

/* Words of bytes are added as they are to sums of whole words, and their odd bytes apart. */
#define WIDEN_EIGHT                                                                                                    \
    "ldm %1!, {r2, r3}\n\t"                                                                                            \
    "ldm %0, {r4, r5, r6, r8}\n\t"                                                                                     \
    "add r4, r4, r2\n\t"                                                                                               \
    "and r2, %2, r2, lsr #8\n\t"                                                                                       \
    "add r5, r5, r2\n\t"                                                                                               \
    "add r6, r6, r3\n\t"                                                                                               \
    "and r3, %2, r3, lsr #8\n\t"                                                                                       \
    "add r8, r8, r3\n\t"                                                                                               \
    "stm %0!, {r4, r5, r6, r8}\n\t"

static inline void widen_i16(int16_t *membrane, const uint32_t *bytes, uint32_t size)
{
    for (const int16_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(WIDEN_EIGHT WIDEN_EIGHT
                         : "+r"(membrane), "+r"(bytes)
                         : "r"(LANE_BYTES)
                         : "r2", "r3", "r4", "r5", "r6", "r8", "memory");
    }
}

/* Neurons 0, 2, 1 and 3 are the bytes of a word. */
#define WIDEN_FOUR                                                                                                     \
    "ldr r2, [%1], #4\n\t"                                                                                             \
    "ldm %0, {r4, r5, r6, r8}\n\t"                                                                                     \
    "uxtb r3, r2\n\t"                                                                                                  \
    "add r4, r4, r3\n\t"                                                                                               \
    "uxtb r3, r2, ror #16\n\t"                                                                                         \
    "add r5, r5, r3\n\t"                                                                                               \
    "uxtb r3, r2, ror #8\n\t"                                                                                          \
    "add r6, r6, r3\n\t"                                                                                               \
    "add r8, r8, r2, lsr #24\n\t"                                                                                      \
    "stm %0!, {r4, r5, r6, r8}\n\t"

static inline void widen_i32(int32_t *membrane, const uint32_t *bytes, uint32_t size)
{
    for (const int32_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR
                         : "+r"(membrane), "+r"(bytes)
                         :
                         : "r2", "r3", "r4", "r5", "r6", "r8", "memory");
    }
}

#endif

#endif
