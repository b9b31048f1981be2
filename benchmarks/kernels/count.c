/*
 * count.c: how many instructions a dense layer's step takes, in all and by part; INTEGRATE and FIRE are its kernels. See
 * count.h.
 */
#include "bench_network.c"

#include "count.h"

#if !defined(MEMBRANE)
#define MEMBRANE int16_t
#define FIRE spikec_fire_ct_i16
#endif

/* What one would write without a thought: for every spike, for every neuron. */
static __attribute__((noinline)) void plain(const uint32_t *spikes)
{
    for (uint32_t input = 0; input < BENCH_INPUTS; input++) {
        if ((spikes[input / 32u] >> (input % 32u)) & 1u) {
            for (uint32_t output = 0; output < BENCH_OUTPUTS; output++) {
                layer_membrane[output] = (MEMBRANE)(layer_membrane[output] + layer_weight[input * BENCH_OUTPUTS + output]);
            }
        }
    }
}

int main(void)
{
    static uint32_t spikes[SPIKEC_WORDS(BENCH_INPUTS)], out[SPIKEC_WORDS(BENCH_OUTPUTS)];
    begin(spikes, SPIKEC_WORDS(BENCH_INPUTS));
    uint32_t start = now();
    (void)layer_step(spikes, out);
    report(start);
    start = now();
    uint32_t active = spikec_scan(spikes, BENCH_INPUTS, layer_weight, BENCH_OUTPUTS, layer_rows);
    report(start);
    start = now();
    INTEGRATE(layer_membrane, layer_membrane, BENCH_OUTPUTS, layer_rows, active);
    report(start);
    start = now();
    FIRE(layer_membrane, BENCH_OUTPUTS, layer_bias, BENCH_OUTPUTS, 100, out);
    report(start);
    start = now();
    plain(spikes);
    report(start);
    io_exit(0);
    return 0;
}
