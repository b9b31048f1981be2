/*
 * spikec_conv_fast.c: convolution with weights in RAM, where it is read otherwise than flash (AVR): spikec_conv.c once more,
 * under other names.
 */
#if defined(__AVR__)

#define SPIKEC_WEIGHTS_IN_RAM 1
#define spikec_conv_i16 spikec_conv_fast_i16
#define spikec_conv_i32 spikec_conv_fast_i32
#define spikec_conv_quads_i16 spikec_conv_fast_quads_i16
#define spikec_conv_quads_i32 spikec_conv_fast_quads_i32
#define spikec_conv_words_i16 spikec_conv_fast_words_i16
#define spikec_conv_words_i32 spikec_conv_fast_words_i32

#include "spikec_conv.c"

#else

typedef int spikec_conv_fast_t; /* C wants a file to have something in it */

#endif
