/*
 * spikec_fire_mve.h: what the fire steps of Arm cores with MVE share. A vector is eight membranes of 16 bits, or four of 32.
 *
 * A comparison leaves a flag for each lane. A vector that has the bit of each neuron is then summed over the lanes with a
 * flag: those are the spikes. Two vectors at a time make 16 of them, or eight.
 */
#ifndef SPIKEC_FIRE_MVE_H
#define SPIKEC_FIRE_MVE_H

#include "spikec_kernels.h"
#include "spikec_mve.h"

/* Half a word of spikes. */
typedef uint16_t __attribute__((may_alias)) half_t;

/* Membranes, biases and thresholds may lie on any address of theirs. */
static inline bool is_word(const void *place)
{
    (void)place;
    return true;
}

/* The bits of neurons in the first and in the second vector. */
#define BITS_16 {1, 2, 4, 8, 16, 32, 64, 128}, {256, 512, 1024, 2048, 4096, 8192, 16384, 32768}
#define BITS_32 {1, 2, 4, 8}, {16, 32, 64, 128}

/* `limit` is a number for all, %[limit], or a vector, %q[limit], which comes with the membranes. */
#define LIMITS(type) "vldr" type " %q[limit], [%[each]], #16\n\t"

#endif
