/* spikec_cycle.h: where one is in values that repeat, 32 neurons at a time. */
#ifndef SPIKEC_CYCLE_H
#define SPIKEC_CYCLE_H

#include <stdint.h>

typedef struct {
    uint32_t at;
    uint32_t period;
    uint32_t advance;               /* what 32 neurons further means within the period */
} spikec_cycle_t;

static inline spikec_cycle_t spikec_cycle(uint32_t period)
{
    return (spikec_cycle_t){0, period, 32u % period};
}

static inline void spikec_cycle_on(spikec_cycle_t *cycle)
{
    cycle->at += cycle->advance;
    if (cycle->at >= cycle->period) {
        cycle->at -= cycle->period;
    }
}

#endif
