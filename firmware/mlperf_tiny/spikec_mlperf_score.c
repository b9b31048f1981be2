/* spikec_mlperf_score.c: see spikec_mlperf_score.h. */
#include "spikec_mlperf_score.h"

#define ONE 1000000u

static int32_t membrane(const spikec_network_t *net, uint16_t output)
{
    const spikec_stage_t *last = &net->stage[net->stages - 1u];
    return last->membrane_bytes == 2 ? ((const int16_t *)last->membrane)[output] : ((const int32_t *)last->membrane)[output];
}

/* Steps from its first spike to the last step, both counted; 0 where it never spiked. */
static uint32_t steps_left(const spikec_network_t *net, uint16_t output)
{
    const uint32_t *word = net->state->out_spikes + output / 32u;
    for (uint32_t step = 0; step < net->steps; step++, word += SPIKEC_WORDS(net->out_size)) {
        if ((*word >> output % 32u & 1u) != 0) {
            return net->steps - step;
        }
    }
    return 0;
}

/* Of one output neuron, at least one: `lowest` is the head's lowest membrane. */
static uint64_t points(const spikec_network_t *net, uint16_t output, int32_t lowest)
{
    switch (net->readout) {
    case SPIKEC_READOUT_FIRST_SPIKE:
        return steps_left(net, output) + UINT64_C(1);
    case SPIKEC_READOUT_MEMBRANE:
        return (uint64_t)((int64_t)membrane(net, output) - lowest) + 1u;
    default:
        return spikec_count(net, output) + UINT64_C(1);
    }
}

uint32_t spikec_mlperf_score(const spikec_network_t *net, uint8_t head, uint16_t index)
{
    const spikec_head_t *one = &net->head[head];
    int32_t lowest = INT32_MAX;
    uint64_t sum = 0;
    for (uint16_t output = one->start; output < one->stop; output++) {
        int32_t value = membrane(net, output);
        lowest = value < lowest ? value : lowest;
    }
    for (uint16_t output = one->start; output < one->stop; output++) {
        sum += points(net, output, lowest);
    }
    uint64_t share = points(net, (uint16_t)(one->start + index), lowest) * ONE / sum;
    return (uint32_t)share + (spikec_answer(net, head) == (int)index ? 1u : 0u);
}
