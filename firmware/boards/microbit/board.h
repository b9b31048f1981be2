/* board.h: where the drivers find what they drive (BBC micro:bit 1.x: nRF51822). */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "microbit"

#define BOARD_COUNTER_NAME "nRF51 timer 0"
#define BOARD_COUNTER_HZ 16000000u

#define BOARD_TX_PIN 24u
#define BOARD_RX_PIN 25u
#define BOARD_LINE_IRQ 2u

/* The marker pin: P0.03, pad 0 of the edge connector. */
#define BOARD_GPIO(offset) (*(volatile uint32_t *)(0x50000000u + (offset)))
#define BOARD_MARKER_BIT (1u << 3)
#define BOARD_MARKER_START() (BOARD_GPIO(0x518u) = BOARD_MARKER_BIT)
#define BOARD_MARKER_RAISE() (BOARD_GPIO(0x508u) = BOARD_MARKER_BIT)
#define BOARD_MARKER_LOWER() (BOARD_GPIO(0x50Cu) = BOARD_MARKER_BIT)

#endif
