/* spikec_device.c: the main loop, and which frame goes where. */
#include "spikec_device.h"

#include "spikec_link.h"
#include "spikec_report.h"
#include "spikec_sample.h"

/* Bytes that are taken from the line at once; they stand on the stack. */
#ifndef SPIKEC_CHUNK_BYTES
#define SPIKEC_CHUNK_BYTES 256
#endif

/* How long the frames of results may be: a host on a bad line asks for shorter ones than we have room for. */
static uint16_t wanted_piece(const spikec_frame_t *frame)
{
    uint16_t wanted = SPIKEC_MAX_PAYLOAD;
    if (frame->length == 6) {
        wanted = (uint16_t)(frame->payload[4] | ((uint32_t)frame->payload[5] << 8));
    }
    if (wanted < SPIKEC_PROTOCOL_MIN_PIECE) {
        return SPIKEC_PROTOCOL_MIN_PIECE;
    }
    return wanted < SPIKEC_MAX_PAYLOAD ? wanted : SPIKEC_MAX_PAYLOAD;
}

static void greet(spikec_device_t *device, const spikec_frame_t *frame)
{
    const uint8_t *nonce = frame->payload;
    if (frame->length != 4 && frame->length != 6) {
        spikec_link_error(device, SPIKEC_ERROR_PAYLOAD, 0, 0);
        return;
    }
    device->piece = wanted_piece(frame);
    device->greeted = true;
    device->expected = 0;
    device->sent = 0;
    spikec_sample_forget(device);
    spikec_report_greeting(
        device, nonce[0] | ((uint32_t)nonce[1] << 8) | ((uint32_t)nonce[2] << 16) | ((uint32_t)nonce[3] << 24));
}

/* The acknowledgement goes first: the frame has left the line's buffer, so the next may come while we compute. */
static void take_data(spikec_device_t *device, const spikec_frame_t *frame)
{
    bool its_turn = frame->sequence == device->expected;
    if (its_turn) {
        device->expected++;
    }
    spikec_link_ack(device);
    if (its_turn) {
        spikec_sample_take(device, frame);
    }
}

static void take_frame(spikec_device_t *device, const spikec_frame_t *frame)
{
    if (frame->version != SPIKEC_PROTOCOL_VERSION) {
        spikec_link_error(device, SPIKEC_ERROR_VERSION, 0, frame->version);
        return;
    }
    switch (frame->type) {
    case SPIKEC_MSG_HELLO:
        greet(device, frame);
        break;
    case SPIKEC_MSG_PING:
    case SPIKEC_MSG_SAMPLE_BEGIN:
    case SPIKEC_MSG_EVENTS:
    case SPIKEC_MSG_FRAMES:
    case SPIKEC_MSG_SAMPLE_END:
        if (!device->greeted) {
            spikec_link_error(device, SPIKEC_ERROR_NOT_GREETED, 0, 0);
        } else if (frame->type == SPIKEC_MSG_PING) {
            spikec_link_ack(device);
        } else {
            take_data(device, frame);
        }
        break;
    default:
        spikec_link_error(device, SPIKEC_ERROR_TYPE, 0, frame->type);
        break;
    }
}

#if SPIKEC_CORES > 1
static const spikec_network_t *shared;

static bool work_of_second(void)
{
    return spikec_poll_second(shared);
}

void spikec_device_share(const spikec_hal_t *hal, const spikec_network_t *net, uint8_t split)
{
    shared = net;
    spikec_share(net, split, hal->pause);
    hal->second(work_of_second);
}
#endif

void spikec_device_run(const spikec_hal_t *hal, const spikec_network_t *net)
{
    static spikec_device_t device; /* too large for a small stack; all zero */
    uint8_t chunk[SPIKEC_CHUNK_BYTES];
    spikec_frame_t frame;
    device.hal = hal;
    device.net = net;
    hal->init();
    spikec_sample_forget(&device);
    for (;;) {
        int32_t count = hal->read(chunk, sizeof chunk);
        if (count < 0) {
            return;
        }
        for (int32_t i = 0; i < count; i++) {
            if (spikec_decode(&device.rx, chunk[i], &frame)) {
                take_frame(&device, &frame);
            }
        }
        if (count == 0 && !spikec_sample_work(&device)) {
            hal->idle();
        }
    }
}
