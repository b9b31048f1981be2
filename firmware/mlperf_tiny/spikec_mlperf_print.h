/*
 * spikec_mlperf_print.h: text and numbers to the line.
 */
#ifndef SPIKEC_MLPERF_PRINT_H
#define SPIKEC_MLPERF_PRINT_H

#include "spikec_hal.h"

/* Text that is written in the program: on an AVR it stays in flash. */
#if defined(__AVR__)
#include <avr/pgmspace.h>
#define SPIKEC_TEXT(text) PSTR(text)
#else
#define SPIKEC_TEXT(text) (text)
#endif

void spikec_print_text(const spikec_hal_t *hal, const char *text); /* of SPIKEC_TEXT */
void spikec_print(const spikec_hal_t *hal, const char *text);
void spikec_print_number(const spikec_hal_t *hal, uint64_t number);

/* Two hexadecimal digits. */
void spikec_print_byte(const spikec_hal_t *hal, uint8_t byte);

/* Millionths, as 0.123456; 1,000,000 at most. */
void spikec_print_millionths(const spikec_hal_t *hal, uint32_t millionths);

#endif
