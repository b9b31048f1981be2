/*
 * device_fuzzer.c: a board for libFuzzer. Its input is a script of frames, which are given sound checksums here, as no
 * fuzzer guesses those; what is wrong with them is all else. Every frame that the device answers has to be sound.
 *
 * A script is pieces, one after the other: a byte that says what; a byte of the frame's type; a length; that many bytes.
 */
#include <stdio.h>
#include <stdlib.h>

#include "network.h"
#include "spikec_device.h"
#include "spikec_frame.h"

#define RAW 0x01          /* no frame: the bytes go on the line as they are */
#define WRONG_SEQUENCE 0x02
#define CUT 0x04          /* the last byte of the frame is lost */
#define LONG 0x08         /* the length counts in eights */
#define PAUSE 0x10        /* the device finds nothing on the line for a while */
#define LAST_PAUSES 4000u /* enough for what is left to compute */

static const uint8_t *script, *script_end;
static spikec_encoder_t frame;
static const uint8_t *sending;
static uint16_t to_send;
static uint32_t pauses, ticks;
static uint16_t sequence;
static spikec_decoder_t answer;

static void fuzz_init(void)
{
}

static uint32_t fuzz_counter(void)
{
    return ticks += 3;
}

static void fuzz_idle(void)
{
}

/* Put the next piece of the script on the line; false at its end. */
static bool next_piece(void)
{
    if (script_end - script < 3) {
        return false;
    }
    uint8_t how = script[0], type = script[1];
    uint32_t length = script[2] * (how & LONG ? 8u : 1u);
    script += 3;
    if (length > (uint32_t)(script_end - script)) {
        length = (uint32_t)(script_end - script);
    }
    pauses = how & PAUSE ? 20 : 0;
    if (how & RAW) {
        sending = script;
        to_send = (uint16_t)length;
    } else {
        bool counted = type >= SPIKEC_MSG_SAMPLE_BEGIN && type <= SPIKEC_MSG_SAMPLE_END;
        uint16_t number = how & WRONG_SEQUENCE ? (uint16_t)(sequence + 1u + length) : sequence;
        spikec_encode_begin(&frame, type, counted ? number : 0);
        for (uint32_t i = 0; i < length; i++) {
            spikec_encode_u8(&frame, script[i]);
        }
        spikec_encode_end(&frame);
        sequence = (uint16_t)(sequence + (counted && number == sequence && !(how & CUT)));
        sequence = type == SPIKEC_MSG_HELLO && (length == 4 || length == 6) && !(how & CUT) ? 0 : sequence;
        sending = frame.bytes;
        to_send = (uint16_t)(frame.length - (how & CUT ? 1u : 0u));
    }
    script += length;
    return true;
}

static int32_t fuzz_read(uint8_t *bytes, uint32_t max)
{
    if (pauses > 0) {
        pauses--;
        return 0;
    }
    if (to_send == 0 && !next_piece()) {
        return script == NULL ? -1 : (script = script_end = NULL, pauses = LAST_PAUSES, 0);
    }
    uint32_t count = to_send < max ? to_send : max;
    for (uint32_t i = 0; i < count; i++) {
        bytes[i] = sending[i];
    }
    sending += count;
    to_send = (uint16_t)(to_send - count);
    return (int32_t)count;
}

static void fuzz_write(const uint8_t *bytes, uint32_t length)
{
    spikec_frame_t got;
    for (uint32_t i = 0; i < length; i++) {
        bool whole = spikec_decode(&answer, bytes[i], &got);
        if (whole != (i + 1 == length) || (whole && (got.version != SPIKEC_PROTOCOL_VERSION || got.type < 0x80))) {
            abort();
        }
    }
}

const spikec_hal_t spikec_hal = {
    .board = "fuzzer",
    .counter_name = "dice",
    .counter_hz = 1000,
    .rx_bytes = 16384,
    .init = fuzz_init,
    .counter = fuzz_counter,
    .read = fuzz_read,
    .write = fuzz_write,
    .idle = fuzz_idle,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = {0, SPIKEC_MSG_HELLO, 4, 'a', 'b', 'c', 'd'};
    static uint8_t whole[1 << 16];
    size_t count = 0;
    for (size_t i = 0; i < sizeof hello; i++) {
        whole[count++] = hello[i];
    }
    for (size_t i = 0; i < size && count < sizeof whole; i++) {
        whole[count++] = data[i];
    }
    script = whole;
    script_end = whole + count;
    to_send = 0;
    pauses = 0;
    sequence = 0;
    spikec_device_run(&spikec_hal, &spikec_network);
    return 0;
}

#ifdef ONE_SCRIPT /* without libFuzzer: the script is standard input */
int main(void)
{
    static uint8_t data[1 << 16];
    return LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, stdin));
}
#endif
