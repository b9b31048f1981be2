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
#include "spikec_swar.h"

#if defined(SPIKEC_AVR)
#include "spikec_narrow_avr.h"
#else

#define OFFSET_U4 8u
#define OFFSET_P4 8u
#define OFFSET_P2 1u

/* Rows whose weights, at most 15 or 2 each, have a sum that fits a byte. */
#define CHUNK_U4 16u
#define CHUNK_P4 16u
#define CHUNK_P2 124u

#if defined(SPIKEC_MVE)
#include "spikec_narrow_mve.h"
#elif defined(SPIKEC_DSP)
#include "spikec_narrow_dsp.h"
#elif defined(SPIKEC_THUMB)
#include "spikec_narrow_thumb.h"
#elif defined(SPIKEC_SWAR)
#include "spikec_narrow_swar.h"
#else
#include "spikec_narrow_portable.h"
#endif

#if !defined(NARROW)

/* Where membranes are other numbers while rows are added to them, they must be brought back. */
#if defined(SPIKEC_THUMB)
#define END_i16(membrane, size) end_i16(membrane, size)
#else
#define END_i16(membrane, size) (void)0
#endif
#define END_i32(membrane, size) (void)0

/* Calls are direct, not by pointer: how deep the stack gets can be told from them. `chunk`: so many rows' weights
 * have a sum that fits a byte; `in_byte`: neurons in a byte. TILE neurons are summed at a time, on the stack. */
#define NARROW(form, offset, chunk, in_byte)                                                                           \
    void WIDTH(spikec_integrate_##form)(const MEMBRANE *start, MEMBRANE *membrane, uint32_t padded,                    \
                                        const uint8_t **rows, uint32_t active)                                         \
    {                                                                                                                  \
        const uint32_t count = SPIKEC_ROWS(active);                                                                    \
        uint32_t bytes[TILE / 4u];                                                                                     \
        if (count == 0 && start == membrane) {                                                                         \
            return;                                                                                                    \
        }                                                                                                              \
        WIDTH(begin)(start, membrane, padded, count * (offset));                                                       \
        for (uint32_t done = 0; done < count; done += (chunk), rows += (chunk)) {                                      \
            const uint8_t **end = rows + (count - done < (chunk) ? count - done : (chunk));                            \
            for (uint32_t at = 0; at < padded; at += TILE) {                                                           \
                uint32_t size = padded - at < TILE ? padded - at : TILE;                                               \
                spikec_rows_##form(bytes, size, rows, end, at / (in_byte));                                            \
                WIDTH(widen)(membrane + at, bytes, size);                                                              \
            }                                                                                                          \
        }                                                                                                              \
        WIDTH(END)(membrane, padded);                                                                                  \
    }

#endif

#define MEMBRANE int16_t
#define WIDTH(name) name##_i16
#include "spikec_integrate_narrow.h"
#undef MEMBRANE
#undef WIDTH

#define MEMBRANE int32_t
#define WIDTH(name) name##_i32
#include "spikec_integrate_narrow.h"

#endif
