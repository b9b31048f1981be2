/*
 * spikec_report.h: the long messages to the host: greeting, result, trace.
 */
#ifndef SPIKEC_REPORT_H
#define SPIKEC_REPORT_H

#include "spikec_link.h"

void spikec_report_greeting(spikec_device_t *device, uint32_t nonce);
void spikec_report_result(spikec_device_t *device);

/* An observer (see spikec.h) whose context is the device: sends the layer's spikes and membranes after the step. */
void spikec_report_trace(void *context, uint8_t stage, uint16_t step, const uint32_t *spikes);

#endif
