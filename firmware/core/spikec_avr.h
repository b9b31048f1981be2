/*
 * spikec_avr.h: what the AVR's routines have in common. They are assembly throughout, as they need all registers.
 *
 * An AVR has 32 registers of a byte. X goes along the list of rows, Z along a row, in flash (LPM: three cycles a byte) or in
 * RAM (LD: two); sums stay in the others.
 */
#ifndef SPIKEC_AVR_H
#define SPIKEC_AVR_H

#include <stdint.h>

#include "spikec_kernels.h"

#if defined(__AVR__) && !defined(SPIKEC_PORTABLE_KERNELS)
#define SPIKEC_AVR 1

/* The instruction that reads a weight at Z: it says where weights are. */
#if defined(SPIKEC_WEIGHTS_IN_RAM)
#define SPIKEC_AVR_LOAD "ld "
#else
#define SPIKEC_AVR_LOAD "lpm "
#endif

/*
 * A function (const int16_t *start, int16_t *membrane, const uint8_t *const *rows, uint16_t at, uint16_t end, uint8_t
 * count, uint16_t excess): membrane = start + weights from byte `at` of the rows to byte `end`; there is a row at least.
 * BODY finds `at` in r18 and r19, and above the stack pointer: 1: count, 2: rows, 4: start, 6: membrane, 8: end, 10:
 * excess, 12: `at`, 14: two bytes of its own; it leaves r1 as zero.
 */
#define SPIKEC_AVR_ROUTINE(name, BODY) SPIKEC_AVR_NAMED(name, BODY)
#define SPIKEC_AVR_NAMED(name, BODY)                                                                                   \
    __asm__(".section .text." #name ", \"ax\", @progbits\n\t"                                                          \
            ".global " #name "\n\t"                                                                                    \
            ".type " #name ", @function\n" #name ":\n\t"                                                               \
            ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29\n\t"                               \
            "push r\\n\n\t"                                                                                            \
            ".endr\n\t"                                                                                                \
            ".irp n, 19, 18, 19, 18, 13, 12, 17, 16, 23, 22, 25, 24, 21, 20, 14\n\t"                                   \
            "push r\\n\n\t"                                                                                            \
            ".endr\n\t" BODY                                                                                           \
            ".rept 15\n\t"                                                                                             \
            "pop r0\n\t"                                                                                               \
            ".endr\n\t"                                                                                                \
            ".irp n, 29, 28, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2\n\t"                               \
            "pop r\\n\n\t"                                                                                             \
            ".endr\n\t"                                                                                                \
            "ret\n\t"                                                                                                  \
            ".size " #name ", . - " #name "\n\t"                                                                       \
            ".text")

/* A pointer to the frame in a pair of registers. */
#define SPIKEC_AVR_FRAME(low, high)                                                                                    \
    "in " low ", __SP_L__\n\t"                                                                                         \
    "in " high ", __SP_H__\n\t"

/* Z: the place in the next row, `at` bytes from its beginning. */
#define SPIKEC_AVR_TAKE(at_low, at_high)                                                                               \
    "ld r30, X+\n\t"                                                                                                   \
    "ld r31, X+\n\t"                                                                                                   \
    "add r30, " at_low "\n\t"                                                                                          \
    "adc r31, " at_high "\n\t"

/* To label 7, unless this was the last block of so many bytes; a pointer to the frame is in Y or Z, r24 is free. */
#define SPIKEC_AVR_NEXT_BLOCK(frame, at_low, at_high)                                                                  \
    "ldd r24, " frame "+8\n\t"                                                                                         \
    "cp " at_low ", r24\n\t"                                                                                           \
    "ldd r24, " frame "+9\n\t"                                                                                         \
    "cpc " at_high ", r24\n\t"                                                                                         \
    "brsh 8f\n\t"                                                                                                      \
    "rjmp 7b\n"                                                                                                        \
    "8:\n\t"

typedef void spikec_avr_routine_t(const int16_t *start, int16_t *membrane, const uint8_t *const *rows, uint16_t at,
                                  uint16_t end, uint8_t count, uint16_t excess);

/* How a routine is called: a block has so many neurons, which are so many bytes of a row; rows that it takes at most; how
 * many, as a power of two, count as one; and what is too much in a weight, where the routine does not know. All functions
 * that take one are inlined, so that calls are direct: how deep the stack gets can be told from them. */
typedef struct {
    spikec_avr_routine_t *add;
    uint8_t block;
    uint8_t bytes;
    uint8_t most;
    uint8_t count_shift;
    uint8_t offset;
} spikec_avr_format_t;

#define SPIKEC_AVR_INLINE static inline __attribute__((always_inline))

SPIKEC_AVR_INLINE void spikec_avr_add(const spikec_avr_format_t *format, const int16_t *start, int16_t *membrane,
                                      uint16_t size, const uint8_t *const *rows, uint16_t count)
{
    format->add(start, membrane, rows, 0, (uint16_t)(size / format->block * format->bytes),
                (uint8_t)(count >> format->count_shift), (uint16_t)(count * format->offset));
}

/* Any number of rows, as a function of its own: it needs many registers, and is needed for few steps. */
#define SPIKEC_AVR_ANY(format)                                                                                         \
    static OUT_OF_LINE void format##_any(const int16_t *start, int16_t *membrane, uint16_t size,                       \
                                         const uint8_t *const *rows, uint16_t left)                                    \
    {                                                                                                                  \
        if (left == 0 && start != membrane) {                                                                          \
            for (uint16_t i = 0; i < size; i++) {                                                                      \
                membrane[i] = start[i];                                                                                \
            }                                                                                                          \
        }                                                                                                              \
        while (left > 0) {                                                                                             \
            uint16_t now = left < format.most ? left : format.most;                                                    \
            spikec_avr_add(&format, start, membrane, size, rows, now);                                                 \
            start = membrane;                                                                                          \
            rows += now;                                                                                               \
            left = (uint16_t)(left - now);                                                                             \
        }                                                                                                              \
    }

