/* string.h: what of the C library's header is there without a C library (memory.c). */
#ifndef SPIKEC_BOARD_STRING_H
#define SPIKEC_BOARD_STRING_H

#include <stddef.h>

void *memset(void *to, int value, size_t length);
void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memmove(void *to, const void *from, size_t length);
int memcmp(const void *left, const void *right, size_t length);

#endif
