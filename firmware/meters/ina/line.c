/* line.c: see line.h. Bytes leave by interrupt, while the main program waits for the bus. */
#include "line.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#define BAUD 1000000u /* a divider of 1 at 16 MHz, without error */
#define DIVIDER (F_CPU / 8u / BAUD - 1u)
#define SIZE 128u /* a power of two */

#if defined(USART_UDRE_vect)
#define EMPTY USART_UDRE_vect /* parts with one USART number nothing */
#else
#define EMPTY USART0_UDRE_vect
#endif

static volatile char ring[SIZE];
static volatile uint8_t newest, oldest; /* equal: it is empty */

ISR(EMPTY)
{
    if (oldest == newest) {
        UCSR0B &= (uint8_t)~_BV(UDRIE0);
        return;
    }
    UDR0 = (uint8_t)ring[oldest];
    oldest = (oldest + 1u) % SIZE;
}

void line_start(void)
{
    UBRR0 = DIVIDER;
    UCSR0A = _BV(U2X0);
    UCSR0B = _BV(TXEN0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00); /* 8 bits, no parity, 1 stop bit */
}

void line_put(char character)
{
    uint8_t after = (newest + 1u) % SIZE;
    while (after == oldest) {
    }
    ring[newest] = character;
    newest = after;
    uint8_t status = SREG;
    cli();
    UCSR0B |= _BV(UDRIE0);
    SREG = status;
}

void line_text(const char *text)
{
    while (*text != '\0') {
        line_put(*text++);
    }
}

/* Byte by byte: shifts of 32 bits take this chip longer than sending. */
void line_hex(uint32_t value, uint8_t digits)
{
    uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    while (digits-- > 0) {
        uint8_t pair = bytes[digits / 2u];
        uint8_t digit = digits % 2u == 0 ? pair & 0x0Fu : pair >> 4;
        line_put((char)(digit < 10u ? '0' + digit : 'a' - 10 + digit));
    }
}
