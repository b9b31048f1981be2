/* io_host.c: files of this computer. */
#include <stdio.h>
#include <stdlib.h>

#include "io.h"

static FILE *input, *output;

void io_open(void)
{
    input = fopen("input.bin", "rb");
    output = fopen("output.bin", "wb");
    if (input == NULL || output == NULL) {
        exit(3);
    }
}

uint32_t io_read(uint8_t *bytes, uint32_t length)
{
    return (uint32_t)fread(bytes, 1, length, input);
}

void io_write(const uint8_t *bytes, uint32_t length)
{
    if (fwrite(bytes, 1, length, output) != length) {
        exit(3);
    }
}

void io_exit(int status)
{
    if (fclose(output) != 0 || fclose(input) != 0) {
        status = 3;
    }
    exit(status);
}
