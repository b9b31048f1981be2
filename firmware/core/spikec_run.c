/* spikec_run.c: the pipeline: which stage may run, and what is noted when it has. */
#include "spikec_bits.h"
#include "spikec_internal.h"

static uint32_t ticks_now(const spikec_state_t *state)
{
    return state->counter != NULL ? state->counter() : 0;
}

static uint16_t count_spikes(const uint32_t *spikes, uint32_t words)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < words; i++) {
        count += spikec_ones(spikes[i]);
    }
    return (uint16_t)count;
}

/* The network's own result is the consumer behind the last stage: it takes each step at once. */
static void collect(const spikec_network_t *net, uint16_t step, const uint32_t *spikes)
{
    uint32_t *kept = spikec_out_spikes(net, step);
    for (uint32_t i = 0; i < SPIKEC_WORDS(net->out_size); i++) {
        kept[i] = spikes[i];
    }
}

static inline bool may_run(const spikec_stage_t *stage)
{
    return spikec_waiting(stage->in) != 0 && !spikec_full(stage->out);
}

/* What a stage notes is written by the core that runs it, before the flags that say so. */
static inline bool run_stage(const spikec_network_t *net, uint8_t stage, bool second)
{
    const spikec_stage_t *self = &net->stage[stage];
    spikec_state_t *state = net->state;
    uint16_t step = self->in->data_fetched;
    bool last = stage + 1 == net->stages;
    if (!may_run(self)) {
        return false;
    }
    uint32_t *spikes = spikec_slot(self->out, step);
    uint32_t start = ticks_now(state);
    state->synops[stage] += self->step(spikec_slot(self->in, step), spikes);
    state->ticks[stage] += ticks_now(state) - start;
    state->layer_spikes[(uint32_t)stage * net->steps + step] = count_spikes(spikes, self->out->words);
    if (last) {
        collect(net, step, spikes);
    }
    if (state->observer != NULL && second && !spikec_post(net, stage, step, spikes)) {
        return false; /* the sample is given up */
    }
    if (state->observer != NULL && !second) {
        state->observer(state->observer_context, stage, step, spikes);
    }
    spikec_store(&self->out->done, (uint16_t)(step + 1u));
    spikec_store(&self->in->data_fetched, (uint16_t)(step + 1u));
    if (last) {
        spikec_store(&self->out->data_fetched, (uint16_t)(step + 1u));
    }
    return true;
}

bool spikec_poll_stage(const spikec_network_t *net, uint8_t stage)
{
    return stage < spikec_first_cores(net) && run_stage(net, stage, false);
}

/* The last stage first: results leave as early as they can, and room appears from the back. */
static inline bool poll_range(const spikec_network_t *net, uint8_t first, uint8_t stop, bool second)
{
    for (uint8_t stage = stop; stage-- > first;) {
        if (run_stage(net, stage, second)) {
            return true;
        }
    }
    return false;
}

bool spikec_ready(const spikec_network_t *net)
{
    for (uint8_t stage = 0; stage < spikec_first_cores(net); stage++) {
        if (may_run(&net->stage[stage])) {
            return true;
        }
    }
    return false;
}

bool spikec_poll(const spikec_network_t *net)
{
    return spikec_observe_posted(net) || poll_range(net, 0, spikec_first_cores(net), false);
}

#if SPIKEC_CORES > 1
bool spikec_poll_second(const spikec_network_t *net)
{
    return spikec_may_go(net) && poll_range(net, net->state->split, net->stages, true);
}
#endif

void spikec_run(const spikec_network_t *net)
{
    while (spikec_poll(net)) {
    }
}
