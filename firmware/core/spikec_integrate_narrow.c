/*
 * spikec_integrate_narrow.c: add weight rows of 4 bits and less to membranes.
 *
 * A byte holds the sum of sixteen such weights, so rows are summed in bytes, four neurons a word, before anything is
 * widened. Weights may lie two or four in a byte: then they are unpacked by masks, a word at a time.
 */
#include "spikec_avr.h"
#include "spikec_dsp.h"
#include "spikec_kernels.h"
#include "spikec_mve.h"

#if defined(SPIKEC_AVR)
#include "spikec_narrow_avr.h"
#else

#define OFFSET_U4 8u
#define OFFSET_P4 8u
#define OFFSET_P2 1u

/* Rows whose weights have a sum that fits a byte: 16 weights of at most 15 have 240. TILE neurons are summed at a time, on
 * the stack. */
#define CHUNK_ROWS 16u

#if defined(SPIKEC_MVE)
#include "spikec_narrow_mve.h"
#elif defined(SPIKEC_DSP)
#include "spikec_narrow_dsp.h"
#else
#include "spikec_narrow_portable.h"
#endif

/* Calls are direct, not by pointer: how deep the stack gets can be told from them. `in_byte`: neurons in a byte. */
#define INTEGRATE(form, offset, in_byte)                                                                               \
    void WIDTH(spikec_integrate_##form)(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded,                    \
                                        const uint8_t **rows, uint32_t active)                                         \
    {                                                                                                                  \
        const uint32_t count = SPIKEC_ROWS(active);                                                                    \
        uint32_t bytes[TILE / 4u];                                                                                     \
        if (count != 0 || start != membrane) {                                                                         \
            WIDTH(begin)(start, membrane, padded, count * (offset));                                                   \
        }                                                                                                              \
        for (uint32_t done = 0; done < count; done += CHUNK_ROWS, rows += CHUNK_ROWS) {                                \
            const uint8_t **end = rows + (count - done < CHUNK_ROWS ? count - done : CHUNK_ROWS);                      \
            for (uint32_t at = 0; at < padded; at += TILE) {                                                           \
                uint32_t size = padded - at < TILE ? padded - at : TILE;                                               \
                spikec_rows_##form(bytes, size, rows, end, at / (in_byte));                                            \
                WIDTH(widen)(membrane + at, bytes, size);                                                              \
            }                                                                                                          \
        }                                                                                                              \
    }

#define MEMBRANE int16_t
#define WIDTH(name) name##_i16
#include "spikec_integrate_narrow.h"
#undef MEMBRANE
#undef WIDTH

#define MEMBRANE int32_t
#define WIDTH(name) name##_i32
#include "spikec_integrate_narrow.h"

#endif
