/*
 * spikec_narrow_dsp.h: rows of narrow weights for Arm cores with the DSP extension (Cortex-M4, M7, M33), bit-equal to
 * spikec_narrow_portable.h. A part of spikec_integrate_narrow.c. UXTAB16 widens sums and adds them to membranes.
 */
#ifndef SPIKEC_NARROW_DSP_H
#define SPIKEC_NARROW_DSP_H

#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_rows_thumb2.h"

#define TILE 256u

/* Membranes less what the offsets of all rows will add too much. */
static inline void begin_i16(const int16_t *start, int16_t *membrane, uint32_t size, uint32_t excess)
{
    spikec_less_i16(start, membrane, size, excess);
}

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

#define WIDEN_EIGHT                                                                                                    \
    "ldm %1!, {r2, r3}\n\t"                                                                                            \
    "ldm %0, {r4, r5, r6, r8}\n\t"                                                                                     \
    "uxtab16 r4, r4, r2\n\t"                                                                                           \
    "uxtab16 r5, r5, r2, ror #8\n\t"                                                                                   \
    "uxtab16 r6, r6, r3\n\t"                                                                                           \
    "uxtab16 r8, r8, r3, ror #8\n\t"                                                                                   \
    "stm %0!, {r4, r5, r6, r8}\n\t"

static inline void widen_i16(int16_t *membrane, const uint32_t *bytes, uint32_t size)
{
    for (const int16_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(WIDEN_EIGHT WIDEN_EIGHT
                         : "+r"(membrane), "+r"(bytes)
                         :
                         : "r2", "r3", "r4", "r5", "r6", "r8", "memory");
    }
}

#define WIDEN_FOUR                                                                                                     \
    "ldr r2, [%1], #4\n\t"                                                                                             \
    "ldm %0, {r4, r5, r6, r8}\n\t"                                                                                     \
    "uxtab r4, r4, r2\n\t"                                                                                             \
    "uxtab r5, r5, r2, ror #16\n\t"                                                                                    \
    "uxtab r6, r6, r2, ror #8\n\t"                                                                                     \
    "uxtab r8, r8, r2, ror #24\n\t"                                                                                    \
    "stm %0!, {r4, r5, r6, r8}\n\t"

static inline void widen_i32(int32_t *membrane, const uint32_t *bytes, uint32_t size)
{
    for (const int32_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR WIDEN_FOUR
                         : "+r"(membrane), "+r"(bytes)
                         :
                         : "r2", "r4", "r5", "r6", "r8", "memory");
    }
}

#endif
