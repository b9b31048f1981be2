/*
 * spikec_weight.h: where weights lie, and how one is read.
 *
 * Most machines read constants where they are. An AVR copies them to its RAM, which is far too small for weights, unless
 * they are told to stay in flash; there another instruction reads them.
 */
#ifndef SPIKEC_WEIGHT_H
#define SPIKEC_WEIGHT_H

#include <stdint.h>

#if defined(__AVR__)
#include <avr/pgmspace.h>
#define SPIKEC_WEIGHTS PROGMEM
#define SPIKEC_WEIGHT(place) ((__typeof__(*(place)))pgm_read_byte(place))
#else
#define SPIKEC_WEIGHTS SPIKEC_ALIGNED
#define SPIKEC_WEIGHT(place) (*(place))
#endif

#endif
