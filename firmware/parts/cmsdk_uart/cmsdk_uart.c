/* cmsdk_uart.c: the UART of Arm's Cortex-M System Design Kit, as in the MPS2 and MPS3 images. */
#include "board.h"
#include "line.h"

#define BAUD 115200u

typedef struct {
    volatile uint32_t data;
    volatile uint32_t state;
    volatile uint32_t control;
    volatile uint32_t interrupt; /* read: status; write: clear */
    volatile uint32_t divider;
} uart_t;

#define UART ((uart_t *)BOARD_UART)
#define TX_FULL 1u
#define RX_FULL 2u
#define TX_ON 1u
#define RX_ON 2u
#define RX_INTERRUPT_ON 8u
#define RX_INTERRUPT 2u

void line_start(void)
{
    UART->divider = BOARD_UART_HZ / BAUD;
    UART->control = TX_ON | RX_ON | RX_INTERRUPT_ON;
}

bool line_has_byte(void)
{
    return (UART->state & RX_FULL) != 0;
}

uint8_t line_take(void)
{
    return (uint8_t)UART->data;
}

void line_send(uint8_t byte)
{
    while ((UART->state & TX_FULL) != 0) {
    }
    UART->data = byte;
}

void line_calm(void)
{
    UART->interrupt = RX_INTERRUPT;
}
