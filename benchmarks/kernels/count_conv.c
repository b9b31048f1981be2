/*
 * count_conv.c: how many instructions a convolution's step takes, in all and by part: CONVOLVE is its kernel; FILL sets
 * the membranes, where they begin anew, and FIRE fires. See count.h.
 */
#include "bench_network.c"

#include "count.h"

#define IN_HEIGHT (BENCH_INPUTS / IN_WIDTH / IN_CHANNELS)
#define OUT_WIDTH ((IN_WIDTH - KERNEL) / STRIDE + 1u)
#define OUT_HEIGHT ((IN_HEIGHT - KERNEL) / STRIDE + 1u)
#define OUT_CHANNELS (BENCH_OUTPUTS / OUT_WIDTH / OUT_HEIGHT)

/* Weights for one place of the kernel and one input channel, added to the neuron's channels. */
static inline void add_channels(uint32_t place, uint32_t channel, uint32_t pixel)
{
    for (uint32_t out = 0; out < OUT_CHANNELS; out++) {
        uint32_t neuron = pixel * OUT_CHANNELS + out;
        uint32_t weight = (channel * KERNEL * KERNEL + place) * OUT_CHANNELS + out;
        layer_membrane[neuron] = (MEMBRANE)(layer_membrane[neuron] + layer_weight[weight]);
    }
}

/* What one would write without a thought: for every spike, for every place of the kernel, for every channel. */
static __attribute__((noinline)) void plain(const uint32_t *spikes)
{
    for (uint32_t input = 0; input < BENCH_INPUTS; input++) {
        if ((spikes[input / 32u] >> (input % 32u)) & 1u) {
            uint32_t channel = input % IN_CHANNELS, x = input / IN_CHANNELS % IN_WIDTH, y = input / IN_CHANNELS / IN_WIDTH;
            for (uint32_t place = 0; place < KERNEL * KERNEL; place++) {
                uint32_t out_y = y - place / KERNEL, out_x = x - place % KERNEL; /* below zero: very large */
                if (out_y % STRIDE == 0 && out_x % STRIDE == 0 && out_y < STRIDE * OUT_HEIGHT && out_x < STRIDE * OUT_WIDTH) {
                    add_channels(place, channel, out_y / STRIDE * OUT_WIDTH + out_x / STRIDE);
                }
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
    FILL;
    report(start);
    start = now();
    (void)CONVOLVE(&layer_conv, spikes, SPIKEC_WORDS(BENCH_INPUTS), layer_membrane);
    report(start);
    start = now();
    FIRE;
    report(start);
    start = now();
    plain(spikes);
    report(start);
    io_exit(0);
    return 0;
}
