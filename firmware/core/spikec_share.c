/*
 * spikec_share.c: a second core that runs the stages from `split` on.
 *
 * Between the stages the handshake of their buffer is all there is. What else the cores say to each other goes the same
 * way, by counters with one writer each: `go` and `seen` keep the second core out while a sample is forgotten, `posted`
 * and `observed` bring its steps to the observer.
 */
#include "spikec_internal.h"

#if SPIKEC_CORES > 1
static bool held(uint16_t go)
{
    return go % 2u == 0;
}

void spikec_hold(const spikec_network_t *net)
{
    spikec_state_t *state = net->state;
    if (!state->shared || held(state->go)) {
        return;
    }
    spikec_store(&state->go, (uint16_t)(state->go + 1u));
    while (spikec_load(&state->seen) != state->go) {
        state->pause();
    }
    state->observed = state->posted; /* what was posted meanwhile is forgotten with its sample */
}

void spikec_let_go(const spikec_network_t *net)
{
    if (net->state->shared) {
        spikec_store(&net->state->go, (uint16_t)(net->state->go + 1u));
    }
}

void spikec_share(const spikec_network_t *net, uint8_t split, void (*pause)(void))
{
    spikec_state_t *state = net->state;
    spikec_hold(net);
    state->shared = pause != NULL;
    state->split = split < net->stages ? split : net->stages;
    state->pause = pause;
    spikec_let_go(net);
}

bool spikec_may_go(const spikec_network_t *net)
{
    spikec_state_t *state = net->state;
    uint16_t go = spikec_load(&state->go);
    if (held(go)) {
        spikec_store(&state->seen, go);
    }
    return !held(go);
}

bool spikec_second_busy(const spikec_network_t *net)
{
    return net->state->shared && net->input->done != spikec_load(&net->output->done);
}

bool spikec_post(const spikec_network_t *net, uint8_t stage, uint16_t step, const uint32_t *spikes)
{
    spikec_state_t *state = net->state;
    state->posted_stage = stage;
    state->posted_step = step;
    state->posted_spikes = spikes;
    spikec_store(&state->posted, (uint16_t)(state->posted + 1u));
    while (spikec_load(&state->observed) != state->posted) {
        if (held(spikec_load(&state->go))) {
            return false;
        }
        state->pause();
    }
    return true;
}

bool spikec_observe_posted(const spikec_network_t *net)
{
    spikec_state_t *state = net->state;
    uint16_t posted = spikec_load(&state->posted);
    if (posted == state->observed) {
        return false;
    }
    state->observer(state->observer_context, state->posted_stage, state->posted_step, state->posted_spikes);
    spikec_store(&state->observed, posted);
    return true;
}
#endif
