/*
 * cortex_m.c: the spikec_hal of every Cortex-M board, from a serial driver, a counter driver and the board's board.h.
 *
 * Interrupts stay masked for good: the pending interrupt of the UART only ends the sleep in cortex_m_idle(). No handler
 * ever runs inside a layer, so equal work always takes an equal count of instructions. Bytes that come meanwhile wait
 * in the emulator, which hands over the next one when the last was taken.
 */
#include "board.h"
#include "counter.h"
#include "line.h"
#include "spikec_hal.h"
#if SPIKEC_CORES > 1
#include "second.h" /* of boards with two cores */
#endif

#define RX_BYTES 16384 /* the emulator's pseudo-terminal holds more than that for us */

#define NVIC_ENABLE ((volatile uint32_t *)0xE000E100u)
#define NVIC_UNPEND ((volatile uint32_t *)0xE000E280u)
#define WORD (BOARD_LINE_IRQ / 32u)
#define BIT (1u << (BOARD_LINE_IRQ % 32u))

static void cortex_m_init(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
    counter_start();
    line_start();
#if defined(SPIKEC_MARKER)
    BOARD_MARKER_START();
#endif
    NVIC_ENABLE[WORD] = BIT;
}

static int32_t cortex_m_read(uint8_t *bytes, uint32_t max)
{
    uint32_t count = 0;
    while (count < max && line_has_byte()) {
        bytes[count++] = line_take();
    }
    return (int32_t)count;
}

static void cortex_m_write(const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        line_send(bytes[i]);
    }
}

static void cortex_m_idle(void)
{
    line_calm();
    NVIC_UNPEND[WORD] = BIT;
    if (!line_has_byte()) {
        __asm__ volatile("wfi" ::: "memory");
    }
}

#if defined(SPIKEC_MARKER)
static uint32_t cortex_m_marker(bool high)
{
    if (high) {
        BOARD_MARKER_RAISE();
    }
    uint32_t ticks = counter_ticks();
    if (!high) {
        BOARD_MARKER_LOWER();
    }
    return ticks;
}
#endif

const spikec_hal_t spikec_hal = {
    .board = BOARD_ID,
    .counter_name = BOARD_COUNTER_NAME,
    .counter_hz = BOARD_COUNTER_HZ,
    .rx_bytes = RX_BYTES,
    .init = cortex_m_init,
    .counter = counter_ticks,
    .read = cortex_m_read,
    .write = cortex_m_write,
    .idle = cortex_m_idle,
#if defined(SPIKEC_MARKER)
    .marker = cortex_m_marker,
#endif
#if SPIKEC_CORES > 1
    .second = second_start,
    .pause = second_pause,
#endif
};
