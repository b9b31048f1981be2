/* stm32_usart.c: a USART of ST's STM32 F1 and F4 (reference manuals RM0041 and RM0090). */
#include "board.h"
#include "line.h"

#if !defined(SPIKEC_BAUD) /* what the build asks for, instead of the board's own */
#define SPIKEC_BAUD 115200u
#endif

typedef struct {
    volatile uint32_t status;
    volatile uint32_t data;
    volatile uint32_t divider;
    volatile uint32_t control;
} usart_t;

#define USART ((usart_t *)BOARD_USART)
#define TX_EMPTY (1u << 7)
#define RX_FULL (1u << 5)
#define ON (1u << 13)
#define RX_INTERRUPT_ON (1u << 5)
#define TX_ON (1u << 3)
#define RX_ON (1u << 2)

void line_start(void)
{
    BOARD_USART_CLOCK |= BOARD_USART_CLOCK_ON;
    USART->divider = BOARD_USART_HZ / SPIKEC_BAUD;
    USART->control = ON | RX_INTERRUPT_ON | TX_ON | RX_ON;
}

bool line_has_byte(void)
{
    return (USART->status & RX_FULL) != 0;
}

uint8_t line_take(void)
{
    return (uint8_t)USART->data;
}

void line_send(uint8_t byte)
{
    while ((USART->status & TX_EMPTY) == 0) {
    }
    USART->data = byte;
}

void line_calm(void)
{
    /* line_take() has done it */
}
