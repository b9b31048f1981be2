/*
 * spikec_mlperf_time.h: timestamps for MLPerf Tiny's runner: in performance mode text, with the microseconds; in energy
 * mode (firmware with SPIKEC_MARKER) a pulse on the marker pin, which the power meter records beside the current.
 */
#ifndef SPIKEC_MLPERF_TIME_H
#define SPIKEC_MLPERF_TIME_H

#include "spikec_hal.h"

#if defined(SPIKEC_MARKER)
#define SPIKEC_MLPERF_MODE "energy"
#define SPIKEC_MLPERF_TIMESTAMP "a pulse on the marker pin"
#else
#define SPIKEC_MLPERF_MODE "performance"
#define SPIKEC_MLPERF_TIMESTAMP "microseconds since the start"
#endif

typedef struct {
    const spikec_hal_t *hal;
    uint32_t last;              /* the counter when it was last looked at */
    uint64_t ticks;             /* since the start; in energy mode: of a pulse */
} spikec_mlperf_time_t;

/* After the board's init(): time begins, and the marker pin goes high, to fall with the first timestamp. */
void spikec_mlperf_time_start(spikec_mlperf_time_t *time, const spikec_hal_t *hal);

/* Note that time goes on: before the counter has gone round, and some have only 24 bits (systick.c). */
void spikec_mlperf_time_keep(spikec_mlperf_time_t *time);

/* Now. */
void spikec_mlperf_timestamp(spikec_mlperf_time_t *time);

#endif
