/*
 * spikec_window.h: membranes of 16 bits as numbers that whole words of weights are added to, on cores with ordinary
 * words only. A part of spikec_conv.c.
 *
 * Moved up by 0x8000, membranes are integers that stand beside each other in words. Only those are that the spikes of
 * the present row of the input reach.
 */
#ifndef SPIKEC_WINDOW_H
#define SPIKEC_WINDOW_H

#include "spikec_kernels.h"
#include "spikec_swar.h"

/* Neurons from `low` on, below `high`. */
typedef struct {
    uint32_t low;
    uint32_t high;
} spikec_window_t;

/* To lanes and back, by words of four neurons: `count` is a multiple of that. */
#if SPIKEC_THUMB == 1
static OUT_OF_LINE void flip(int16_t *membrane, uint32_t count)
{
    const int16_t *from = membrane, *end = membrane + count;
    if ((count & 4u) != 0) {
        __asm__ volatile(".syntax unified\n\t"
                         "ldmia %0!, {r4, r5}\n\t"
                         "eors r4, %2\n\t"
                         "eors r5, %2\n\t"
                         "stmia %1!, {r4, r5}"
                         : "+l"(from), "+l"(membrane)
                         : "l"(LANE_SIGNS)
                         : "r4", "r5", "cc", "memory");
    }
    while (membrane < end) {
        __asm__ volatile(".syntax unified\n\t"
                         "ldmia %0!, {r3, r4, r5, r6}\n\t"
                         "eors r3, %2\n\t"
                         "eors r4, %2\n\t"
                         "eors r5, %2\n\t"
                         "eors r6, %2\n\t"
                         "stmia %1!, {r3, r4, r5, r6}"
                         : "+l"(from), "+l"(membrane)
                         : "l"(LANE_SIGNS)
                         : "r3", "r4", "r5", "r6", "cc", "memory");
    }
}
#elif defined(SPIKEC_THUMB)
static OUT_OF_LINE void flip(int16_t *membrane, uint32_t count)
{
    const int16_t *end = membrane + count;
    for (; end - membrane >= 16;) {
        __asm__ volatile("ldm %0, {r2-r6, r8-r10}\n\t"
                         "eor r2, r2, %1\n\t"
                         "eor r3, r3, %1\n\t"
                         "eor r4, r4, %1\n\t"
                         "eor r5, r5, %1\n\t"
                         "eor r6, r6, %1\n\t"
                         "eor r8, r8, %1\n\t"
                         "eor r9, r9, %1\n\t"
                         "eor r10, r10, %1\n\t"
                         "stm %0!, {r2-r6, r8-r10}"
                         : "+r"(membrane)
                         : "r"(LANE_SIGNS)
                         : "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "memory");
    }
    for (; membrane < end;) {
        __asm__ volatile("ldrd r2, r3, [%0]\n\t"
                         "eor r2, r2, %1\n\t"
                         "eor r3, r3, %1\n\t"
                         "strd r2, r3, [%0], #8"
                         : "+r"(membrane)
                         : "r"(LANE_SIGNS)
                         : "r2", "r3", "memory");
    }
}
#else
static OUT_OF_LINE void flip(int16_t *membrane, uint32_t count)
{
    const int16_t *end = membrane + count;
    for (; end - membrane >= 16; membrane += 16) {
        lanes_t *lanes = (lanes_t *)(void *)membrane;
        lanes[0] ^= LANE_SIGNS;
        lanes[1] ^= LANE_SIGNS;
        lanes[2] ^= LANE_SIGNS;
        lanes[3] ^= LANE_SIGNS;
#if UINTPTR_MAX == UINT32_MAX
        lanes[4] ^= LANE_SIGNS;
        lanes[5] ^= LANE_SIGNS;
        lanes[6] ^= LANE_SIGNS;
        lanes[7] ^= LANE_SIGNS;
#endif
    }
    for (; membrane < end; membrane += sizeof(lanes_t) / sizeof *membrane) {
        *(lanes_t *)(void *)membrane ^= LANE_SIGNS;
    }
}
#endif

/* The window moves on to `count` neurons from `low` on, which spikes in the next row of the input reach. It never
 * goes back. */
static inline void reach(spikec_window_t *window, int16_t *membrane, uint32_t low, uint32_t count)
{
    const uint32_t high = low + count;
    if (count == 0) {
        return;
    }
    if (low >= window->high) {
        flip(membrane + window->low, window->high - window->low);
        window->high = low;
    } else {
        flip(membrane + window->low, low - window->low);
    }
    flip(membrane + window->high, high - window->high);
    *window = (spikec_window_t){low, high};
}

#endif
