/* spikec_mlperf_time.c: see spikec_mlperf_time.h. */
#include "spikec_mlperf_time.h"

#include "spikec_mlperf_print.h"

#define MILLION 1000000u

#if defined(SPIKEC_MARKER)

#define PULSE_US 10u /* the protocol asks for 1 at least; a meter that takes 100,000 samples a second sees this one, too */

void spikec_mlperf_time_start(spikec_mlperf_time_t *time, const spikec_hal_t *hal)
{
    time->hal = hal;
    time->ticks = ((uint64_t)hal->counter_hz * PULSE_US + MILLION - 1u) / MILLION + 1u;
    hal->marker(true);
}

void spikec_mlperf_time_keep(spikec_mlperf_time_t *time)
{
    (void)time; /* the meter does */
}

/* The board's own counter says when the pulse is over. It shows whole ticks, so that one more is waited for: the first may
 * have been nearly over. */
void spikec_mlperf_timestamp(spikec_mlperf_time_t *time)
{
    const spikec_hal_t *hal = time->hal;
    uint32_t ticks = (uint32_t)time->ticks;
    hal->marker(false);
    for (uint32_t start = hal->counter(); hal->counter() - start < ticks;) {
    }
    hal->marker(true);
}

#else

void spikec_mlperf_time_start(spikec_mlperf_time_t *time, const spikec_hal_t *hal)
{
    time->hal = hal;
    time->last = hal->counter();
    time->ticks = 0;
}

void spikec_mlperf_time_keep(spikec_mlperf_time_t *time)
{
    uint32_t now = time->hal->counter();
    time->ticks += now - time->last;
    time->last = now;
}

void spikec_mlperf_timestamp(spikec_mlperf_time_t *time)
{
    uint32_t hz = time->hal->counter_hz;
    spikec_mlperf_time_keep(time);
    spikec_print_text(time->hal, SPIKEC_TEXT("m-lap-us-"));
    spikec_print_number(time->hal, time->ticks / hz * MILLION + time->ticks % hz * MILLION / hz);
    spikec_print_text(time->hal, SPIKEC_TEXT("\r\n"));
}

#endif
