/*
 * spikec_mlperf_score.h: what a network's output neurons say, as scores.
 */
#ifndef SPIKEC_MLPERF_SCORE_H
#define SPIKEC_MLPERF_SCORE_H

#include "spikec.h"

/* Millionths for output neuron `start + index` of a head, after the last step: its share of the head's spikes (or steps
 * that were left at its first spike, or height of its membrane above the lowest), each plus one, so that scores never sum
 * to zero. The answer of the network has the highest score, alone: a millionth is added to it. */
uint32_t spikec_mlperf_score(const spikec_network_t *net, uint8_t head, uint16_t index);

#endif
