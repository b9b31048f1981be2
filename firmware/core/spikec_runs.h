/*
 * spikec_runs.h: what a spike adds to the membranes, for kernels of spikec_conv.c that take all runs of it at once.
 */
#ifndef SPIKEC_RUNS_H
#define SPIKEC_RUNS_H

#include "spikec_kernels.h"

/* Runs, one for each kernel row. Routines in assembly know the order. */
typedef struct {
    uint32_t kernel_row;            /* bytes from one run's weights to the next one's */
    uint32_t out_row;               /* bytes from one run's membranes to the next one's */
    uint32_t count;                 /* weights in a run */
    uint32_t rows;                  /* how many runs */
    uint32_t excess;                /* what one weight's offset adds to a word of two neurons */
} spikec_runs_t;

/* What all spikes of a layer have in common; membranes have `width` bytes. */
static inline spikec_runs_t spikec_runs(const spikec_conv_t *conv, uint32_t width)
{
    return (spikec_runs_t){conv->kernel_row, conv->out_row * width, 0, 0, conv->offset * UINT32_C(0x10001)};
}

#endif
