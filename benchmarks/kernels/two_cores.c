/*
 * two_cores.c: the same samples on one core and on two, in turns: how many ticks, and whether anything differs.
 *
 * Input, little-endian u32: rounds, split; then the packed frames of all samples.
 * Output, u32: for each round the ticks of all samples on one core and on two; how many of the two-core results differ from
 * those of one core; for each sample the ticks, and the spikes, of every stage and step on one core.
 */
#include "bench_network.h"
#include "counter.h"
#include "io.h"
#include "second.h"

#define NET (&bench_network)
#define FRAME_BYTES ((BENCH_INPUTS + 7u) / 8u)
#define SAMPLE_BYTES (FRAME_BYTES * BENCH_STEPS)

static uint8_t frames[BENCH_SAMPLES][SAMPLE_BYTES];
static uint32_t digest[BENCH_SAMPLES];
static uint32_t step_ticks[BENCH_STAGES][BENCH_STEPS];

static void put(uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    io_write(bytes, sizeof bytes);
}

static uint32_t get(void)
{
    uint8_t bytes[4] = {0};
    (void)io_read(bytes, sizeof bytes);
    return bytes[0] | ((uint32_t)bytes[1] << 8) | ((uint32_t)bytes[2] << 16) | ((uint32_t)bytes[3] << 24);
}

/* ---- one inference ---- */

static void infer(uint32_t sample)
{
    spikec_reset(NET);
    for (uint16_t step = 0; step < BENCH_STEPS; step++) {
        (void)spikec_push_frame(NET, step, 0, frames[sample] + step * FRAME_BYTES, FRAME_BYTES);
    }
    (void)spikec_finish(NET);
    while (!spikec_finished(NET)) {
        if (!spikec_poll(NET)) {
            second_pause();
        }
    }
}

/* All that an inference leaves behind: counts of spikes and operations, output spikes, membranes (FNV-1a). */
static uint32_t mix(uint32_t hash, const void *data, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ ((const uint8_t *)data)[i]) * UINT32_C(16777619);
    }
    return hash;
}

static uint32_t digest_of_result(void)
{
    const spikec_state_t *state = NET->state;
    uint32_t hash = mix(UINT32_C(2166136261), state->layer_spikes, 2u * BENCH_STAGES * BENCH_STEPS);
    hash = mix(hash, state->synops, 8u * BENCH_STAGES);
    hash = mix(hash, state->out_spikes, 4u * BENCH_STEPS * SPIKEC_WORDS(BENCH_OUTPUTS));
    for (uint32_t stage = 0; stage < BENCH_STAGES; stage++) {
        const spikec_stage_t *self = &NET->stage[stage];
        hash = mix(hash, self->membrane, (uint32_t)self->out_size * self->membrane_bytes);
    }
    return hash;
}

/* ---- what is measured ---- */

static void note_step(void *context, uint8_t stage, uint16_t step, const uint32_t *spikes)
{
    static uint32_t before[BENCH_STAGES];
    uint32_t now = NET->state->ticks[stage];
    (void)context;
    (void)spikes;
    step_ticks[stage][step] = now - (step == 0 ? 0 : before[stage]);
    before[stage] = now;
}

static uint32_t timed(void)
{
    uint32_t start = counter_ticks();
    for (uint32_t sample = 0; sample < BENCH_SAMPLES; sample++) {
        infer(sample);
    }
    return counter_ticks() - start;
}

static uint32_t compare_all(void)
{
    uint32_t different = 0;
    for (uint32_t sample = 0; sample < BENCH_SAMPLES; sample++) {
        infer(sample);
        different += digest_of_result() != digest[sample];
    }
    return different;
}

static void report_sample(uint32_t sample)
{
    spikec_observe(NET, counter_ticks, note_step, NULL);
    infer(sample);
    for (uint32_t i = 0; i < BENCH_STAGES * BENCH_STEPS; i++) {
        put(step_ticks[i / BENCH_STEPS][i % BENCH_STEPS]);
    }
    for (uint32_t i = 0; i < BENCH_STAGES * BENCH_STEPS; i++) {
        put(NET->state->layer_spikes[i]);
    }
}

static bool second_work(void)
{
    return spikec_poll_second(NET);
}

int main(void)
{
    uint32_t different = 0;
    io_open();
    uint32_t rounds = get();
    uint8_t split = (uint8_t)get();
    for (uint32_t sample = 0; sample < BENCH_SAMPLES; sample++) {
        (void)io_read(frames[sample], SAMPLE_BYTES);
    }
    counter_start();
    second_start(second_work);
    for (uint32_t sample = 0; sample < BENCH_SAMPLES; sample++) {
        infer(sample);
        digest[sample] = digest_of_result();
    }
    for (uint32_t round = 0; round < rounds; round++) {
        put(timed());
        spikec_share(NET, split, second_pause);
        different += compare_all(); /* it also wakes the second core */
        put(timed());
        spikec_share(NET, split, NULL);
    }
    put(different);
    for (uint32_t sample = 0; sample < BENCH_SAMPLES; sample++) {
        report_sample(sample);
    }
    io_exit(0);
    return 0;
}
