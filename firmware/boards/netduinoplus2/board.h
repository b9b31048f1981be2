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

#endif
