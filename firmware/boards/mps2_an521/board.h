/* board.h: where the drivers find what they drive (Arm DAI 0521, Application Note AN521): the secure addresses. */
#ifndef SPIKEC_BOARD_H
#define SPIKEC_BOARD_H

#define BOARD_ID "mps2_an521"

#define BOARD_COUNTER_NAME "CMSDK timer 0"
#define BOARD_COUNTER_HZ 20000000u
#define BOARD_TIMER 0x50000000u

#define BOARD_UART 0x50200000u
#define BOARD_UART_HZ 20000000u
#define BOARD_LINE_IRQ 32u

/* The second core of the SSE-200 (Arm 101104): how it is started, and woken. */
#define BOARD_SYSTEM_CONTROL 0x50021000u
#define BOARD_MESSAGES 0x50003000u
#define BOARD_MESSAGES_IRQ 6u

#endif
