/* device_fuzz.c: a board whose line is standard input and output, and that ends with its input. */
#include <stdio.h>
#include <unistd.h>

#include "spikec_hal.h"

static uint32_t ticks;
static uint32_t dice = 1;

static void fuzz_init(void)
{
}

static uint32_t fuzz_counter(void)
{
    return ticks += 3;
}

/* Bytes come in pieces of any length, sometimes none, so that work falls between any two of them. */
static int32_t fuzz_read(uint8_t *bytes, uint32_t max)
{
    dice = dice * 1664525u + 1013904223u;
    if (dice >> 30 == 0) {
        return 0;
    }
    size_t count = fread(bytes, 1, 1u + (dice >> 8) % max, stdin);
    return count == 0 ? -1 : (int32_t)count;
}

static void fuzz_write(const uint8_t *bytes, uint32_t length)
{
    (void)fwrite(bytes, 1, length, stdout);
}

static void fuzz_idle(void)
{
}

const spikec_hal_t spikec_hal = {
    .board = "a name that is longer than the sixty-three bytes which a greeting has room for",
    .counter_name = "dice",
    .counter_hz = 1000,
    .rx_bytes = 16384,
    .init = fuzz_init,
    .counter = fuzz_counter,
    .read = fuzz_read,
    .write = fuzz_write,
    .idle = fuzz_idle,
};
