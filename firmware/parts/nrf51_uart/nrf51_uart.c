/* nrf51_uart.c: UART 0 of Nordic's nRF51 (nRF51 Series Reference Manual). */
#include "board.h"
#include "line.h"

#define UART 0x40002000u
#define REGISTER(offset) (*(volatile uint32_t *)(UART + (offset)))

#define START_RX REGISTER(0x000u)
#define START_TX REGISTER(0x008u)
#define RX_READY REGISTER(0x108u) /* events: they stay until we write 0 */
#define TX_READY REGISTER(0x11Cu)
#define INTERRUPT_SET REGISTER(0x304u)
#define ENABLE REGISTER(0x500u)
#define TX_PIN REGISTER(0x50Cu)
#define RX_PIN REGISTER(0x514u)
#define RX_DATA REGISTER(0x518u)
#define TX_DATA REGISTER(0x51Cu)
#define BAUD_RATE REGISTER(0x524u)

#define UART_ON 4u
#define RX_READY_BIT (1u << 2)

#if !defined(SPIKEC_BAUD) /* what the build asks for, instead of the board's own */
#define BAUD 0x01D7E000u  /* 115,200 */
#elif SPIKEC_BAUD == 9600
#define BAUD 0x00275000u
#else
#error "this driver knows 115,200 and 9,600 baud"
#endif

void line_start(void)
{
    TX_PIN = BOARD_TX_PIN;
    RX_PIN = BOARD_RX_PIN;
    BAUD_RATE = BAUD;
    ENABLE = UART_ON;
    INTERRUPT_SET = RX_READY_BIT;
    START_RX = 1;
    START_TX = 1;
}

bool line_has_byte(void)
{
    return RX_READY != 0;
}

/* The event first: taking the byte raises it again when another one waits. */
uint8_t line_take(void)
{
    RX_READY = 0;
    return (uint8_t)RX_DATA;
}

void line_send(uint8_t byte)
{
    TX_READY = 0;
    TX_DATA = byte;
    while (TX_READY == 0) {
    }
}

void line_calm(void)
{
    /* line_take() has done it */
}
