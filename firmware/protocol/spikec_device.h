/*
 * spikec_device.h: a network that answers on a serial line, as SPEC.md says.
 */
#ifndef SPIKEC_DEVICE_H
#define SPIKEC_DEVICE_H

#include "spikec.h"
#include "spikec_hal.h"

/* Serve the line until it is gone for good (on a microcontroller: for ever). */
void spikec_device_run(const spikec_hal_t *hal, const spikec_network_t *net);

#if SPIKEC_CORES > 1
/* Leave the network's stages from `split` on to the board's second core, and start that. Once, before spikec_device_run. */
void spikec_device_share(const spikec_hal_t *hal, const spikec_network_t *net, uint8_t split);
#endif

#endif
