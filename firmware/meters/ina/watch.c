/* watch.c: see watch.h. */
#include "watch.h"

#include <avr/interrupt.h>
#include <avr/io.h>

#if defined(__AVR_ATmega2560__)
#define PINS PINE
#define PULLS PORTE
#define ALERT 4 /* D2 */
#define MARKER 5 /* D3 */
#define ALERT_FELL INT4_vect
#define MARKER_MOVED INT5_vect
#define SENSE() (EICRB = _BV(ISC41) | _BV(ISC50)) /* the falling edge of one, both of the other */
#define ENABLE() (EIMSK = _BV(INT4) | _BV(INT5))
#elif defined(__AVR_ATmega328P__)
#define PINS PIND
#define PULLS PORTD
#define ALERT 2
#define MARKER 3
#define ALERT_FELL INT0_vect
#define MARKER_MOVED INT1_vect
#define SENSE() (EICRA = _BV(ISC01) | _BV(ISC10))
#define ENABLE() (EIMSK = _BV(INT0) | _BV(INT1))
#endif

#if !defined(PINS)
#error "the pins of this chip are not known"
#endif

#define TICKS_US (F_CPU / 8u / 1000000u)
#define EDGES 64u /* a power of two */

static volatile uint32_t overflows;
static volatile edge_t edges[EDGES];
static volatile uint8_t newest, oldest; /* equal: there is none */
static volatile bool lost, ready, level;
static edge_t ended;

ISR(TIMER1_OVF_vect)
{
    overflows++;
}

/* With interrupts off. */
static uint32_t now(void)
{
    uint16_t low = TCNT1;
    uint32_t high = overflows;
    if ((TIFR1 & _BV(TOV1)) != 0 && low < 0x8000u) { /* it has wrapped, and its interrupt waits */
        high++;
    }
    return high * (0x10000u / TICKS_US) + low / TICKS_US;
}

static bool marker(void)
{
    return (PINS & _BV(MARKER)) != 0;
}

/* Two edges that came at once look like none. */
ISR(MARKER_MOVED)
{
    edge_t edge = {now(), marker()};
    uint8_t after = (newest + 1u) % EDGES;
    if (edge.high == level || after == oldest) {
        lost = true;
    } else {
        edges[newest] = edge;
        newest = after;
    }
    level = edge.high;
}

ISR(ALERT_FELL)
{
    ended.at = now();
    ended.high = marker();
    ready = true;
}

void watch_start(void)
{
    TCCR1A = 0;
    TCCR1B = _BV(CS11); /* a tick in eight clocks */
    TIMSK1 = _BV(TOIE1);
    PULLS |= _BV(ALERT); /* the chip's pin only pulls down */
    level = marker();
    SENSE();
    ENABLE();
}

uint32_t watch_now(void)
{
    uint8_t status = SREG;
    cli();
    uint32_t microseconds = now();
    SREG = status;
    return microseconds;
}

bool watch_edge(edge_t *edge)
{
    if (oldest == newest) {
        return false;
    }
    *edge = edges[oldest];
    oldest = (oldest + 1u) % EDGES;
    return true;
}

bool watch_lost(void)
{
    uint8_t status = SREG;
    cli();
    bool some = lost;
    lost = false;
    SREG = status;
    return some;
}

bool watch_ready(edge_t *end)
{
    uint8_t status = SREG;
    cli();
    bool fell = ready;
    *end = ended;
    ready = false;
    SREG = status;
    return fell;
}
