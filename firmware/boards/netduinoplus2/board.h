/*
 * board.h: where the drivers find what they drive (STM32F405RG, reference manual RM0090).
 *
 * The emulator starts the chip with its full clock and does not model pins, so neither is set up.
 */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "netduinoplus2"

#define BOARD_COUNTER_NAME "SysTick"
#define BOARD_COUNTER_HZ 168000000u

#define BOARD_USART 0x40011000u
#define BOARD_USART_HZ 84000000u
#define BOARD_USART_CLOCK (*(volatile uint32_t *)0x40023844u)
#define BOARD_USART_CLOCK_ON (1u << 4)
#define BOARD_LINE_IRQ 37u

/* The marker pin: PA10, with the LED. */
#define BOARD_GPIOA(offset) (*(volatile uint32_t *)(0x40020000u + (offset)))
#define BOARD_MARKER_START() \
    (*(volatile uint32_t *)0x40023830u |= 1u, BOARD_GPIOA(0x00u) = (BOARD_GPIOA(0x00u) & ~(3u << 20)) | (1u << 20))
#define BOARD_MARKER_RAISE() (BOARD_GPIOA(0x18u) = 1u << 10)
#define BOARD_MARKER_LOWER() (BOARD_GPIOA(0x18u) = 1u << 26)

#endif
