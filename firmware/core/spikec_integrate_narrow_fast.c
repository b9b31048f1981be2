/*
 * spikec_integrate_narrow_fast.c: weights of 4 bits and less in RAM, where it is read otherwise than flash (AVR):
 * spikec_integrate_narrow.c once more, under other names.
 */
#if defined(__AVR__)

#define SPIKEC_WEIGHTS_IN_RAM 1
#define spikec_integrate_u4_i16 spikec_integrate_fast_u4_i16
#define spikec_integrate_u4_i32 spikec_integrate_fast_u4_i32
#define spikec_integrate_p4_i16 spikec_integrate_fast_p4_i16
#define spikec_integrate_p4_i32 spikec_integrate_fast_p4_i32
#define spikec_integrate_p2_i16 spikec_integrate_fast_p2_i16
#define spikec_integrate_p2_i32 spikec_integrate_fast_p2_i32
#define spikec_avr_u4 spikec_avr_u4_fast
#define spikec_avr_p4 spikec_avr_p4_fast
#define spikec_avr_p2 spikec_avr_p2_fast
#define spikec_rows_u4 spikec_rows_fast_u4
#define spikec_rows_p4 spikec_rows_fast_p4
#define spikec_rows_p2 spikec_rows_fast_p2

#include "spikec_integrate_narrow.c"

#else

typedef int spikec_integrate_narrow_fast_t; /* C wants a file to have something in it */

#endif
