/* io.h: the driver's two files, input.bin and output.bin in the working folder, on a computer or by semihosting. */
#ifndef IO_H
#define IO_H

#include <stdint.h>

void io_open(void);
uint32_t io_read(uint8_t *bytes, uint32_t length); /* returns how many came */
void io_write(const uint8_t *bytes, uint32_t length);
void io_exit(int status);

#endif
