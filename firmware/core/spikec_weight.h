/*
 * spikec_weight.h: where weights lie, and how one is read.
 *
 * Most machines read constants where they are. An AVR copies them to its RAM, which is far too small for weights, unless
 * they are told to stay in flash; there another instruction reads them.
 *
 * SPIKEC_FAST is where the weights go that are asked for in fast memory: a section of initialised variables, which start-up
 * code copies to RAM. Define it for other memory, as in -DSPIKEC_FAST='__attribute__((section(".dtcm")))'; the linker
 * script and the start-up code must know that section, and copy it.
 */
#ifndef SPIKEC_WEIGHT_H
#define SPIKEC_WEIGHT_H

#include <stdint.h>

#if defined(__AVR__)
#include <avr/pgmspace.h>
#define SPIKEC_WEIGHTS PROGMEM
#if defined(SPIKEC_WEIGHTS_IN_RAM)
#define SPIKEC_WEIGHT(place) (*(place))
#else
#define SPIKEC_WEIGHT(place) ((__typeof__(*(place)))pgm_read_byte(place))
#endif
#else
#define SPIKEC_WEIGHTS SPIKEC_ALIGNED
#define SPIKEC_WEIGHT(place) (*(place))
#endif

#if !defined(SPIKEC_FAST)
#if defined(__ELF__)
#define SPIKEC_FAST __attribute__((section(".data.spikec_fast")))
#else
#define SPIKEC_FAST
#endif
#endif

#endif
