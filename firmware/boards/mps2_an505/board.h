/* board.h: where the drivers find what they drive (Arm DAI 0505, Application Note AN505): the secure addresses. */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "mps2_an505"

#define BOARD_COUNTER_NAME "CMSDK timer 0"
#define BOARD_COUNTER_HZ 20000000u
#define BOARD_TIMER 0x50000000u

#define BOARD_UART 0x50200000u
#define BOARD_UART_HZ 20000000u
#define BOARD_LINE_IRQ 32u

#endif
