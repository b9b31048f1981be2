/* pulse_cases.c: timestamps of energy mode on a counter that we turn: how long each pulse was, in the counter's ticks. */
#include <stdio.h>

#include "spikec_mlperf_time.h"

#define READ_TICKS 3u /* that go by while the counter is read */

static uint32_t now, fell;
static unsigned pulses;

static uint32_t turn(void)
{
    return now += READ_TICKS;
}

static uint32_t pin(bool high)
{
    if (high && fell != 0) {
        (void)printf("%lu\n", (unsigned long)(now - fell));
    }
    fell = high ? 0 : now;
    pulses += !high;
    return now;
}

static const uint32_t clocks[] = {32768u, 999999u, 1000000u, 16000000u, 168000000u, 1000000000u};

int main(void)
{
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) {
        spikec_hal_t hal = {.counter_hz = clocks[i], .counter = turn, .marker = pin};
        spikec_mlperf_time_t time;
        now = UINT32_MAX - 10u; /* it goes round in the pulse */
        spikec_mlperf_time_start(&time, &hal);
        (void)printf("%lu ", (unsigned long)clocks[i]);
        spikec_mlperf_timestamp(&time);
    }
    return pulses == sizeof clocks / sizeof *clocks ? 0 : 1;
}
