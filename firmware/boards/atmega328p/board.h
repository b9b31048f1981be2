/* board.h: the ATmega328P's name and sizes, for firmware/parts/avr. */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD "atmega328p"
#define BAUD 500000u    /* a divider of 3 at 16 MHz, without error */
#define RX_BYTES 128    /* a frame of the largest payload, and some more; 255 at most */
#define STACK_BYTES 320 /* the deepest that was seen is 270, in dense networks */
#define MARKER_BIT 0     /* of port B; not the LED's, whose current would be metered */

#endif
