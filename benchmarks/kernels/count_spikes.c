/*
 * count_spikes.c: how many instructions a generated network takes, step by step, and with PLAIN what the plain loop over a
 * byte per spike takes for the same. See count.h.
 *
 * For every sample, after each step: ticks from the reset to the answer (all readings of the timer included), ticks of the
 * layers alone, the answer, and ticks of the plain loop; then the spikes of each layer and step.
 */
#include "network.h"

#include "count.h"

#define NET (&spikec_network)
#define FRAME ((INPUTS + 7u) / 8u)

static uint8_t frames[STEPS][FRAME];
static uint32_t whole[STEPS], layers[STEPS], plain[STEPS];
static uint8_t answers[STEPS];

static __attribute__((noinline)) void take(uint16_t step)
{
    (void)spikec_push_frame(NET, step, 0, frames[step], FRAME);
    spikec_run(NET);
}

static void count_whole(void)
{
    spikec_observe(NET, NULL, NULL, NULL);
    uint32_t start = now();
    spikec_reset(NET);
    uint32_t work = now() - start;
    for (uint16_t step = 0; step < STEPS; step++) {
        start = now();
        take(step);
        work += now() - start;
        start = now();
        answers[step] = (uint8_t)spikec_answer(NET, 0);
        whole[step] = work + (now() - start);
    }
}

static void count_layers(void)
{
    spikec_observe(NET, now, NULL, NULL);
    spikec_reset(NET);
    for (uint16_t step = 0; step < STEPS; step++) {
        take(step);
        layers[step] = 0;
        for (uint8_t stage = 0; stage < NET->stages; stage++) {
            layers[step] += NET->state->ticks[stage];
        }
    }
}

/* ---- what one would write without a thought: for every spike, for every neuron ---- */

#ifdef PLAIN
typedef struct {
    uint32_t inputs;
    uint32_t outputs;
    const int8_t *weight; /* a row of `outputs` for each input */
    const int32_t *bias;
    int32_t theta;
    int memory;           /* SNN-CT: membranes go on from step to step */
    int32_t *membrane;
    uint8_t *spikes;
} plain_layer_t;

#include "plain.h"

static uint8_t plain_input[INPUTS];

static __attribute__((noinline)) void plain_step(const plain_layer_t *layer, const uint8_t *restrict in)
{
    const uint32_t inputs = layer->inputs, outputs = layer->outputs;
    const int32_t *restrict bias = layer->bias;
    int32_t *restrict membrane = layer->membrane;
    for (uint32_t o = 0; o < outputs; o++) {
        membrane[o] = bias[o] + (layer->memory ? membrane[o] : 0);
    }
    for (uint32_t i = 0; i < inputs; i++) {
        if (in[i]) {
            const int8_t *restrict weight = layer->weight + i * outputs;
            for (uint32_t o = 0; o < outputs; o++) {
                membrane[o] += weight[o];
            }
        }
    }
    uint8_t *restrict spikes = layer->spikes;
    const int32_t theta = layer->theta;
    for (uint32_t o = 0; o < outputs; o++) {
        spikes[o] = membrane[o] > theta;
        if (layer->memory && spikes[o]) {
            membrane[o] -= theta;
        }
    }
}

/* It must do the same work: as many spikes in every layer and step. */
static void hold_together(uint32_t stage, uint16_t step)
{
    uint32_t fired = 0;
    for (uint32_t o = 0; o < plain_layers[stage].outputs; o++) {
        fired += plain_layers[stage].spikes[o];
    }
    if (fired != NET->state->layer_spikes[stage * STEPS + step]) {
        io_exit(5);
    }
}

static void count_plain(void)
{
    for (uint32_t stage = 0; stage < NET->stages; stage++) {
        for (uint32_t o = 0; o < plain_layers[stage].outputs; o++) {
            plain_layers[stage].membrane[o] = 0;
        }
    }
    uint32_t work = 0;
    for (uint16_t step = 0; step < STEPS; step++) {
        for (uint32_t i = 0; i < INPUTS; i++) {
            plain_input[i] = (uint8_t)((frames[step][i / 8u] >> (i % 8u)) & 1u);
        }
        uint32_t start = now();
        for (uint32_t stage = 0; stage < NET->stages; stage++) {
            plain_step(&plain_layers[stage], stage == 0 ? plain_input : plain_layers[stage - 1u].spikes);
        }
        work += now() - start;
        plain[step] = work;
        for (uint32_t stage = 0; stage < NET->stages; stage++) {
            hold_together(stage, step);
        }
    }
}
#else
static void count_plain(void)
{
}
#endif

static void tell(const uint32_t *values)
{
    for (uint32_t step = 0; step < STEPS; step++) {
        uint32_t v = values[step];
        uint8_t bytes[4] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
        io_write(bytes, sizeof bytes);
    }
}

int main(void)
{
    begin(0, 0);
    uint32_t (*volatile counter)(void) = now; /* as the network reads it */
    uint32_t start = counter();
    whole[0] = counter() - start;
    io_write((const uint8_t *)whole, sizeof whole[0]);
    while (io_read(frames[0], sizeof frames) == sizeof frames) {
        count_whole();
        count_layers();
        count_plain();
        tell(whole);
        tell(layers);
        tell(plain);
        io_write(answers, sizeof answers);
        io_write((const uint8_t *)NET->state->layer_spikes, sizeof(uint16_t) * NET->stages * STEPS);
    }
    io_exit(0);
    return 0;
}
