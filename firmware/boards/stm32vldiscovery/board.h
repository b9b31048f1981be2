/*
 * board.h: where the drivers find what they drive (STM32F100RB, reference manual RM0041).
 *
 * The emulator starts the chip with its full clock and does not model pins, so neither is set up.
 */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "stm32vldiscovery"

#define BOARD_COUNTER_NAME "SysTick"
#define BOARD_COUNTER_HZ 24000000u

#define BOARD_USART 0x40013800u
#define BOARD_USART_HZ 24000000u
#define BOARD_USART_CLOCK (*(volatile uint32_t *)0x40021018u)
#define BOARD_USART_CLOCK_ON (1u << 14)
#define BOARD_LINE_IRQ 37u

/* The marker pin: PC8, with the blue LED. */
#define BOARD_GPIOC(offset) (*(volatile uint32_t *)(0x40011000u + (offset)))
#define BOARD_MARKER_START() \
    (BOARD_USART_CLOCK |= 1u << 4, BOARD_GPIOC(0x04u) = (BOARD_GPIOC(0x04u) & ~0xFu) | 0x1u)
#define BOARD_MARKER_RAISE() (BOARD_GPIOC(0x10u) = 1u << 8)
#define BOARD_MARKER_LOWER() (BOARD_GPIOC(0x14u) = 1u << 8)

#endif
