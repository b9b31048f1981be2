/*
 * spikec_mlperf.h: a network behind the serial protocol of MLPerf Tiny's devices under test, so that its runner can load
 * inputs, time inferences and read scores. This makes no submission to the benchmark: its models are others.
 *
 * Commands end in '%', answers are lines, the last of which is "m-ready" (mlcommons/tiny, benchmark/api).
 */
#ifndef SPIKEC_MLPERF_H
#define SPIKEC_MLPERF_H

#include "spikec.h"
#include "spikec_hal.h"

/* What a program gives: `input` takes the packed spikes of all steps (spikec_push_frame), one after the other. */
typedef struct {
    const spikec_hal_t *hal;
    const spikec_network_t *net;
    const char *vendor;         /* the answer to "name" */
    const char *model;          /* and to "profile" */
    uint8_t *input;
    uint32_t input_bytes;       /* steps * ceil(inputs / 8) */
} spikec_mlperf_t;

/* Serve the line until it is gone for good (on a microcontroller: for ever). */
void spikec_mlperf_run(const spikec_mlperf_t *dut);

#endif
