/* spikec_report.c: see spikec_report.h. */
#include "spikec_report.h"

#define BYTES(bits) (((uint32_t)(bits) + 7u) / 8u)
#define FIXED_BYTES 60u /* all of it but the text of its strings */
#define STRINGS 4u
#define ROOM ((SPIKEC_MAX_PAYLOAD - FIXED_BYTES) / STRINGS)
#define MAX_STRING (ROOM < 63u ? ROOM : 63u) /* longer ones are cut, so that a greeting always fits a frame */

static void put_string(spikec_encoder_t *tx, const char *text)
{
    uint8_t length = 0;
    while (length < MAX_STRING && text[length] != '\0') {
        length++;
    }
    spikec_encode_u8(tx, length);
    for (uint8_t i = 0; i < length; i++) {
        spikec_encode_u8(tx, (uint8_t)text[i]);
    }
}

static uint8_t hex_digit(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static void put_digest(spikec_encoder_t *tx, const char *hex)
{
    for (uint8_t i = 0; i < 64; i = (uint8_t)(i + 2)) {
        spikec_encode_u8(tx, (uint8_t)((hex_digit(hex[i]) << 4) | hex_digit(hex[i + 1])));
    }
}

void spikec_report_greeting(spikec_device_t *device, uint32_t nonce)
{
    spikec_encoder_t *tx = &device->tx;
    const spikec_network_t *net = device->net;
    uint16_t features = SPIKEC_FEATURE_FRAMES | SPIKEC_FEATURE_TRACE | SPIKEC_FEATURE_PIECES;
    if (net->binning != NULL) {
        features |= SPIKEC_FEATURE_EVENTS;
    }
    spikec_link_begin(device, SPIKEC_MSG_GREETING);
    spikec_encode_u32(tx, nonce);
    spikec_encode_u16(tx, features);
    spikec_encode_u16(tx, SPIKEC_MAX_PAYLOAD);
    spikec_encode_u32(tx, device->hal->rx_bytes);
    spikec_encode_u32(tx, device->hal->counter_hz);
    spikec_encode_u16(tx, net->steps);
    spikec_encode_u16(tx, net->in_size);
    spikec_encode_u16(tx, net->out_size);
    spikec_encode_u8(tx, net->stages);
    spikec_encode_u8(tx, net->heads);
    put_digest(tx, net->digest);
    put_string(tx, device->hal->board);
    put_string(tx, net->name);
    put_string(tx, net->tool);
    put_string(tx, device->hal->counter_name);
    spikec_link_send(device);
}

static void put_bits(spikec_pieces_t *pieces, const uint32_t *words, uint16_t bits)
{
    for (uint32_t i = 0; i < BYTES(bits); i++) {
        spikec_pieces_u8(pieces, (uint8_t)(words[i / 4u] >> (8u * (i % 4u))));
    }
}

static int32_t membrane(const spikec_stage_t *stage, uint16_t neuron)
{
    return stage->membrane_bytes == 2 ? ((const int16_t *)stage->membrane)[neuron]
                                      : ((const int32_t *)stage->membrane)[neuron];
}

static void little_u32(uint8_t *bytes, uint32_t value)
{
    for (uint8_t i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint32_t result_bytes(const spikec_network_t *net)
{
    uint32_t layers = net->stages, steps = net->steps;
    return 10u + layers * 12u + layers * steps * 2u + steps * BYTES(net->out_size) + (uint32_t)net->out_size * 4u +
           net->heads * 2u;
}

static void put_layers(spikec_pieces_t *pieces, const spikec_network_t *net)
{
    for (uint8_t layer = 0; layer < net->stages; layer++) {
        spikec_pieces_u32(pieces, net->state->ticks[layer]);
        spikec_pieces_u32(pieces, (uint32_t)net->state->synops[layer]);
        spikec_pieces_u32(pieces, (uint32_t)(net->state->synops[layer] >> 32));
    }
    for (uint32_t i = 0; i < (uint32_t)net->stages * net->steps; i++) {
        spikec_pieces_u16(pieces, net->state->layer_spikes[i]);
    }
}

static void put_outputs(spikec_pieces_t *pieces, const spikec_network_t *net)
{
    const spikec_stage_t *last = &net->stage[net->stages - 1];
    for (uint32_t step = 0; step < net->steps; step++) {
        put_bits(pieces, net->state->out_spikes + step * SPIKEC_WORDS(net->out_size), net->out_size);
    }
    for (uint32_t output = 0; output < net->out_size; output++) {
        spikec_pieces_u32(pieces, (uint32_t)membrane(last, (uint16_t)output));
    }
    for (uint8_t head = 0; head < net->heads; head++) {
        spikec_pieces_u16(pieces, (uint16_t)spikec_answer(net, head));
    }
}

void spikec_report_result(spikec_device_t *device)
{
    const spikec_network_t *net = device->net;
    spikec_pieces_t pieces = {
        .device = device, .type = SPIKEC_MSG_RESULT, .head_length = 4, .total = result_bytes(net)};
    little_u32(pieces.head, device->sample.id);
    spikec_pieces_begin(&pieces);
    spikec_pieces_u32(&pieces, device->sample.ticks);
    spikec_pieces_u16(&pieces, net->steps);
    spikec_pieces_u16(&pieces, net->out_size);
    spikec_pieces_u8(&pieces, net->stages);
    spikec_pieces_u8(&pieces, net->heads);
    put_layers(&pieces, net);
    put_outputs(&pieces, net);
    spikec_pieces_end(&pieces);
}

static spikec_pieces_t trace_pieces(spikec_device_t *device, uint8_t stage, uint16_t step, uint8_t kind, uint32_t total)
{
    spikec_pieces_t pieces = {.device = device, .type = SPIKEC_MSG_TRACE, .head_length = 8, .total = total};
    little_u32(pieces.head, device->sample.id);
    pieces.head[4] = (uint8_t)step;
    pieces.head[5] = (uint8_t)(step >> 8);
    pieces.head[6] = stage;
    pieces.head[7] = kind;
    return pieces;
}

static void trace_spikes(spikec_device_t *device, uint8_t stage, uint16_t step, const uint32_t *spikes)
{
    uint16_t size = device->net->stage[stage].out_size;
    spikec_pieces_t pieces = trace_pieces(device, stage, step, SPIKEC_TRACE_SPIKES, BYTES(size));
    spikec_pieces_begin(&pieces);
    put_bits(&pieces, spikes, size);
    spikec_pieces_end(&pieces);
}

static void trace_membranes(spikec_device_t *device, uint8_t stage, uint16_t step)
{
    const spikec_stage_t *layer = &device->net->stage[stage];
    bool narrow = layer->membrane_bytes == 2;
    uint8_t kind = narrow ? SPIKEC_TRACE_MEMBRANE_I16 : SPIKEC_TRACE_MEMBRANE_I32;
    uint32_t total = (uint32_t)layer->out_size * layer->membrane_bytes;
    spikec_pieces_t pieces = trace_pieces(device, stage, step, kind, total);
    spikec_pieces_begin(&pieces);
    for (uint32_t neuron = 0; neuron < layer->out_size; neuron++) {
        uint32_t value = (uint32_t)membrane(layer, (uint16_t)neuron);
        if (narrow) {
            spikec_pieces_u16(&pieces, (uint16_t)value);
        } else {
            spikec_pieces_u32(&pieces, value);
        }
    }
    spikec_pieces_end(&pieces);
}

void spikec_report_trace(void *context, uint8_t stage, uint16_t step, const uint32_t *spikes)
{
    spikec_device_t *device = context;
    uint32_t start = device->hal->counter();
    trace_spikes(device, stage, step, spikes);
    if (device->net->stage[stage].membrane != NULL) {
        trace_membranes(device, stage, step);
    }
    device->sample.traced += device->hal->counter() - start;
}
