/* count_pool.c: how many instructions a step of max-pooling takes. See count.h. */
#include "bench_network.c"

#include "count.h"

int main(void)
{
    static uint32_t spikes[SPIKEC_WORDS(BENCH_INPUTS)], out[SPIKEC_WORDS(POOLED)];
    begin(spikes, SPIKEC_WORDS(BENCH_INPUTS));
    uint32_t start = now();
    (void)layer_step(spikes, out);
    report(start);
    io_exit(0);
    return 0;
}
