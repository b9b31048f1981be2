/* spikec_internal.h: what the runtime's files share and nobody else needs. */
#ifndef SPIKEC_INTERNAL_H
#define SPIKEC_INTERNAL_H

#include "spikec.h"

/* Steps that wait in a buffer: 0, 1 or 2. Counters wrap, so they compare by difference. */
static inline uint16_t spikec_waiting(const spikec_buffer_t *buffer)
{
    return (uint16_t)(buffer->done - buffer->data_fetched);
}

static inline bool spikec_full(const spikec_buffer_t *buffer)
{
    return spikec_waiting(buffer) >= 2;
}

/* Where step `step` lives. */
static inline uint32_t *spikec_slot(const spikec_buffer_t *buffer, uint16_t step)
{
    return buffer->slot[step % 2u];
}

static inline void spikec_clear(uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        words[i] = 0;
    }
}

/* The output layer's spikes of step `step`. */
static inline uint32_t *spikec_out_spikes(const spikec_network_t *net, uint16_t step)
{
    return net->state->out_spikes + (size_t)step * SPIKEC_WORDS(net->out_size);
}

#endif
