/*
 * spikec_fire_swar.h: the fire steps for 16 neurons with membranes of 16 bits, in four lanes of 64-bit words. A part of
 * spikec_fire_dc.c and spikec_fire_ct.c, bit-equal to what these do elsewhere. Words of two lanes gain nothing.
 *
 * Numbers with signs are moved up by 0x8000 (an exclusive or), so that lanes are integers that stand beside each other: whole
 * words then add and subtract them, as every result is within its proved range. A membrane is above its limit where adding
 * the limit's complement carries out of the lane; half of that sum fits the lane, and its highest bit is the carry.
 */
#ifndef SPIKEC_FIRE_SWAR_H
#define SPIKEC_FIRE_SWAR_H

#include "spikec_swar.h"

#define LANES 4u
#define LANE_REST ((lanes_t)~LANE_SIGNS)

/* The same on any even address. */
typedef struct {
    lanes_t word;
} __attribute__((packed, may_alias)) loose_lanes_t;

static inline lanes_t load_lanes(const int16_t *from)
{
    return ((const loose_lanes_t *)(const void *)from)->word;
}

/* The number that all lanes are together, where they have signs. */
static inline lanes_t joined(lanes_t lanes)
{
    return lanes - ((lanes & LANE_SIGNS) << 1);
}

/* A one in each lane that is above its limit: both are moved up, the limit is complemented. */
static inline lanes_t over(lanes_t lanes, lanes_t limit)
{
    lanes_t half = (lanes & limit) + (((lanes ^ limit) >> 1) & LANE_REST);
    return (half >> 15) & LANE_ONES;
}

/* Thresholds as `over` takes them. */
static inline lanes_t limits(lanes_t thetas)
{
    return thetas ^ LANE_REST;
}

/* Spikes of sixteen neurons: lane n has those of neurons n, n + 4 and so on, each in its own bit less n. */
static inline uint32_t zip(lanes_t spikes)
{
    spikes |= spikes >> 30;
    return (uint32_t)(spikes | spikes >> 15) & 0xFFFFu;
}

/* From the last word to the first: each moves the bits before it on. */
#define EACH_OF_SIXTEEN(DO) DO(12) DO(8) DO(4) DO(0)

#define FIRE_DC(at)                                                                                                    \
    v = membranes[at / LANES] ^ LANE_SIGNS;                                                                            \
    spikes = spikes << LANES | over(v, each != NULL ? limits(load_lanes(each + at)) : limit);

#define FIRE_CT(at)                                                                                                    \
    v = (membranes[at / LANES] ^ LANE_SIGNS) + joined(load_lanes(bias + at));                                          \
    now = over(v, limit);                                                                                              \
    membranes[at / LANES] = (v - now * less) ^ LANE_SIGNS;                                                   \
    spikes = spikes << LANES | now;

#define FIRE_CT_EACH(at)                                                                                               \
    thetas = load_lanes(each + at);                                                                                    \
    v = (membranes[at / LANES] ^ LANE_SIGNS) + joined(load_lanes(bias + at));                                          \
    now = over(v, limits(thetas));                                                                                     \
    membranes[at / LANES] = (v - joined(thetas & ((now << 16) - now))) ^ LANE_SIGNS;                                   \
    spikes = spikes << LANES | now;

/* `each` is NULL where one threshold holds for all. */
static inline uint32_t sixteen_dc(const int16_t *membrane, int16_t theta, const int16_t *each)
{
    const lanes_t *membranes = (const lanes_t *)(const void *)membrane, limit = limits((uint16_t)theta * LANE_ONES);
    lanes_t spikes = 0, v;
    EACH_OF_SIXTEEN(FIRE_DC)
    return zip(spikes);
}

static inline uint32_t sixteen_ct(int16_t *membrane, const int16_t *bias, int16_t theta, const int16_t *each)
{
    const lanes_t limit = limits((uint16_t)theta * LANE_ONES), less = (lanes_t)theta;
    lanes_t *membranes = (lanes_t *)(void *)membrane, spikes = 0, v, now, thetas;
    if (each != NULL) {
        EACH_OF_SIXTEEN(FIRE_CT_EACH)
    } else {
        EACH_OF_SIXTEEN(FIRE_CT)
    }
    return zip(spikes);
}

static inline uint32_t word_dc(const int16_t *membrane, uint32_t count, int16_t theta, const int16_t *each)
{
    uint32_t low = sixteen_dc(membrane, theta, each);
    (void)count; /* 32 */
    return low | sixteen_dc(membrane + 16, theta, each != NULL ? each + 16 : NULL) << 16;
}

static inline uint32_t word_ct(int16_t *membrane, uint32_t count, const int16_t *bias, int16_t theta,
                               const int16_t *each)
{
    uint32_t low = sixteen_ct(membrane, bias, theta, each);
    (void)count; /* 32 */
    return low | sixteen_ct(membrane + 16, bias + 16, theta, each != NULL ? each + 16 : NULL) << 16;
}

#endif
