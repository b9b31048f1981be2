/* spikec_result.c: how far the sample is, and what the network says of it. */
#include "spikec_internal.h"

bool spikec_finished(const spikec_network_t *net)
{
    return spikec_load(&net->output->done) == net->steps;
}

uint16_t spikec_steps_done(const spikec_network_t *net)
{
    return spikec_load(&net->output->done);
}

static bool fired(const spikec_network_t *net, uint16_t output, uint16_t step)
{
    return ((spikec_out_spikes(net, step)[output / 32u] >> (output % 32u)) & 1u) != 0;
}

uint16_t spikec_count(const spikec_network_t *net, uint16_t output)
{
    uint16_t count = 0;
    if (output >= net->out_size) {
        return 0;
    }
    for (uint16_t step = 0; step < spikec_load(&net->output->done); step++) {
        count = (uint16_t)(count + fired(net, output, step));
    }
    return count;
}

/* Steps from the first spike on, that one included; none: 0. */
static uint16_t since_first_spike(const spikec_network_t *net, uint16_t output)
{
    uint16_t done = spikec_load(&net->output->done);
    for (uint16_t step = 0; step < done; step++) {
        if (fired(net, output, step)) {
            return (uint16_t)(done - step);
        }
    }
    return 0;
}

static int32_t score(const spikec_network_t *net, uint16_t output)
{
    const spikec_stage_t *last = &net->stage[net->stages - 1];
    switch (net->readout) {
    case SPIKEC_READOUT_FIRST_SPIKE:
        return since_first_spike(net, output);
    case SPIKEC_READOUT_MEMBRANE:
        return last->membrane_bytes == 2 ? ((const int16_t *)last->membrane)[output]
                                         : ((const int32_t *)last->membrane)[output];
    default:
        return spikec_count(net, output);
    }
}

int spikec_answer(const spikec_network_t *net, uint8_t head)
{
    if (head >= net->heads) {
        return SPIKEC_ERR_RANGE;
    }
    uint16_t start = net->head[head].start, best = start;
    int32_t best_score = score(net, start);
    for (uint16_t output = (uint16_t)(start + 1u); output < net->head[head].stop; output++) {
        int32_t other = score(net, output);
        if (other > best_score) { /* ties go to the lowest */
            best = output;
            best_score = other;
        }
    }
    return best - start;
}
