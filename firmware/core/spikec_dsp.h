/*
 * spikec_dsp.h: whether this core has Arm's DSP extension (Cortex-M4, M7, M33), and what its kernels share.
 */
#ifndef SPIKEC_DSP_H
#define SPIKEC_DSP_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__GNUC__) && defined(__ARM_FEATURE_DSP) && !defined(__ARM_BIG_ENDIAN) && !defined(SPIKEC_PORTABLE_KERNELS)

#define SPIKEC_DSP 1

/* A word that is made of narrower numbers; the compiler must know that the two are the same memory. */
typedef uint32_t __attribute__((may_alias)) word_t;

/* The same on any address: these cores load and store single words anywhere. */
typedef struct {
    word_t word;
} __attribute__((packed, may_alias)) loose_word_t;

/* Two membranes in the halves of a word. */
static inline uint32_t load_two(const int16_t *two)
{
    return ((const loose_word_t *)(const void *)two)->word;
}

static inline void store_two(int16_t *two, uint32_t word)
{
    ((loose_word_t *)(void *)two)->word = word;
}

/* The same number in both halves. */
static inline uint32_t twice(int16_t value)
{
    return (uint16_t)value * UINT32_C(0x10001);
}

/* Membranes less `excess` each. */
static inline void spikec_less_i16(const int16_t *start, int16_t *membrane, uint32_t size, uint32_t excess)
{
    const uint32_t both = twice((int16_t)excess);
    for (const int16_t *end = start + size; start < end;) {
        __asm__ volatile("ldm %0!, {r4, r5, r6, r8}\n\t"
                         "ssub16 r4, r4, %2\n\t"
                         "ssub16 r5, r5, %2\n\t"
                         "ssub16 r6, r6, %2\n\t"
                         "ssub16 r8, r8, %2\n\t"
                         "stm %1!, {r4, r5, r6, r8}"
                         : "+r"(start), "+r"(membrane)
                         : "r"(both)
                         : "r4", "r5", "r6", "r8", "cc", "memory");
    }
}

#endif

#endif
