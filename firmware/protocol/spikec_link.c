/* spikec_link.c: see spikec_link.h. */
#include "spikec_link.h"

void spikec_link_begin(spikec_device_t *device, uint8_t type)
{
    spikec_encode_begin(&device->tx, type, device->sent++);
}

void spikec_link_send(spikec_device_t *device)
{
    spikec_encode_end(&device->tx);
    device->hal->write(device->tx.bytes, device->tx.length);
}

void spikec_link_ack(spikec_device_t *device)
{
    spikec_link_begin(device, SPIKEC_MSG_ACK);
    spikec_encode_u16(&device->tx, device->expected);
    spikec_link_send(device);
}

void spikec_link_error(spikec_device_t *device, uint8_t code, uint32_t sample, int32_t detail)
{
    spikec_link_begin(device, SPIKEC_MSG_ERROR);
    spikec_encode_u8(&device->tx, code);
    spikec_encode_u32(&device->tx, sample);
    spikec_encode_u32(&device->tx, (uint32_t)detail);
    spikec_link_send(device);
}

void spikec_pieces_begin(spikec_pieces_t *pieces)
{
    spikec_encoder_t *tx = &pieces->device->tx;
    spikec_link_begin(pieces->device, pieces->type);
    tx->room = pieces->device->piece;
    for (uint8_t i = 0; i < pieces->head_length; i++) {
        spikec_encode_u8(tx, pieces->head[i]);
    }
    spikec_encode_u32(tx, pieces->total);
    spikec_encode_u32(tx, pieces->offset);
}

void spikec_pieces_u8(spikec_pieces_t *pieces, uint8_t value)
{
    if (pieces->device->tx.room == 0) {
        spikec_link_send(pieces->device);
        spikec_pieces_begin(pieces);
    }
    spikec_encode_u8(&pieces->device->tx, value);
    pieces->offset++;
}

void spikec_pieces_u16(spikec_pieces_t *pieces, uint16_t value)
{
    spikec_pieces_u8(pieces, (uint8_t)value);
    spikec_pieces_u8(pieces, (uint8_t)(value >> 8));
}

void spikec_pieces_u32(spikec_pieces_t *pieces, uint32_t value)
{
    spikec_pieces_u16(pieces, (uint16_t)value);
    spikec_pieces_u16(pieces, (uint16_t)(value >> 16));
}

void spikec_pieces_end(spikec_pieces_t *pieces)
{
    spikec_link_send(pieces->device);
}
