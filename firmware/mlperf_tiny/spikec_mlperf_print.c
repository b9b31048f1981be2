/* spikec_mlperf_print.c: see spikec_mlperf_print.h. */
#include "spikec_mlperf_print.h"

void spikec_print(const spikec_hal_t *hal, const char *text)
{
    uint32_t length = 0;
    while (text[length] != '\0') {
        length++;
    }
    hal->write((const uint8_t *)text, length);
}

void spikec_print_text(const spikec_hal_t *hal, const char *text)
{
#if defined(__AVR__)
    for (uint8_t byte = pgm_read_byte(text); byte != '\0'; byte = pgm_read_byte(++text)) {
        hal->write(&byte, 1);
    }
#else
    spikec_print(hal, text);
#endif
}

/* The last `count` digits, with zeros in front where `count` says more than there are. */
static void print_digits(const spikec_hal_t *hal, uint64_t number, uint8_t count)
{
    uint8_t digits[20];
    for (uint8_t i = count; i > 0; number /= 10u) {
        digits[--i] = (uint8_t)('0' + (uint8_t)(number % 10u));
    }
    hal->write(digits, count);
}

void spikec_print_number(const spikec_hal_t *hal, uint64_t number)
{
    uint8_t count = 1;
    for (uint64_t rest = number; rest >= 10u; rest /= 10u) {
        count++;
    }
    print_digits(hal, number, count);
}

void spikec_print_byte(const spikec_hal_t *hal, uint8_t byte)
{
    uint8_t digits[2] = {byte >> 4, byte & 15u};
    for (uint8_t i = 0; i < 2; i++) {
        digits[i] = (uint8_t)(digits[i] + (digits[i] < 10u ? '0' : 'a' - 10));
    }
    hal->write(digits, 2);
}

void spikec_print_millionths(const spikec_hal_t *hal, uint32_t millionths)
{
    print_digits(hal, millionths / 1000000u, 1);
    hal->write((const uint8_t[]){'.'}, 1);
    print_digits(hal, millionths % 1000000u, 6);
}
