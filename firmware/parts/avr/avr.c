/*
 * avr.c: AVR microcontrollers: USART 0 as the line, timer 1 at the CPU's clock as the counter.
 *
 * Bytes come by interrupt, also while a layer computes, into a ring that the greeting announces: the host never sends more
 * than it holds. The interrupts' cycles are in the layers' ticks, as they are on a real board.
 */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "board.h"
#include "spikec_hal.h"

extern uint8_t spikec_stack[];

#if defined(USART_RX_vect)
#define RECEIVED USART_RX_vect /* parts with one USART number nothing */
#else
#define RECEIVED USART0_RX_vect
#endif

#if !defined(SPIKEC_BAUD) /* what the build asks for, instead of the board's own */
#define SPIKEC_BAUD BAUD
#endif

/* At double speed a bit takes eight clocks times one more than the divider. */
#define DIVIDER (F_CPU / 8u / SPIKEC_BAUD - 1u)

/* Keeps so much of the RAM for the stack, which grows down from the RAM's end: .noinit is what comes last below it. The
 * stack's last byte holds a mark. */
uint8_t spikec_stack[STACK_BYTES] __attribute__((section(".noinit")));
#define MARK 0xA5u

static volatile uint8_t ring[RX_BYTES];
static volatile uint8_t newest; /* where the next byte goes */
static uint8_t oldest;          /* where the next byte is taken from; equal: none is there */
static volatile uint16_t overflows;

static inline uint8_t next(uint8_t place)
{
    return place + 1u == RX_BYTES ? 0 : (uint8_t)(place + 1u);
}

ISR(RECEIVED)
{
    uint8_t byte = UDR0, after = next(newest);
    if (after != oldest) { /* full: the byte is lost, its frame is damaged, and the host sends it again */
        ring[newest] = byte;
        newest = after;
    }
}

ISR(TIMER1_OVF_vect)
{
    overflows++;
}

static void board_init(void)
{
    spikec_stack[0] = MARK;
    TCCR1A = 0;
    TCCR1B = _BV(CS10); /* a tick a clock */
    TIMSK1 = _BV(TOIE1);
    UBRR0 = DIVIDER;
    UCSR0A = _BV(U2X0);
    UCSR0B = _BV(RXCIE0) | _BV(RXEN0) | _BV(TXEN0);
    UCSR0C = _BV(UCSZ01) | _BV(UCSZ00); /* 8 bits, no parity, 1 stop bit */
    set_sleep_mode(SLEEP_MODE_IDLE);
#if defined(SPIKEC_MARKER)
    MARKER_DIRECTION |= _BV(MARKER_BIT);
#endif
    sei();
}

/* All of the counter, of which the timer just said `low`; with interrupts off. */
static inline uint32_t whole_counter(uint16_t low)
{
    uint16_t high = overflows;
    if ((TIFR1 & _BV(TOV1)) != 0 && low < 0x8000u) { /* it has wrapped, and its interrupt waits */
        high++;
    }
    return ((uint32_t)high << 16) | low;
}

static uint32_t board_counter(void)
{
    uint8_t status = SREG;
    cli();
    uint32_t ticks = whole_counter(TCNT1);
    SREG = status;
    return ticks;
}

static int32_t board_read(uint8_t *bytes, uint32_t max)
{
    uint32_t count = 0;
    while (count < max && oldest != newest) {
        bytes[count++] = ring[oldest];
        oldest = next(oldest);
    }
    return (int32_t)count;
}

/* A stack that has grown over its mark has overwritten variables, too: rather fall silent than send wrong numbers. */
static void check_stack(void)
{
    if (spikec_stack[0] != MARK) {
        cli();
        for (;;) {
        }
    }
}

static void board_write(const uint8_t *bytes, uint32_t length)
{
    check_stack();
    for (; length > 0; length--) {
        while ((UCSR0A & _BV(UDRE0)) == 0) {
        }
        UDR0 = *bytes++;
    }
}

/* The instruction behind sei() runs before any interrupt, so no byte can come between the look and the sleep. */
static void board_idle(void)
{
    cli();
    if (oldest == newest) {
        sleep_enable();
        sei();
        sleep_cpu();
        sleep_disable();
    }
    sei();
}

#if defined(SPIKEC_MARKER)
static uint32_t board_marker(bool high)
{
    uint8_t status = SREG;
    cli(); /* nothing comes between the pin and the counter */
    if (high) {
        MARKER_PORT |= _BV(MARKER_BIT);
    }
    uint16_t low = TCNT1;
    if (!high) {
        MARKER_PORT &= (uint8_t)~_BV(MARKER_BIT);
    }
    uint32_t ticks = whole_counter(low);
    SREG = status;
    return ticks;
}
#endif

const spikec_hal_t spikec_hal = {
    .board = BOARD,
    .counter_name = "timer 1",
    .counter_hz = F_CPU,
    .rx_bytes = RX_BYTES - 1u, /* a full ring would look like an empty one */
    .init = board_init,
    .counter = board_counter,
    .read = board_read,
    .write = board_write,
    .idle = board_idle,
#if defined(SPIKEC_MARKER)
    .marker = board_marker,
#endif
};
