/* spikec_fire_dc_dsp.h: whole words of SNN-DC's spikes, bit-equal to spikec_fire_dc.h, of which it is a part. */
#ifndef SPIKEC_FIRE_DC_DSP_H
#define SPIKEC_FIRE_DC_DSP_H

#include "spikec_fire_dsp.h"

#define LOAD "ldm %[membrane]!, {r4, r5, r6, r8}\n\t"

/* Eight neurons, whose spikes go to bits A, B, C, D (even ones) and 16 further up (odd ones). */
#define EIGHT_DC(A, B, C, D)                                                                                           \
    LOAD SPIKES_OF("r4", "%[limit]", A) SPIKES_OF("r5", "%[limit]", B) SPIKES_OF("r6", "%[limit]", C)                  \
        SPIKES_OF("r8", "%[limit]", D)
#define EIGHT_DC_EACH(A, B, C, D)                                                                                      \
    LOAD LIMIT SPIKES_OF("r4", "r3", A) LIMIT SPIKES_OF("r5", "r3", B) LIMIT SPIKES_OF("r6", "r3", C)                  \
        LIMIT SPIKES_OF("r8", "r3", D)

/* `words` words of spikes; membranes and thresholds begin on words. */
static OUT_OF_LINE void words_dc_i16(const int16_t *membrane, int16_t theta, uint32_t *out, uint32_t words)
{
    for (uint16_t *half = (uint16_t *)(void *)out, *end = half + 2u * words; half < end; half++) {
        uint32_t spikes = 0;
        __asm__ volatile(SIXTEEN(EIGHT_DC)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane)
                         : [limit] "r"(twice(theta)), [ones] "r"(ONES)
                         : NAMED);
        put_sixteen(half, spikes);
    }
}

static OUT_OF_LINE void words_dc_each_i16(const int16_t *membrane, const int16_t *each, uint32_t *out, uint32_t words)
{
    for (uint16_t *half = (uint16_t *)(void *)out, *end = half + 2u * words; half < end; half++) {
        uint32_t spikes = 0;
        __asm__ volatile(SIXTEEN(EIGHT_DC_EACH)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane), [each] "+r"(each)
                         : [ones] "r"(ONES)
                         : NAMED);
        put_sixteen(half, spikes);
    }
}

#endif
