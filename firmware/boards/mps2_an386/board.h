/* board.h: where the drivers find what they drive (Arm DAI 0386, Application Note AN386). */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "mps2_an386"

#define BOARD_COUNTER_NAME "CMSDK timer 0"
#define BOARD_COUNTER_HZ 25000000u
#define BOARD_TIMER 0x40000000u

#define BOARD_UART 0x40004000u
#define BOARD_UART_HZ 25000000u
#define BOARD_LINE_IRQ 0u

#endif
