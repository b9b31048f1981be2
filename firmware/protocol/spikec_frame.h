/*
 * spikec_frame.h: bytes of the line to frames and back: COBS, checksum, header (SPEC.md, "Frames").
 */
#ifndef SPIKEC_FRAME_H
#define SPIKEC_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "spikec_protocol.h"

/* Longest payload that this device takes and sends; the greeting names it. A board short of RAM may set it lower. */
#ifndef SPIKEC_MAX_PAYLOAD
#define SPIKEC_MAX_PAYLOAD SPIKEC_PROTOCOL_DEFAULT_MAX_PAYLOAD
#endif
#if SPIKEC_MAX_PAYLOAD < 96 || SPIKEC_MAX_PAYLOAD > 32768
#error "SPIKEC_MAX_PAYLOAD must hold a greeting whose strings are cut short (96 bytes) and be at most 32768"
#endif

#define SPIKEC_MAX_BODY (SPIKEC_PROTOCOL_HEADER_BYTES + SPIKEC_MAX_PAYLOAD + SPIKEC_PROTOCOL_CRC_BYTES)
/* COBS adds a byte for each 254, and one; then the delimiter. */
#define SPIKEC_MAX_ENCODED (SPIKEC_MAX_BODY + SPIKEC_MAX_BODY / 254u + 2u)

/* A frame that has come whole. The payload lies in the decoder and is gone with the next byte. */
typedef struct {
    uint8_t version;
    uint8_t type;
    uint16_t sequence;
    const uint8_t *payload;
    uint16_t length;
} spikec_frame_t;

/* Takes frames apart, byte by byte. All zero is its start. */
typedef struct {
    uint8_t body[SPIKEC_MAX_BODY];
    uint16_t length;
    uint8_t left; /* bytes of the COBS block that are still to come */
    bool zero;    /* the block stands for a zero byte, unless the frame ends with it */
    bool bad;     /* too long: drop what comes until the delimiter */
} spikec_decoder_t;

/* Take one byte of the line. True when it completes a sound frame; damaged ones are dropped in silence. */
bool spikec_decode(spikec_decoder_t *decoder, uint8_t byte, spikec_frame_t *frame);

/* Puts one frame together, encoded as it grows. */
typedef struct {
    uint8_t bytes[SPIKEC_MAX_ENCODED];
    uint16_t length; /* bytes of it that are written */
    uint16_t code;   /* where the open COBS block keeps its length */
    uint16_t room;   /* payload bytes that still fit */
    uint32_t crc;
} spikec_encoder_t;

void spikec_encode_begin(spikec_encoder_t *encoder, uint8_t type, uint16_t sequence);

/* Append to the payload; bytes beyond its room are dropped. Numbers go little-endian. */
void spikec_encode_u8(spikec_encoder_t *encoder, uint8_t value);
void spikec_encode_u16(spikec_encoder_t *encoder, uint16_t value);
void spikec_encode_u32(spikec_encoder_t *encoder, uint32_t value);

/* Append checksum and delimiter: `bytes` and `length` are ready for the line. */
void spikec_encode_end(spikec_encoder_t *encoder);

#endif
