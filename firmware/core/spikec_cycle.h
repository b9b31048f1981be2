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
    return (spikec_cycle_t){0, period, period > 32u ? 32u : 32u % period};
}

/* So many words of neurons further; more than one only where the values do not begin again on the way. */
static inline void spikec_cycle_on(spikec_cycle_t *cycle, uint32_t words)
{
    cycle->at += cycle->advance * words;
    if (cycle->at >= cycle->period) {
        cycle->at -= cycle->period;
    }
}

/* How many whole words of the `left` neurons have their values side by side: all of them, or one, or none. */
static inline uint32_t spikec_cycle_words(const spikec_cycle_t *cycle, uint32_t left)
{
    return left < 32u ? 0 : cycle->at + left <= cycle->period ? left / 32u : 1u;
}

#endif
