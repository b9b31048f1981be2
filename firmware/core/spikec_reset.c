/* spikec_reset.c: the state between two samples. */
#include <string.h>

#include "spikec_internal.h"

/* Zero is zero in every width. Compilers call memset() by themselves, so there is one wherever there is a compiler. */
static void clear_membranes(const spikec_stage_t *stage)
{
    if (stage->membrane != NULL) {
        memset(stage->membrane, 0, (size_t)stage->out_size * stage->membrane_bytes);
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
    spikec_hold(net);
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
    spikec_let_go(net);
}

void spikec_observe(const spikec_network_t *net, uint32_t (*counter)(void), spikec_observer_t observer, void *context)
{
    net->state->counter = counter;
    net->state->observer = observer;
    net->state->observer_context = context;
}
