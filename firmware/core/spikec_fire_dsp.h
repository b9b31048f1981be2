/*
 * spikec_fire_dsp.h: the fire steps for 32 neurons with membranes of 16 bits, on Arm cores with the DSP extension. A part
 * of spikec_fire_dc.c and spikec_fire_ct.c, bit-equal to what these do elsewhere.
 *
 * SSUB16 subtracts in two lanes at once and notes in the GE flags which result is not negative; SEL then picks by them.
 */
#ifndef SPIKEC_FIRE_DSP_H
#define SPIKEC_FIRE_DSP_H

#include "spikec_dsp.h"

#define ONES UINT32_C(0x10001)

/* A one in each half whose membrane is above its limit. */
static inline uint32_t over(uint32_t limit, uint32_t membrane)
{
    uint32_t spikes;
    __asm__("ssub16 %0, %1, %2\n\t"
            "sel %0, %3, %4"
            : "=&r"(spikes)
            : "r"(limit), "r"(membrane), "r"(0), "r"(ONES)
            : "cc");
    return spikes;
}

/* The same, with the bias first, and the limit taken off where there is a spike. */
static inline uint32_t over_ct(uint32_t limit, int16_t *membrane, uint32_t bias)
{
    uint32_t spikes, taken, v = load_two(membrane);
    __asm__("sadd16 %0, %0, %3\n\t"
            "ssub16 %1, %4, %0\n\t"
            "sel %1, %5, %6\n\t"
            "sel %2, %5, %4\n\t"
            "ssub16 %0, %0, %2"
            : "+&r"(v), "=&r"(spikes), "=&r"(taken)
            : "r"(bias), "r"(limit), "r"(0), "r"(ONES)
            : "cc");
    store_two(membrane, v);
    return spikes;
}

/* Spikes of sixteen neurons, of which the even ones are in the low half (neuron n in bit n) and the odd ones in the high
 * half (neuron n in bit 15 + n): bring them together. */
static inline uint32_t zip(uint32_t halves)
{
    return (halves | halves >> 15) & 0xFFFFu;
}

/* `each` is NULL where one threshold holds for all. */
static inline uint32_t limit_of(uint32_t limit, const int16_t *each, uint32_t neuron)
{
    return each != NULL ? load_two(each + neuron) : limit;
}

static inline uint32_t sixteen_dc(const int16_t *membrane, uint32_t limit, const int16_t *each)
{
    uint32_t spikes = over(limit_of(limit, each, 0), load_two(membrane));
    spikes |= over(limit_of(limit, each, 2), load_two(membrane + 2)) << 2;
    spikes |= over(limit_of(limit, each, 4), load_two(membrane + 4)) << 4;
    spikes |= over(limit_of(limit, each, 6), load_two(membrane + 6)) << 6;
    spikes |= over(limit_of(limit, each, 8), load_two(membrane + 8)) << 8;
    spikes |= over(limit_of(limit, each, 10), load_two(membrane + 10)) << 10;
    spikes |= over(limit_of(limit, each, 12), load_two(membrane + 12)) << 12;
    spikes |= over(limit_of(limit, each, 14), load_two(membrane + 14)) << 14;
    return zip(spikes);
}

static inline uint32_t sixteen_ct(int16_t *membrane, const int16_t *bias, uint32_t limit, const int16_t *each)
{
    uint32_t spikes = over_ct(limit_of(limit, each, 0), membrane, load_two(bias));
    spikes |= over_ct(limit_of(limit, each, 2), membrane + 2, load_two(bias + 2)) << 2;
    spikes |= over_ct(limit_of(limit, each, 4), membrane + 4, load_two(bias + 4)) << 4;
    spikes |= over_ct(limit_of(limit, each, 6), membrane + 6, load_two(bias + 6)) << 6;
    spikes |= over_ct(limit_of(limit, each, 8), membrane + 8, load_two(bias + 8)) << 8;
    spikes |= over_ct(limit_of(limit, each, 10), membrane + 10, load_two(bias + 10)) << 10;
    spikes |= over_ct(limit_of(limit, each, 12), membrane + 12, load_two(bias + 12)) << 12;
    spikes |= over_ct(limit_of(limit, each, 14), membrane + 14, load_two(bias + 14)) << 14;
    return zip(spikes);
}

#endif
