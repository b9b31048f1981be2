/* spikec_internal.h: what the runtime's files share and nobody else needs. */
#ifndef SPIKEC_INTERNAL_H
#define SPIKEC_INTERNAL_H

#include "spikec.h"
#include "spikec_sync.h"

/* Steps that wait in a buffer: 0, 1 or 2. Counters wrap, so they compare by difference. */
static inline uint16_t spikec_waiting(const spikec_buffer_t *buffer)
{
    return (uint16_t)(spikec_load(&buffer->done) - spikec_load(&buffer->data_fetched));
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

#if SPIKEC_CORES > 1
/* How many stages are the first core's. */
static inline uint8_t spikec_first_cores(const spikec_network_t *net)
{
    return net->state->shared ? net->state->split : net->stages;
}

/* Wait until the second core is out of every stage, and keep it out; and let it go on. Nothing where there is none. */
void spikec_hold(const spikec_network_t *net);
void spikec_let_go(const spikec_network_t *net);

/* On the second core: have the first core call the observer. False: the sample is given up, nobody will look. */
bool spikec_post(const spikec_network_t *net, uint8_t stage, uint16_t step, const uint32_t *spikes);

/* On the first core: call the observer if the second core has a step for it; says whether it had. */
bool spikec_observe_posted(const spikec_network_t *net);

/* On the second core: whether it may run; if not, that is noted. */
bool spikec_may_go(const spikec_network_t *net);

/* This core can do nothing until the other has gone on. */
static inline void spikec_wait(const spikec_network_t *net)
{
    if (net->state->shared) {
        net->state->pause();
    }
}
#else
static inline uint8_t spikec_first_cores(const spikec_network_t *net)
{
    return net->stages;
}

static inline bool spikec_observe_posted(const spikec_network_t *net)
{
    (void)net;
    return false;
}

static inline bool spikec_post(const spikec_network_t *net, uint8_t stage, uint16_t step, const uint32_t *spikes)
{
    (void)net;
    (void)stage;
    (void)step;
    (void)spikes;
    return false;
}

static inline void spikec_hold(const spikec_network_t *net)
{
    (void)net;
}

static inline void spikec_let_go(const spikec_network_t *net)
{
    (void)net;
}

static inline void spikec_wait(const spikec_network_t *net)
{
    (void)net;
}
#endif

#endif