typedef void spikec_avr_any_t(const int16_t *start, int16_t *membrane, uint16_t size, const uint8_t *const *rows,
                              uint16_t left);

SPIKEC_AVR_INLINE void spikec_avr_i16(const spikec_avr_format_t *format, spikec_avr_any_t *any, const int16_t *start,
                                      int16_t *membrane, uint32_t padded, const uint8_t *const *rows, uint32_t count)
{
    if ((uint16_t)count > 0 && (uint16_t)count <= format->most) {
        spikec_avr_add(format, start, membrane, (uint16_t)padded, rows, (uint16_t)count);
    } else {
        any(start, membrane, (uint16_t)padded, rows, (uint16_t)count);
    }
}

/* Sums of rows fit 16 bits: they are added to wider membranes block by block. */
SPIKEC_AVR_INLINE void spikec_avr_i32(const spikec_avr_format_t *format, const int32_t *start, int32_t *membrane,
                                      uint32_t padded, const uint8_t *const *rows, uint32_t count)
{
    uint16_t left = (uint16_t)count, size = (uint16_t)padded;
    if (start != membrane) {
        for (uint16_t i = 0; i < size; i++) {
            membrane[i] = start[i];
        }
    }
    while (left > 0) {
        uint8_t now = (uint8_t)(left < format->most ? left : format->most);
        for (uint16_t neuron = 0, at = 0; neuron < size; neuron += format->block, at += format->bytes) {
            int16_t sum[16] = {0};
            format->add(sum, sum, rows, at, at + format->bytes, (uint8_t)(now >> format->count_shift),
                        (uint16_t)(now * format->offset));
            for (uint8_t i = 0; i < format->block; i++) {
                membrane[neuron + i] += sum[i];
            }
        }
        rows += now;
        left = (uint16_t)(left - now);
    }
}

#endif

#endif
