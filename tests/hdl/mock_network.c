/* mock_network.c: a network of no sense behind the real C device: every number follows from the input spikes, and
 * mock_engine.v makes the same numbers behind the hardware's device. And a board whose line is a file: see device_bench.v.
 */
#include <stdio.h>

#include "device_config.h"
#include "spikec_device.h"
#include "spikec_internal.h"

/* ---- numbers from spikes --------------------------------------------------------------------------------------- */

static uint32_t signature[STEPS];
static uint32_t ticks_now;

static uint32_t mix(uint32_t value)
{
    uint32_t x = value * 0x9E3779B1u;
    x = (x ^ (x >> 15)) * 0x85EBCA77u;
    return x ^ (x >> 13);
}

/* Number `which` of kind `what` of a layer, from the step's input. */
static uint32_t draw(uint32_t step, uint32_t layer, uint32_t what, uint32_t which)
{
    return mix(signature[step] ^ mix(((layer + 1u) << 24) ^ (what << 20) ^ which));
}

static void sign(uint32_t step, const uint32_t *spikes)
{
    signature[step] = step * 0xC2B2AE35u;
    for (uint32_t i = 0; i < INPUTS; i++) {
        if ((spikes[i / 32u] >> (i % 32u)) & 1u) {
            signature[step] += mix(i + 1u);
        }
    }
}

/* ---- layers ----------------------------------------------------------------------------------------------------- */

static uint32_t run(uint32_t layer, const uint32_t *in, uint32_t *out);

/* device_config.h names them: X(number, buffer in front, neurons, bytes of a membrane). */
#define BUFFER(name, size)                               \
    static uint32_t words_##name[2][SPIKEC_WORDS(size)]; \
    static spikec_buffer_t name = {.slot = {words_##name[0], words_##name[1]}, .words = SPIKEC_WORDS(size)};
#define LAYER(number, before, size, bytes)                           \
    BUFFER(behind_##number, size)                                    \
    static int32_t membrane_##number[size];                          \
    static uint32_t step_##number(const uint32_t *in, uint32_t *out) \
    {                                                                \
        return run(number, in, out);                                 \
    }
#define STAGE(number, before, size, bytes)              \
    {.out_size = size,                                  \
     .membrane_bytes = bytes,                           \
     .membrane = bytes == 0 ? NULL : membrane_##number, \
     .in = &before,                                     \
     .out = &behind_##number,                           \
     .step = step_##number},

BUFFER(input, INPUTS)
DEVICE_LAYERS(LAYER)
static const spikec_stage_t stages[LAYERS] = {DEVICE_LAYERS(STAGE)};

static uint32_t run(uint32_t layer, const uint32_t *in, uint32_t *out)
{
    const spikec_stage_t *stage = &stages[layer];
    uint32_t step = stage->in->data_fetched, size = stage->out_size;
    if (layer == 0) {
        sign(step, in);
    }
    spikec_clear(out, SPIKEC_WORDS(size));
    for (uint32_t byte = 0; byte * 8u < size; byte++) {
        uint32_t value = draw(step, layer, 0, byte) & 0xFFu, used = size - byte * 8u;
        if (used < 8) {
            value &= ~(0xFFu << used);
        }
        out[byte / 4u] |= value << (8u * (byte % 4u));
    }
    for (uint32_t neuron = 0; neuron < size && stage->membrane != NULL; neuron++) {
        uint32_t value = draw(step, layer, 1, neuron);
        if (stage->membrane_bytes == 2) {
            ((int16_t *)stage->membrane)[neuron] = (int16_t)(uint16_t)value;
        } else {
            ((int32_t *)stage->membrane)[neuron] = (int32_t)value;
        }
    }
    ticks_now += draw(step, layer, 3, 0) & 0xFFFFu;
    return draw(step, layer, 2, 0);
}

/* ---- the network ------------------------------------------------------------------------------------------------ */

static uint16_t layer_spikes[LAYERS * STEPS];
static uint64_t synops[LAYERS];
static uint32_t ticks[LAYERS];
static uint32_t out_spikes[STEPS * SPIKEC_WORDS(OUTPUTS)];
static spikec_state_t state = {
    .layer_spikes = layer_spikes, .synops = synops, .ticks = ticks, .out_spikes = out_spikes};
static const spikec_head_t heads[HEADS] = {DEVICE_HEADS};

#if EVENTS
static const spikec_binning_t binning = {.width = WIDTH,
                                         .height = HEIGHT,
                                         .columns = COLUMNS,
                                         .downsample = DOWNSAMPLE,
                                         .polarity = POLARITY,
                                         .start_us = START_US,
                                         .bin_us = BIN_US};
#endif

static const spikec_network_t network = {
    .name = NETWORK_NAME,
    .digest = NETWORK_DIGEST,
    .tool = TOOL_NAME,
    .in_size = INPUTS,
    .out_size = OUTPUTS,
    .steps = STEPS,
    .stages = LAYERS,
    .heads = HEADS,
#if EVENTS
    .binning = &binning,
#endif
    .stage = stages,
    .head = heads,
    .input = &input,
    .output = &DEVICE_OUTPUT,
    .state = &state,
};

/* ---- the board -------------------------------------------------------------------------------------------------- */

#define WAIT 0xFFFFFFFFu

static uint32_t left; /* bytes of the piece in work; WAIT: until there is nothing to do */

static void board_init(void)
{
}

static uint32_t board_counter(void)
{
    return ticks_now;
}

static bool next_piece(void)
{
    uint8_t bytes[4];
    if (fread(bytes, 1, 4, stdin) != 4) {
        return false;
    }
    left = bytes[0] | ((uint32_t)bytes[1] << 8) | ((uint32_t)bytes[2] << 16) | ((uint32_t)bytes[3] << 24);
    return true;
}

static int32_t board_read(uint8_t *bytes, uint32_t max)
{
    while (left == 0) {
        if (!next_piece()) {
            return -1;
        }
    }
    if (left == WAIT) {
        return 0;
    }
    uint32_t count = (uint32_t)fread(bytes, 1, left < max ? left : max, stdin);
    left -= count;
    return count == 0 ? -1 : (int32_t)count;
}

static void board_write(const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        printf("%02x\n", bytes[i]);
    }
}

static void board_idle(void)
{
    puts("--");
    left = 0;
}

static const spikec_hal_t board = {
    .board = BOARD_NAME,
    .counter_name = COUNTER_NAME,
    .counter_hz = COUNTER_HZ,
    .rx_bytes = PROMISED_BYTES,
    .init = board_init,
    .counter = board_counter,
    .read = board_read,
    .write = board_write,
    .idle = board_idle,
};

int main(void)
{
    spikec_device_run(&board, &network);
    return 0;
}
