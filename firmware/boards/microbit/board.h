/* board.h: where the drivers find what they drive (BBC micro:bit 1.x: nRF51822). */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "microbit"

#define BOARD_COUNTER_NAME "nRF51 timer 0"
#define BOARD_COUNTER_HZ 16000000u

#define BOARD_TX_PIN 24u
#define BOARD_RX_PIN 25u
#define BOARD_LINE_IRQ 2u

/* P0.03, the edge connector's pin 0. */
#define BOARD_MARKER_START() (*(volatile uint32_t *)0x50000518u = 1u << 3)
#define BOARD_MARKER_HIGH() (*(volatile uint32_t *)0x50000508u = 1u << 3)
#define BOARD_MARKER_LOW() (*(volatile uint32_t *)0x5000050Cu = 1u << 3)

#endif
