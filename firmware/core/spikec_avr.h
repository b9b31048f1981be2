/*
 * spikec_avr.h: what the AVR's routines have in common. They are assembly throughout, as they need all registers.
 *
 * An AVR has 32 registers of a byte. X goes along the list of rows, Z along a row in flash (LPM: three cycles a byte), Y is
 * how far into the rows we are; sums stay in the others.
 */
#ifndef SPIKEC_AVR_H
#define SPIKEC_AVR_H

#include <stdint.h>

#if defined(__AVR__) && !defined(SPIKEC_PORTABLE_KERNELS)
#define SPIKEC_AVR 1

/*
 * A function (const int16_t *start, int16_t *membrane, const uint8_t *const *rows, uint16_t at, uint16_t end, uint8_t
 * count, uint16_t excess): membrane = start + weights from byte `at` of the rows to byte `end`, `step` bytes a BLOCK; there
 * is a row at least. All that a block does not hold in registers lies above the stack pointer: 1: count, 2: rows, 4: start,
 * 6: membrane, 8: end, 10: excess. A BLOCK finds Z there, and leaves r1 as zero.
 */
#define SPIKEC_AVR_ROUTINE(name, step, BLOCK)                                                                          \
    __asm__(".section .text." name ", \"ax\", @progbits\n\t"                                                           \
            ".global " name "\n\t"                                                                                     \
            ".type " name ", @function\n" name ":\n\t"                                                                 \
            ".irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29\n\t"                               \
            "push r\\n\n\t"                                                                                            \
            ".endr\n\t"                                                                                                \
            ".irp n, 13, 12, 17, 16, 23, 22, 25, 24, 21, 20, 14\n\t"                                                   \
            "push r\\n\n\t"                                                                                            \
            ".endr\n\t"                                                                                                \
            "movw r28, r18\n"                                                                                          \
            "7:\n\t" SPIKEC_AVR_FRAME BLOCK SPIKEC_AVR_FRAME                                                           \
            "adiw r28, " #step "\n\t"                                                                                  \
            "ldd r24, Z+8\n\t"                                                                                         \
            "ldd r25, Z+9\n\t"                                                                                         \
            "cp r28, r24\n\t"                                                                                          \
            "cpc r29, r25\n\t"                                                                                         \
            "brsh 8f\n\t"                                                                                              \
            "rjmp 7b\n"                                                                                                \
            "8:\n\t"                                                                                                   \
            ".rept 11\n\t"                                                                                             \
            "pop r0\n\t"                                                                                               \
            ".endr\n\t"                                                                                                \
            ".irp n, 29, 28, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2\n\t"                               \
            "pop r\\n\n\t"                                                                                             \
            ".endr\n\t"                                                                                                \
            "ret\n\t"                                                                                                  \
            ".size " name ", . - " name "\n\t"                                                                         \
            ".text")

#define SPIKEC_AVR_FRAME                                                                                               \
    "in r30, __SP_L__\n\t"                                                                                             \
    "in r31, __SP_H__\n\t"

/* Z: the place in the next row. */
#define SPIKEC_AVR_TAKE                                                                                                \
    "ld r30, X+\n\t"                                                                                                   \
    "ld r31, X+\n\t"                                                                                                   \
    "add r30, r28\n\t"                                                                                                 \
    "adc r31, r29\n\t"

typedef void spikec_avr_routine_t(const int16_t *start, int16_t *membrane, const uint8_t *const *rows, uint16_t at,
                                  uint16_t end, uint8_t count, uint16_t excess);

/* How a routine is called: a block has so many neurons, which are so many bytes of a row; rows that it takes at most; how
 * many, as a power of two, count as one; and what is too much in a weight, where the routine does not know. */
typedef struct {
    spikec_avr_routine_t *add;
    uint8_t block;
    uint8_t bytes;
    uint8_t most;
    uint8_t count_shift;
    uint8_t offset;
} spikec_avr_format_t;

static inline __attribute__((always_inline)) void
spikec_avr_i16(const spikec_avr_format_t *format, const int16_t *start, int16_t *membrane, uint32_t padded,
               const uint8_t *const *rows, uint32_t count)
{
    uint16_t left = (uint16_t)count, size = (uint16_t)padded;
    if (left == 0 && start != membrane) {
        for (uint16_t i = 0; i < size; i++) {
            membrane[i] = start[i];
        }
    }
    while (left > 0) {
        uint8_t now = (uint8_t)(left < format->most ? left : format->most);
        format->add(start, membrane, rows, 0, (uint16_t)(size / format->block * format->bytes),
                    (uint8_t)(now >> format->count_shift), (uint16_t)(now * format->offset));
        start = membrane;
        rows += now;
        left = (uint16_t)(left - now);
    }
}

/* Sums of rows fit 16 bits: they are added to wider membranes block by block. */
static inline __attribute__((always_inline)) void
spikec_avr_i32(const spikec_avr_format_t *format, const int32_t *start, int32_t *membrane, uint32_t padded,
               const uint8_t *const *rows, uint32_t count)
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
