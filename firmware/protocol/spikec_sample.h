/*
 * spikec_sample.h: one sample, from its first frame to its result.
 */
#ifndef SPIKEC_SAMPLE_H
#define SPIKEC_SAMPLE_H

#include "spikec_link.h"

/* Forget the sample in work. */
void spikec_sample_forget(spikec_device_t *device);

/* A data frame whose turn it is: push it into the network, or report what is wrong with it. */
void spikec_sample_take(spikec_device_t *device, const spikec_frame_t *frame);

/* Nothing has arrived: run a stage, or send the result that is due. False when there is nothing to do. */
bool spikec_sample_work(spikec_device_t *device);

#endif
