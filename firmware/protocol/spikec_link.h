/*
 * spikec_link.h: what the device remembers, and the sending side of the line.
 */
#ifndef SPIKEC_LINK_H
#define SPIKEC_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "spikec.h"
#include "spikec_frame.h"
#include "spikec_hal.h"

/* Where the sample in work stands. */
enum spikec_phase {
    SPIKEC_PHASE_IDLE,    /* none is in work */
    SPIKEC_PHASE_OPEN,    /* its input is coming */
    SPIKEC_PHASE_CLOSED,  /* all input has come, steps are left to run */
    SPIKEC_PHASE_REFUSED  /* an error was reported: its remaining frames are ignored */
};

typedef struct {
    uint32_t id;
    uint8_t phase;   /* enum spikec_phase */
    uint8_t format;  /* enum spikec_format */
    uint32_t time;   /* of its newest event, in microseconds */
    uint32_t ticks;  /* spent in the network */
    uint32_t traced; /* of the call in progress: ticks spent in sending the trace */
} spikec_sample_t;

typedef struct {
    const spikec_hal_t *hal;
    const spikec_network_t *net;
    spikec_decoder_t rx;
    spikec_encoder_t tx;
    bool greeted;
    uint16_t expected; /* number of the next data frame */
    uint16_t sent;     /* number of our next frame */
    uint16_t piece;    /* payload bytes of a RESULT or TRACE frame at most, as the host wishes */
    spikec_sample_t sample;
} spikec_device_t;

/* A frame of ours: begin, append with spikec_encode_*(&device->tx, ...), send. */
void spikec_link_begin(spikec_device_t *device, uint8_t type);
void spikec_link_send(spikec_device_t *device);

void spikec_link_ack(spikec_device_t *device);
void spikec_link_error(spikec_device_t *device, uint8_t code, uint32_t sample, int32_t detail);

/* A message of `total` bytes that may need several frames. Each begins with `head`, the total, and the offset of its
 * piece. */
typedef struct {
    spikec_device_t *device;
    uint8_t type;
    uint8_t head_length;
    uint8_t head[8];
    uint32_t total;
    uint32_t offset;
} spikec_pieces_t;

void spikec_pieces_begin(spikec_pieces_t *pieces);
void spikec_pieces_u8(spikec_pieces_t *pieces, uint8_t value);
void spikec_pieces_u16(spikec_pieces_t *pieces, uint16_t value);
void spikec_pieces_u32(spikec_pieces_t *pieces, uint32_t value);
void spikec_pieces_end(spikec_pieces_t *pieces);

#endif
