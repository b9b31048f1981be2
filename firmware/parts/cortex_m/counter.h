/*
 * counter.h: what each counter driver is to cortex_m.c. A board names one driver in its board.toml.
 */
#ifndef SPIKEC_COUNTER_H
#define SPIKEC_COUNTER_H

#include <stdint.h>

void counter_start(void);

/* Ticks since then; 32 bits that count up and wrap. */
uint32_t counter_ticks(void);

#endif
