/* spikec_reset.c: the state between two samples. */
#include "spikec_internal.h"

static void clear_membranes(const spikec_stage_t *stage)
{
    uint8_t *byte = stage->membrane; /* zero is zero in every width */
    const uint32_t size = (uint32_t)stage->out_size * stage->membrane_bytes; /* not asked for again at every byte */
    for (uint32_t i = 0; i < size; i++) {
        byte[i] = 0;
    }
}

static void empty(spikec_buffer_t *buffer)
{
    buffer->done = 0;
    buffer->data_fetched = 0;
}

void spikec_reset(const spikec_network_t *net)
{
    spikec_state_t *state = net->state;
    empty(net->input);
    for (uint8_t stage = 0; stage < net->stages; stage++) {
        clear_membranes(&net->stage[stage]);
        empty(net->stage[stage].out);
        state->synops[stage] = 0;
        state->ticks[stage] = 0;
    }
    for (uint32_t i = 0; i < (uint32_t)net->stages * net->steps; i++) {
        state->layer_spikes[i] = 0;
    }
    spikec_clear(state->out_spikes, net->steps * SPIKEC_WORDS(net->out_size));
    state->last_us = 0;
    state->offset = 0;
    state->open = false;
    state->finished = false;
}

void spikec_observe(const spikec_network_t *net, uint32_t (*counter)(void), spikec_observer_t observer, void *context)
{
    net->state->counter = counter;
    net->state->observer = observer;
    net->state->observer_context = context;
}
