/*
 * driver.c: run samples from input.bin through generated networks and write all that happens to output.bin.
 *
 * Input, little-endian: for each sample u16 network, u8 format (0 frames, 1 events), u32 seed, u32 length, payload. Frames:
 * the packed spike vectors of all steps. Events: u16 x, u16 y, u8 polarity, u32 t_us each.
 * Output: records that begin with a letter: 'S' after each stage's step, 'A' answers on the way, 'E' an error, 'R' at the
 * end of a sample. tests/ladder.py reads them.
 *
 * Stages run in random order, between pieces of input of random length: no order may change a result. Built for two cores,
 * a thread runs the stages from a random one on (second.c).
 */
#include "io.h"
#include "spikec.h"
#if SPIKEC_CORES > 1
#include "second.h"
#define EACH_CORES __thread
#else
#define EACH_CORES
#endif

#define MAX_PAYLOAD 262144u
#define OUT_BYTES 65536u

extern const spikec_network_t *const networks[];
extern const uint32_t network_count;

static uint8_t payload[MAX_PAYLOAD];
static uint8_t out[OUT_BYTES];
static uint32_t out_length;
static uint32_t random_state;
static EACH_CORES uint32_t calls;

/* ---- little-endian in and out ---- */

static void put(uint64_t value, unsigned bytes)
{
    if (out_length + bytes > OUT_BYTES) {
        io_write(out, out_length);
        out_length = 0;
    }
    for (unsigned i = 0; i < bytes; i++) {
        out[out_length++] = (uint8_t)(value >> (8u * i));
    }
}

static uint32_t get(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        value |= (uint32_t)bytes[i] << (8u * i);
    }
    return value;
}

/* ---- what the network does ---- */

static uint32_t random_below(uint32_t bound)
{
    random_state ^= random_state << 13; /* Marsaglia's xorshift */
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % bound;
}

/* Each call is a tick, so every step of a stage takes one. */
static uint32_t count_calls(void)
{
    return calls++;
}

static void observe(void *context, uint8_t stage, uint16_t step, const uint32_t *spikes)
{
    const spikec_stage_t *self = &((const spikec_network_t *)context)->stage[stage];
    put('S', 1);
    put(stage, 1);
    put(step, 2);
    for (uint32_t i = 0; i < SPIKEC_WORDS(self->out_size); i++) {
        put(spikes[i], 4);
    }
    for (uint32_t i = 0; self->membrane != NULL && i < self->out_size; i++) {
        int32_t v = self->membrane_bytes == 2 ? ((int16_t *)self->membrane)[i] : ((int32_t *)self->membrane)[i];
        put((uint32_t)v, 4);
    }
}

static void put_answers(const spikec_network_t *net)
{
    for (uint8_t head = 0; head < net->heads; head++) {
        put((uint32_t)spikec_answer(net, head), 2);
    }
}

static void poll_any(const spikec_network_t *net)
{
    uint8_t stage = (uint8_t)random_below(net->stages);
#if SPIKEC_CORES > 1
    if (random_below(2) == 0) {
        (void)spikec_poll(net); /* the observer's turn comes here only */
        return;
    }
#endif
    if (spikec_poll_stage(net, stage) && stage + 1 == net->stages) {
        put('A', 1);
        put(spikec_steps_done(net), 2);
        put_answers(net);
    }
}

static void poll_some(const spikec_network_t *net)
{
    for (uint32_t rounds = random_below(2u * net->stages + 2u); rounds > 0; rounds--) {
        poll_any(net);
    }
}

static int push_frames(const spikec_network_t *net, uint32_t length)
{
    uint32_t whole = (net->in_size + 7u) / 8u, at = 0;
    int status = SPIKEC_OK;
    while (at < length && status == SPIKEC_OK) {
        uint32_t offset = at % whole, piece = 1 + random_below(whole - offset);
        status = spikec_push_frame(net, (uint16_t)(at / whole), offset, payload + at, piece);
        at += piece;
        poll_some(net);
    }
    return status;
}

static int push_events(const spikec_network_t *net, uint32_t length)
{
    int status = SPIKEC_OK;
    for (const uint8_t *event = payload; event < payload + length && status == SPIKEC_OK; event += 9) {
        status = spikec_push_event(net, (uint16_t)get(event, 2), (uint16_t)get(event + 2, 2), event[4],
                                   get(event + 5, 4));
        if (random_below(4) == 0) {
            poll_some(net);
        }
    }
    return status;
}

static void put_result(const spikec_network_t *net)
{
    put('R', 1);
    for (uint8_t stage = 0; stage < net->stages; stage++) {
        put(net->state->synops[stage], 8);
        put(net->state->ticks[stage], 4);
    }
    for (uint32_t i = 0; i < (uint32_t)net->stages * net->steps; i++) {
        put(net->state->layer_spikes[i], 2);
    }
    for (uint16_t i = 0; i < net->out_size; i++) {
        put(spikec_count(net, i), 2);
    }
    put_answers(net);
}

#if SPIKEC_CORES > 1
static void ignore(void *context, uint8_t stage, uint16_t step, const uint32_t *spikes)
{
    (void)context;
    (void)stage;
    (void)step;
    (void)spikes;
}

/* Leave some stages to the thread, or all or none; and give up a sample in the middle, now and then. */
static void share_at_random(const spikec_network_t *net)
{
    spikec_share(net, (uint8_t)random_below(net->stages + 1u), random_below(8) == 0 ? NULL : second_pause);
    second_take(net);
    if (random_below(2) == 0) {
        static const uint8_t nothing[8192];
        spikec_reset(net);
        spikec_observe(net, count_calls, random_below(2) == 0 ? NULL : ignore, NULL);
        for (uint16_t step = 0; step < net->steps && step < 4; step++) {
            (void)spikec_push_frame(net, step, 0, nothing, (net->in_size + 7u) / 8u);
        }
    }
}
#endif

static void run_sample(const spikec_network_t *net, uint8_t format, uint32_t length)
{
    spikec_reset(net);
    spikec_observe(net, count_calls, observe, (void *)(uintptr_t)net);
    int status = format == 0 ? push_frames(net, length) : push_events(net, length);
    if (status == SPIKEC_OK) {
        status = spikec_finish(net);
    }
    if (status != SPIKEC_OK) {
        put('E', 1);
        put((uint32_t)status, 4);
        return;
    }
    while (!spikec_finished(net)) {
        poll_any(net);
    }
    put_result(net);
}

int main(void)
{
    uint8_t header[11];
    io_open();
#if SPIKEC_CORES > 1
    second_begin();
#endif
    while (io_read(header, sizeof header) == sizeof header) {
        uint32_t network = get(header, 2), length = get(header + 7, 4);
        random_state = get(header + 3, 4) | 1u;
        if (network >= network_count || length > MAX_PAYLOAD || io_read(payload, length) != length) {
            io_exit(4);
        }
#if SPIKEC_CORES > 1
        share_at_random(networks[network]);
        run_sample(networks[network], header[2], length);
        spikec_share(networks[network], 0, NULL);
#else
        run_sample(networks[network], header[2], length);
#endif
    }
    io_write(out, out_length);
    io_exit(0);
    return 0;
}
