/*
 * main.c: a small board that reads an INA226 or, with CHIP_INA228, an INA228, and sends what it reads as lines.
 *
 * SDA and SCL go to the chip, D2 to its ALERT, D3 to the marker pin of the board that is measured. A line for each
 * conversion: microseconds in the middle of the shunt voltage's, shunt voltage, bus voltage, flags, marker; a line for each
 * edge of the marker: microseconds, level ('?': some were lost). A line that begins with '#' is for people. Registers are
 * those of TI's data sheets SBOS547 (INA226) and SLYS021 (INA228).
 */
#include <avr/interrupt.h>
#include <avr/io.h>

#include "line.h"
#include "twi.h"
#include "watch.h"

#if !defined(ADDRESS)
#define ADDRESS 0x40u /* A0 and A1 at ground */
#endif

/* Most of the time goes to the shunt's voltage. Both conversions together take longer than the bus to read them. */
#if defined(CHIP_INA228)
#define CONFIGURE 0x01u     /* ADC_CONFIG */
#define CONFIGURATION 0xB140u /* continuous bus and shunt voltage; 50 and 1,052 us; no averaging */
#define CONVERSION_US 1102u
#define MIDDLE_US (CONVERSION_US / 2u) /* which is first is not told, but the bus voltage is short */
#define SHUNT 0x04u
#define BUS 0x05u
#define BYTES 3u
#define FLAGS 0x0Bu /* DIAG_ALRT */
#define READY 0x4000u /* CNVR: ALERT falls when a conversion has ended, until the flags are read */
#else
#define CONFIGURE 0x00u
#define CONFIGURATION 0x401Fu /* no averaging; bus voltage 140 us, shunt voltage 588 us; both, continuous */
#define CONVERSION_US 728u
#define MIDDLE_US (140u + 588u / 2u) /* the shunt voltage is first */
#define SHUNT 0x01u
#define BUS 0x02u
#define BYTES 2u
#define FLAGS 0x06u /* Mask/Enable */
#define READY 0x0400u /* CNVR */
#endif

#define STACK_BYTES 160
#define SILENCE_US 200000u

/* Keeps so much of the RAM for the stack, which grows down from the RAM's end: .noinit is what comes last below it. */
uint8_t spikec_stack[STACK_BYTES] __attribute__((section(".noinit")));

static void say(const char *text)
{
    line_text(text);
    line_put('\n');
}

/* One at a time: samples cannot wait, edges can. */
static void send_edge(void)
{
    edge_t edge;
    if (watch_edge(&edge)) {
        line_hex(edge.at, 8);
        line_text(edge.high ? " 1\n" : " 0\n");
    } else if (watch_lost()) {
        line_hex(watch_now(), 8);
        line_text(" ?\n");
    }
}

/* Reading the flags lets go of ALERT. What was read too late may be of the next conversion: it is left out. */
static bool send_sample(const edge_t *end)
{
    uint32_t flags, shunt, bus;
    if (!twi_read(ADDRESS, FLAGS, 2, &flags) || !twi_read(ADDRESS, SHUNT, BYTES, &shunt) ||
        !twi_read(ADDRESS, BUS, BYTES, &bus)) {
        return false;
    }
    if (watch_now() - end->at > CONVERSION_US / 10u * 9u) {
        return true;
    }
    line_hex(end->at - MIDDLE_US, 8);
    line_put(' ');
    line_hex(shunt, BYTES * 2u);
    line_put(' ');
    line_hex(bus, BYTES * 2u);
    line_put(' ');
    line_hex(flags, 4);
    line_text(end->high ? " 1\n" : " 0\n");
    return true;
}

static bool configure(void)
{
    uint32_t flags;
    return twi_write(ADDRESS, FLAGS, READY) && twi_write(ADDRESS, CONFIGURE, CONFIGURATION) &&
           twi_read(ADDRESS, FLAGS, 2, &flags);
}

int main(void)
{
    line_start();
    twi_start();
    watch_start();
    sei();
    bool answers = configure();
    uint32_t heard = watch_now();
    for (;;) {
        edge_t end;
        if (watch_ready(&end)) {
            heard = watch_now();
            answers = send_sample(&end);
        } else if (watch_now() - heard > SILENCE_US) {
            say(answers ? "# the chip's ALERT does not fall: it belongs to D2" : "# no chip answers on SDA and SCL");
            heard = watch_now();
            answers = configure();
        } else {
            send_edge();
        }
    }
}
