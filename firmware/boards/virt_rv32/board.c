/*
 * board.c: QEMU's RISC-V machine 'virt' with a 32-bit core: its 16550 as the line, the retired instructions as the counter.
 *
 * Interrupts stay masked for good: the pending interrupt of the line only ends the sleep in board_idle(). No handler ever
 * runs inside a layer, so equal work always takes an equal count of instructions. Bytes that come meanwhile wait in the
 * emulator, which hands over the next ones when there is room.
 */
#include "spikec_hal.h"

#define INSTRUCTIONS_HZ 1000000000u /* QEMU's -icount shift=0: one takes a nanosecond */
#define RX_BYTES 16384 /* the emulator's pseudo-terminal holds more than that for us */

/* The 16550's registers are bytes, one behind the other. */
#define LINE ((volatile uint8_t *)0x10000000u)
#define LINE_DATA 0
#define LINE_INTERRUPTS 1
#define LINE_FIFO 2
#define LINE_FORMAT 3
#define LINE_STATE 5
#define RECEIVED 0x01u        /* of LINE_INTERRUPTS and of LINE_STATE */
#define FIFO_ON 0x01u
#define EIGHT_BITS 0x03u
#define ROOM_TO_SEND 0x20u

/* The interrupt controller (PLIC) of the first core; the line is its source 10. */
#define LINE_SOURCE 10u
#define PRIORITY ((volatile uint32_t *)0x0C000000u)
#define ENABLED (*(volatile uint32_t *)0x0C002000u)
#define CLAIM (*(volatile uint32_t *)0x0C200004u)
#define EXTERNAL 0x800u       /* of the core's mie */

static void board_init(void)
{
    LINE[LINE_FORMAT] = EIGHT_BITS;
    LINE[LINE_FIFO] = FIFO_ON;
    LINE[LINE_INTERRUPTS] = RECEIVED;
    PRIORITY[LINE_SOURCE] = 1;
    ENABLED = 1u << LINE_SOURCE;
    __asm__ volatile("csrw mie, %0" : : "r"(EXTERNAL));
}

static uint32_t board_counter(void)
{
    uint32_t count;
    __asm__ volatile("csrr %0, minstret" : "=r"(count) : : "memory");
    return count;
}

static int32_t board_read(uint8_t *bytes, uint32_t max)
{
    uint32_t count = 0;
    while (count < max && (LINE[LINE_STATE] & RECEIVED) != 0) {
        bytes[count++] = LINE[LINE_DATA];
    }
    return (int32_t)count;
}

static void board_write(const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        while ((LINE[LINE_STATE] & ROOM_TO_SEND) == 0) {
        }
        LINE[LINE_DATA] = bytes[i];
    }
}

/* An interrupt that was pending is taken and given back, so that only a byte that comes from now on ends the sleep. */
static void board_idle(void)
{
    uint32_t source = CLAIM;
    if (source != 0) {
        CLAIM = source;
    }
    if ((LINE[LINE_STATE] & RECEIVED) == 0) {
        __asm__ volatile("wfi" ::: "memory");
    }
}

const spikec_hal_t spikec_hal = {
    .board = "virt_rv32",
    .counter_name = "minstret",
    .counter_hz = INSTRUCTIONS_HZ,
    .rx_bytes = RX_BYTES,
    .init = board_init,
    .counter = board_counter,
    .read = board_read,
    .write = board_write,
    .idle = board_idle,
};
