/* board.h: where the drivers find what they drive (Arm DAI 0547, Application Note AN547): the secure addresses. */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "mps3_an547"

#define BOARD_COUNTER_NAME "SSE-300 system counter"
#define BOARD_COUNTER_HZ 32000000u
#define BOARD_SYSTEM_COUNTER 0x58100000u

#define BOARD_UART 0x59303000u
#define BOARD_UART_HZ 25000000u
#define BOARD_LINE_IRQ 33u

#endif
