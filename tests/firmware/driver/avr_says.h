/* avr_says.h: bare programs of an AVR: they say words of 32 bits in hexadecimal on USART 0, and then "end". */
#ifndef AVR_SAYS_H
#define AVR_SAYS_H

#include <avr/io.h>
#include <avr/sleep.h>

static void say(char character)
{
    while ((UCSR0A & _BV(UDRE0)) == 0) {
    }
    UDR0 = (uint8_t)character;
}

static void say_word(uint32_t word)
{
    for (uint8_t shift = 32; shift > 0; shift -= 4) {
        say("0123456789abcdef"[word >> (shift - 4u) & 15u]);
    }
    say('\n');
}

/* The listener sends a byte when it listens. */
static void begin_to_say(void)
{
    UCSR0A = _BV(U2X0);
    UBRR0 = 0;
    UCSR0B = _BV(RXEN0) | _BV(TXEN0);
    while ((UCSR0A & _BV(RXC0)) == 0) {
    }
    (void)UDR0;
}

static void end_saying(void)
{
    for (const char *word = "end\n"; *word != 0; word++) {
        say(*word);
    }
    for (;;) {
    }
}

#endif
