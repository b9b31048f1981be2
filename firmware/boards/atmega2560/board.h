/* board.h: the ATmega2560's name and sizes, for firmware/parts/avr. */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD "atmega2560"
#define BAUD 500000u    /* a divider of 3 at 16 MHz, without error */
#define RX_BYTES 255    /* all that a byte can count */
#define STACK_BYTES 640 /* the deepest that was seen is 464, in a convolution */
#define MARKER_BIT 0     /* of port B; not the LED's, whose current would be metered */

#endif
