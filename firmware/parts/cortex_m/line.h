/*
 * line.h: what each serial driver is to cortex_m.c. A board names one driver in its board.toml.
 */
#ifndef SPIKEC_LINE_H
#define SPIKEC_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* Both ways on; an interrupt is pending whenever a byte has come. */
void line_start(void);

/* Whether a byte has come. */
bool line_has_byte(void);

/* Take that byte. */
uint8_t line_take(void);

/* Send a byte; waits until there is room for it. */
void line_send(uint8_t byte);

/* Take back the interrupt where taking the byte does not. */
void line_calm(void);

#endif
