/*
 * spikec_fast.h: the kernels for weights in fast memory (SPIKEC_FAST, see spikec_weight.h). Most machines read it as they
 * read constants, by the same kernels; an AVR has other instructions for RAM. A part of spikec_kernels.h.
 */
#ifndef SPIKEC_FAST_H
#define SPIKEC_FAST_H

#if defined(__AVR__)

#ifdef __cplusplus
extern "C" {
#endif

#define SPIKEC_FAST_INTEGRATE(form, bits)                                                                              \
    void spikec_integrate_fast_##form##_i##bits(const int##bits##_t *start, int##bits##_t *membrane, uint32_t padded,  \
                                                const uint8_t **rows, uint32_t count);
#define SPIKEC_FAST_CONV(name, bits)                                                                                   \
    uint32_t spikec_conv_fast_##name##i##bits(const spikec_conv_t *conv, const uint32_t *spikes, uint32_t words,       \
                                              int##bits##_t *membrane);

SPIKEC_FAST_INTEGRATE(u7, 16)
SPIKEC_FAST_INTEGRATE(u7, 32)
SPIKEC_FAST_INTEGRATE(u8, 16)
SPIKEC_FAST_INTEGRATE(u8, 32)
SPIKEC_FAST_INTEGRATE(u4, 16)
SPIKEC_FAST_INTEGRATE(u4, 32)
SPIKEC_FAST_INTEGRATE(p4, 16)
SPIKEC_FAST_INTEGRATE(p4, 32)
SPIKEC_FAST_INTEGRATE(p2, 16)
SPIKEC_FAST_INTEGRATE(p2, 32)
SPIKEC_FAST_CONV(, 16)
SPIKEC_FAST_CONV(, 32)
SPIKEC_FAST_CONV(quads_, 16)
SPIKEC_FAST_CONV(quads_, 32)
SPIKEC_FAST_CONV(words_, 16)
SPIKEC_FAST_CONV(words_, 32)

#ifdef __cplusplus
}
#endif

#else

#define spikec_integrate_fast_u7_i16 spikec_integrate_u7_i16
#define spikec_integrate_fast_u7_i32 spikec_integrate_u7_i32
#define spikec_integrate_fast_u8_i16 spikec_integrate_u8_i16
#define spikec_integrate_fast_u8_i32 spikec_integrate_u8_i32
#define spikec_integrate_fast_u4_i16 spikec_integrate_u4_i16
#define spikec_integrate_fast_u4_i32 spikec_integrate_u4_i32
#define spikec_integrate_fast_p4_i16 spikec_integrate_p4_i16
#define spikec_integrate_fast_p4_i32 spikec_integrate_p4_i32
#define spikec_integrate_fast_p2_i16 spikec_integrate_p2_i16
#define spikec_integrate_fast_p2_i32 spikec_integrate_p2_i32
#define spikec_conv_fast_i16 spikec_conv_i16
#define spikec_conv_fast_i32 spikec_conv_i32
#define spikec_conv_fast_quads_i16 spikec_conv_quads_i16
#define spikec_conv_fast_quads_i32 spikec_conv_quads_i32
#define spikec_conv_fast_words_i16 spikec_conv_words_i16
#define spikec_conv_fast_words_i32 spikec_conv_words_i32

#endif

#endif
