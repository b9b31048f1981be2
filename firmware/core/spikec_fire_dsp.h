/*
 * spikec_fire_dsp.h: what spikec_fire_dc_dsp.h and spikec_fire_ct_dsp.h share: whole words of spikes of neurons with
 * membranes of 16 bits, on Arm cores with the DSP extension (Cortex-M4, M7, M33).
 *
 * SHSUB16 subtracts in two lanes at once and halves, so that no sign is lost: where limit - membrane is negative there is
 * a spike. Registers are named because loads and stores of many take ascending ones; r7 may be the frame's.
 */
#ifndef SPIKEC_FIRE_DSP_H
#define SPIKEC_FIRE_DSP_H

#include <stdbool.h>

#include "spikec_dsp.h"
#include "spikec_kernels.h"

#define ONES UINT32_C(0x10001)

/* r2: a one in each half whose membrane is above its limit; `spikes` collects them, PLACE bits further up. */
#define SPIKES_OF(lanes, limit, PLACE)                                                                                 \
    "shsub16 r2, " limit ", " lanes "\n\t"                                                                             \
    "and r2, %[ones], r2, lsr #15\n\t"                                                                                 \
    "orr %[spikes], %[spikes], r2, lsl #" #PLACE "\n\t"

#define LIMIT "ldr r3, [%[each]], #4\n\t"

/* Sixteen neurons a turn: even neuron n in bit n, odd neuron n in bit 15 + n, then brought together. */
#define SIXTEEN(EIGHT) EIGHT(0, 2, 4, 6) EIGHT(8, 10, 12, 14)
#define NAMED "r2", "r3", "r4", "r5", "r6", "r8", "cc", "memory"

static inline void put_sixteen(uint16_t *out, uint32_t spikes)
{
    *out = (uint16_t)(spikes | spikes >> 15);
}

/* Words, or pairs of membranes, can be loaded from there. */
static inline bool is_word(const void *place)
{
    return ((uintptr_t)place & 3u) == 0;
}

#endif
