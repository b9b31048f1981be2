/*
 * spikec_integrate_fast.c: weights of 7 and 8 bits in RAM, where it is read otherwise than flash (AVR): spikec_integrate.c
 * once more, under other names.
 */
#if defined(__AVR__)

#define SPIKEC_WEIGHTS_IN_RAM 1
#define spikec_integrate_u7_i16 spikec_integrate_fast_u7_i16
#define spikec_integrate_u7_i32 spikec_integrate_fast_u7_i32
#define spikec_integrate_u8_i16 spikec_integrate_fast_u8_i16
#define spikec_integrate_u8_i32 spikec_integrate_fast_u8_i32
#define spikec_avr_u7 spikec_avr_u7_fast
#define spikec_avr_u8 spikec_avr_u8_fast

#include "spikec_integrate.c"

#else

typedef int spikec_integrate_fast_t; /* C wants a file to have something in it */

#endif
