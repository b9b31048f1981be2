/*
 * count.c: how many instructions a layer's step takes, on the emulated Cortex-M4 (-icount: 1.6 ticks of the 25 MHz timer
 * for each). Includes the generated network, so that its kernels can be called one by one on its tables.
 */
#include "bench_network.c"

#include "io.h"

#define TIMER_CONTROL (*(volatile uint32_t *)0x40000000u)
#define TIMER_VALUE (*(volatile uint32_t *)0x40000004u)
#define TIMER_RELOAD (*(volatile uint32_t *)0x40000008u)

static uint32_t now(void)
{
    return UINT32_MAX - TIMER_VALUE;
}

static void report(uint32_t start)
{
    uint32_t ticks = now() - start;
    uint8_t bytes[4] = {(uint8_t)ticks, (uint8_t)(ticks >> 8), (uint8_t)(ticks >> 16), (uint8_t)(ticks >> 24)};
    io_write(bytes, sizeof bytes);
}

/* What one would write without a thought: for every spike, for every neuron. */
static __attribute__((noinline)) void plain(const uint32_t *spikes)
{
    for (uint32_t input = 0; input < BENCH_INPUTS; input++) {
        if ((spikes[input / 32u] >> (input % 32u)) & 1u) {
            for (uint32_t output = 0; output < BENCH_OUTPUTS; output++) {
                layer_membrane[output] = (int16_t)(layer_membrane[output] + layer_weight[input * BENCH_OUTPUTS + output]);
            }
        }
    }
}

int main(void)
{
    static uint32_t spikes[SPIKEC_WORDS(BENCH_INPUTS)], out[SPIKEC_WORDS(BENCH_OUTPUTS)];
    uint8_t bytes[4 * SPIKEC_WORDS(BENCH_INPUTS)];
    TIMER_RELOAD = UINT32_MAX;
    TIMER_VALUE = UINT32_MAX;
    TIMER_CONTROL = 1;
    io_open();
    (void)io_read(bytes, sizeof bytes);
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        spikes[i / 4u] |= (uint32_t)bytes[i] << (8u * (i % 4u));
    }
    uint32_t start = now();
    report(start); /* the cost of asking */
    start = now();
    (void)layer_step(spikes, out);
    report(start);
    start = now();
    (void)spikec_scan(spikes, SPIKEC_WORDS(BENCH_INPUTS), layer_weight, BENCH_OUTPUTS, layer_rows);
    report(start);
    start = now();
    spikec_integrate_i16(layer_membrane, layer_membrane, BENCH_OUTPUTS, layer_rows);
    report(start);
    start = now();
    spikec_fire_ct_i16(layer_membrane, BENCH_OUTPUTS, layer_bias, 100, out);
    report(start);
    start = now();
    plain(spikes);
    report(start);
    io_exit(0);
    return 0;
}
