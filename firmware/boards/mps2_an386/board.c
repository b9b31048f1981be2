/*
 * board.c: Arm MPS2 with the AN386 image: CMSDK UART 0 as the line, CMSDK timer 0 as the counter.
 *
 * Interrupts stay masked for good: the pending interrupt of the UART only ends the sleep in board_idle(). No handler
 * ever runs inside a layer, so equal work always takes an equal count of instructions. Bytes that come meanwhile wait
 * in the emulator, which hands over the next one when the last was taken.
 */
#include <stdbool.h>
#include <stddef.h>

#include "spikec_hal.h"

#define CLOCK_HZ 25000000u
#define BAUD 115200u
#define RX_BYTES 16384 /* the emulator's pseudo-terminal holds more than that for us */

typedef struct {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t control;
    volatile uint32_t interrupt; /* read: status; write: clear */
    volatile uint32_t divider;
} uart_t;

typedef struct {
    volatile uint32_t control;
    volatile uint32_t value; /* counts down */
    volatile uint32_t reload;
    volatile uint32_t interrupt;
} timer_t;

#define UART0 ((uart_t *)0x40004000u)
#define UART_TX_FULL 1u
#define UART_RX_FULL 2u
#define UART_TX_ON 1u
#define UART_RX_ON 2u
#define UART_RX_INTERRUPT_ON 8u
#define UART_RX_INTERRUPT 2u

#define TIMER0 ((timer_t *)0x40000000u)
#define TIMER_ON 1u

#define NVIC_ENABLE (*(volatile uint32_t *)0xE000E100u)
#define NVIC_UNPEND (*(volatile uint32_t *)0xE000E280u)
#define UART0_RX_IRQ 1u /* bit of interrupt 0 */

static void board_init(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
    TIMER0->reload = UINT32_MAX;
    TIMER0->value = UINT32_MAX;
    TIMER0->control = TIMER_ON;
    UART0->divider = CLOCK_HZ / BAUD;
    UART0->control = UART_TX_ON | UART_RX_ON | UART_RX_INTERRUPT_ON;
    NVIC_ENABLE = UART0_RX_IRQ;
}

static uint32_t board_counter(void)
{
    return UINT32_MAX - TIMER0->value;
}

static int32_t board_read(uint8_t *bytes, uint32_t max)
{
    uint32_t count = 0;
    while (count < max && (UART0->state & UART_RX_FULL) != 0) {
        bytes[count++] = (uint8_t)UART0->data;
    }
    return (int32_t)count;
}

static void board_write(const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        while ((UART0->state & UART_TX_FULL) != 0) {
        }
        UART0->data = bytes[i];
    }
}

static void board_idle(void)
{
    UART0->interrupt = UART_RX_INTERRUPT;
    NVIC_UNPEND = UART0_RX_IRQ;
    if ((UART0->state & UART_RX_FULL) == 0) {
        __asm__ volatile("wfi" ::: "memory");
    }
}

const spikec_hal_t spikec_hal = {
    .board = "mps2_an386",
    .counter_name = "CMSDK timer 0",
    .counter_hz = CLOCK_HZ,
    .rx_bytes = RX_BYTES,
    .init = board_init,
    .counter = board_counter,
    .read = board_read,
    .write = board_write,
    .idle = board_idle,
};
