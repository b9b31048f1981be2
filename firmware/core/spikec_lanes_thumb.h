/*
 * spikec_lanes_thumb.h: membranes of 16 bits as numbers that whole words of weights are added to, on Arm's cores
 * without the DSP extension (Cortex-M0, M3). A part of spikec_integrate.c and spikec_integrate_narrow.c.
 */
#ifndef SPIKEC_LANES_THUMB_H
#define SPIKEC_LANES_THUMB_H

#include "spikec_swar.h"

/* begin_i16: lanes of membranes with signs become integers that stand beside each other, less `excess` each; of two
 * words, the first becomes the sum of whole words, as in spikec_integrate_swar.h. end_i16: and back. `size` is a
 * multiple of 8. */

#if SPIKEC_THUMB == 1

static inline void begin_i16(const int16_t *start, int16_t *membrane, uint32_t size, uint32_t excess)
{
    const lanes_t lanes = excess * LANE_ONES;
    for (const int16_t *end = start + size; start < end;) {
        __asm__ volatile(".syntax unified\n\t"
                         "ldmia %0!, {r4, r5}\n\t"
                         "eors r4, %3\n\t"
                         "eors r5, %3\n\t"
                         "subs r4, r4, %2\n\t"
                         "subs r5, r5, %2\n\t"
                         "lsls r3, r5, #8\n\t"
                         "adds r4, r4, r3\n\t"
                         "stmia %1!, {r4, r5}"
                         : "+l"(start), "+l"(membrane)
                         : "l"(lanes), "l"(LANE_SIGNS)
                         : "r3", "r4", "r5", "cc", "memory");
    }
}

static inline void end_i16(int16_t *membrane, uint32_t size)
{
    int16_t *to = membrane;
    for (const int16_t *end = membrane + size; membrane < end;) {
        __asm__ volatile(".syntax unified\n\t"
                         "ldmia %0!, {r4, r5}\n\t"
                         "lsls r3, r5, #8\n\t"
                         "subs r4, r4, r3\n\t"
                         "eors r4, %2\n\t"
                         "eors r5, %2\n\t"
                         "stmia %1!, {r4, r5}"
                         : "+l"(membrane), "+l"(to)
                         : "l"(LANE_SIGNS)
                         : "r3", "r4", "r5", "cc", "memory");
    }
}

#else

static inline void begin_i16(const int16_t *start, int16_t *membrane, uint32_t size, uint32_t excess)
{
    const lanes_t lanes = excess * LANE_ONES;
    for (const int16_t *end = start + size; start < end;) {
        __asm__ volatile("ldm %0!, {r4, r5, r6, r8}\n\t"
                         "eor r4, r4, %3\n\t"
                         "eor r5, r5, %3\n\t"
                         "eor r6, r6, %3\n\t"
                         "eor r8, r8, %3\n\t"
                         "sub r4, r4, %2\n\t"
                         "sub r5, r5, %2\n\t"
                         "sub r6, r6, %2\n\t"
                         "sub r8, r8, %2\n\t"
                         "add r4, r4, r5, lsl #8\n\t"
                         "add r6, r6, r8, lsl #8\n\t"
                         "stm %1!, {r4, r5, r6, r8}"
                         : "+r"(start), "+r"(membrane)
                         : "r"(lanes), "r"(LANE_SIGNS)
                         : "r4", "r5", "r6", "r8", "memory");
    }
}

static inline void end_i16(int16_t *membrane, uint32_t size)
{
    for (const int16_t *end = membrane + size; membrane < end;) {
        __asm__ volatile("ldm %0, {r4, r5, r6, r8}\n\t"
                         "sub r4, r4, r5, lsl #8\n\t"
                         "sub r6, r6, r8, lsl #8\n\t"
                         "eor r4, r4, %1\n\t"
                         "eor r5, r5, %1\n\t"
                         "eor r6, r6, %1\n\t"
                         "eor r8, r8, %1\n\t"
                         "stm %0!, {r4, r5, r6, r8}"
                         : "+r"(membrane)
                         : "r"(LANE_SIGNS)
                         : "r4", "r5", "r6", "r8", "memory");
    }
}

#endif

#endif
