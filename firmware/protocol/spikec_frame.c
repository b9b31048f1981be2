/* spikec_frame.c: see spikec_frame.h. */
#include "spikec_frame.h"

#include "spikec_crc32.h"

#define OVERHEAD (SPIKEC_PROTOCOL_HEADER_BYTES + SPIKEC_PROTOCOL_CRC_BYTES)
#define FULL_BLOCK 0xFFu /* a COBS block of 254 bytes that stands for no zero */

static void keep(spikec_decoder_t *decoder, uint8_t byte)
{
    if (decoder->length < SPIKEC_MAX_BODY) {
        decoder->body[decoder->length++] = byte;
    } else {
        decoder->bad = true;
    }
}

static uint16_t little_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | ((uint32_t)bytes[1] << 8)); /* an int may have 16 bits */
}

static uint32_t little_u32(const uint8_t *bytes)
{
    return little_u16(bytes) | ((uint32_t)little_u16(bytes + 2) << 16);
}

/* The delimiter has come: is what stands in the body a sound frame? */
static bool complete(const spikec_decoder_t *decoder, spikec_frame_t *frame)
{
    const uint8_t *body = decoder->body;
    if (decoder->bad || decoder->left != 0 || decoder->length < OVERHEAD) {
        return false;
    }
    uint16_t signed_bytes = (uint16_t)(decoder->length - SPIKEC_PROTOCOL_CRC_BYTES);
    if (spikec_crc32(0, body, signed_bytes) != little_u32(body + signed_bytes)) {
        return false;
    }
    frame->version = body[0];
    frame->type = body[1];
    frame->sequence = little_u16(body + 2);
    frame->payload = body + SPIKEC_PROTOCOL_HEADER_BYTES;
    frame->length = (uint16_t)(decoder->length - OVERHEAD);
    return true;
}

bool spikec_decode(spikec_decoder_t *decoder, uint8_t byte, spikec_frame_t *frame)
{
    if (byte == SPIKEC_PROTOCOL_DELIMITER) {
        bool sound = complete(decoder, frame);
        decoder->length = 0;
        decoder->left = 0;
        decoder->zero = false;
        decoder->bad = false;
        return sound;
    }
    if (decoder->left != 0) {
        decoder->left--;
        keep(decoder, byte);
        return false;
    }
    if (decoder->zero) {
        keep(decoder, 0);
    }
    decoder->left = (uint8_t)(byte - 1u);
    decoder->zero = byte != FULL_BLOCK;
    return false;
}

static void open_block(spikec_encoder_t *encoder)
{
    encoder->code = encoder->length++;
}

/* The block's length byte counts itself and the bytes after it. */
static void close_block(spikec_encoder_t *encoder)
{
    encoder->bytes[encoder->code] = (uint8_t)(encoder->length - encoder->code);
}

static void append(spikec_encoder_t *encoder, uint8_t byte)
{
    if (encoder->length - encoder->code == (int)FULL_BLOCK) {
        close_block(encoder);
        open_block(encoder);
    }
    if (byte == 0) {
        close_block(encoder);
        open_block(encoder);
    } else {
        encoder->bytes[encoder->length++] = byte;
    }
}

static void append_signed(spikec_encoder_t *encoder, uint8_t byte)
{
    encoder->crc = spikec_crc32(encoder->crc, &byte, 1);
    append(encoder, byte);
}

void spikec_encode_begin(spikec_encoder_t *encoder, uint8_t type, uint16_t sequence)
{
    encoder->length = 0;
    encoder->crc = 0;
    encoder->room = SPIKEC_MAX_PAYLOAD;
    open_block(encoder);
    append_signed(encoder, SPIKEC_PROTOCOL_VERSION);
    append_signed(encoder, type);
    append_signed(encoder, (uint8_t)sequence);
    append_signed(encoder, (uint8_t)(sequence >> 8));
}

void spikec_encode_u8(spikec_encoder_t *encoder, uint8_t value)
{
    if (encoder->room > 0) {
        encoder->room--;
        append_signed(encoder, value);
    }
}

void spikec_encode_u16(spikec_encoder_t *encoder, uint16_t value)
{
    spikec_encode_u8(encoder, (uint8_t)value);
    spikec_encode_u8(encoder, (uint8_t)(value >> 8));
}

void spikec_encode_u32(spikec_encoder_t *encoder, uint32_t value)
{
    spikec_encode_u16(encoder, (uint16_t)value);
    spikec_encode_u16(encoder, (uint16_t)(value >> 16));
}

void spikec_encode_end(spikec_encoder_t *encoder)
{
    uint32_t crc = encoder->crc;
    for (uint8_t shift = 0; shift < 32; shift = (uint8_t)(shift + 8)) {
        append(encoder, (uint8_t)(crc >> shift));
    }
    close_block(encoder);
    encoder->bytes[encoder->length++] = SPIKEC_PROTOCOL_DELIMITER;
}
