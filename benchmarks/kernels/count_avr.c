/*
 * count_avr.c: how many cycles a dense layer's step takes on an AVR, in all and by part; INTEGRATE is its kernel, and MEMORY
 * says whether its neurons keep their membranes (SNN-CT) or not (SNN-DC).
 */
#include "bench_network.c"

#include <avr/interrupt.h>
#include <avr/pgmspace.h>

#include "avr_says.h"
#include "bench_input.h"

static volatile uint16_t overflows;

ISR(TIMER1_OVF_vect)
{
    overflows++;
}

static void start(void)
{
    TCCR1B = 0;
    overflows = 0;
    TCNT1 = 0;
    TIFR1 = _BV(TOV1);
    TCCR1B = _BV(CS10); /* a tick a clock */
}

/* Interrupts count among the cycles: some twenty in 65,536. */
static void stop(void)
{
    cli();
    uint16_t low = TCNT1, high = overflows;
    if ((TIFR1 & _BV(TOV1)) != 0 && low < 0x8000u) { /* it has wrapped, and its interrupt waits */
        high++;
    }
    sei();
    say_word((uint32_t)high << 16 | low);
}

int main(void)
{
    static uint32_t spikes[SPIKEC_WORDS(BENCH_INPUTS)], out[SPIKEC_WORDS(BENCH_OUTPUTS)];
    memcpy_P(spikes, bench_input, sizeof spikes);
    begin_to_say();
    TIMSK1 = _BV(TOIE1);
    sei();
    start();
    stop();
    start();
    (void)layer_step(spikes, out);
    stop();
    start();
    uint32_t active = spikec_scan(spikes, BENCH_INPUTS, layer_weight, ROW_BYTES, layer_rows);
    stop();
    start();
    INTEGRATE(MEMORY ? layer_membrane : layer_bias, layer_membrane, PADDED, layer_rows, active);
    stop();
    start();
#if MEMORY
    spikec_fire_ct_i16(layer_membrane, BENCH_OUTPUTS, layer_bias, BENCH_OUTPUTS, 100, out);
#else
    spikec_fire_dc_i16(layer_membrane, BENCH_OUTPUTS, 100, out);
#endif
    stop();
    end_saying();
    return 0;
}
