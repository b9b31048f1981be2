/* line.h: text on USART 0. */
#ifndef INA_LINE_H
#define INA_LINE_H

#include <stdint.h>

void line_start(void);

/* Send a character; waits while the buffer is full. */
void line_put(char character);

void line_text(const char *text);

/* So many lower-case digits of a number. */
void line_hex(uint32_t value, uint8_t digits);

#endif
