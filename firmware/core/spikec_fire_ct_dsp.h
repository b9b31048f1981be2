/* spikec_fire_ct_dsp.h: whole words of SNN-CT's spikes, bit-equal to spikec_fire_ct.h, of which it is a part. */
#ifndef SPIKEC_FIRE_CT_DSP_H
#define SPIKEC_FIRE_CT_DSP_H

#include "spikec_fire_dsp.h"

/* Take the limit off where there is a spike: one for all that is not negative, and so takes nothing from the other half; or
 * any limit, of which a mask leaves what is to be taken. */
#define RESET(lanes) "mls " lanes ", r2, %[theta], " lanes "\n\t"
#define RESET_EACH(lanes, limit)                                                                                       \
    "rsb r2, r2, r2, lsl #16\n\t"                                                                                      \
    "and r2, r2, " limit "\n\t"                                                                                        \
    "ssub16 " lanes ", " lanes ", r2\n\t"

#define ADD_BIASES                                                                                                     \
    "ldrd r2, r3, [%[bias]], #8\n\t"                                                                                   \
    "sadd16 r4, r4, r2\n\t"                                                                                            \
    "sadd16 r5, r5, r3\n\t"                                                                                            \
    "ldrd r2, r3, [%[bias]], #8\n\t"                                                                                   \
    "sadd16 r6, r6, r2\n\t"                                                                                            \
    "sadd16 r8, r8, r3\n\t"

#define LOAD "ldm %[membrane], {r4, r5, r6, r8}\n\t"
#define STORE "stm %[membrane]!, {r4, r5, r6, r8}\n\t"

/* Eight neurons, whose spikes go to bits A, B, C, D (even ones) and 16 further up (odd ones). */
#define ONE_CT(lanes, PLACE) SPIKES_OF(lanes, "%[limit]", PLACE) RESET(lanes)
#define EIGHT_CT(A, B, C, D)                                                                                           \
    LOAD ADD_BIASES ONE_CT("r4", A) ONE_CT("r5", B) ONE_CT("r6", C) ONE_CT("r8", D) STORE
#define ONE_CT_EACH(lanes, PLACE) LIMIT SPIKES_OF(lanes, "r3", PLACE) RESET_EACH(lanes, "r3")
#define EIGHT_CT_EACH(A, B, C, D)                                                                                      \
    LOAD ADD_BIASES ONE_CT_EACH("r4", A) ONE_CT_EACH("r5", B) ONE_CT_EACH("r6", C) ONE_CT_EACH("r8", D) STORE

/* `words` words of spikes; membranes, biases and thresholds begin on words, and `theta` is not negative. */
static OUT_OF_LINE void words_ct_i16(int16_t *membrane, const int16_t *bias, int16_t theta, uint32_t *out, uint32_t words)
{
    for (uint16_t *half = (uint16_t *)(void *)out, *end = half + 2u * words; half < end; half++) {
        uint32_t spikes = 0;
        __asm__ volatile(SIXTEEN(EIGHT_CT)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane), [bias] "+r"(bias)
                         : [limit] "r"(twice(theta)), [theta] "r"(theta), [ones] "r"(ONES)
                         : NAMED);
        put_sixteen(half, spikes);
    }
}

/* The same for biases that repeat, as they do in pictures, where most neurons are silent: eight neurons without a spike are
 * done when that is known. `period` is even, and the table as that of spikec_fire_ct_i16. */
#define ONE_LOUD(lanes, PLACE)                                                                                         \
    "shsub16 r2, %[limit], " lanes "\n\t"                                                                              \
    "lsr r2, r2, #15\n\t"                                                                                              \
    "and r2, r2, #0x10001\n\t"                                                                                         \
    "orr %[spikes], %[spikes], r2, lsl #" #PLACE "\n\t"                                                                \
    "mls " lanes ", r2, r3, " lanes "\n\t"
#define EIGHT_QUIET(A, B, C, D)                                                                                        \
    LOAD ADD_BIASES                                                                                                    \
    "shsub16 r2, %[limit], r4\n\t"                                                                                     \
    "shsub16 r3, %[limit], r5\n\t"                                                                                     \
    "orr r2, r2, r3\n\t"                                                                                               \
    "shsub16 r3, %[limit], r6\n\t"                                                                                     \
    "orr r2, r2, r3\n\t"                                                                                               \
    "shsub16 r3, %[limit], r8\n\t"                                                                                     \
    "orr r2, r2, r3\n\t"                                                                                               \
    "tst r2, #0x80008000\n\t"                                                                                          \
    "beq 1f\n\t"                                                                                                       \
    "uxth r3, %[limit]\n\t" ONE_LOUD("r4", A) ONE_LOUD("r5", B) ONE_LOUD("r6", C) ONE_LOUD("r8", D)                    \
    "1:\n\t" STORE

static OUT_OF_LINE void quiet_ct_i16(int16_t *membrane, const int16_t *bias, uint32_t period, int16_t theta, uint32_t *out,
                                     uint32_t words)
{
    const int16_t *last = bias + period;
    const uint32_t back = 16u - 16u % period;
    for (uint16_t *half = (uint16_t *)(void *)out, *end = half + 2u * words; half < end; half++) {
        uint32_t spikes = 0;
        __asm__ volatile(SIXTEEN(EIGHT_QUIET)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane), [bias] "+r"(bias)
                         : [limit] "r"(twice(theta))
                         : NAMED);
        bias -= back;
        if (bias >= last) {
            bias -= period;
        }
        put_sixteen(half, spikes);
    }
}

static OUT_OF_LINE void words_ct_each_i16(int16_t *membrane, const int16_t *bias, const int16_t *each, uint32_t *out,
                                      uint32_t words)
{
    for (uint16_t *half = (uint16_t *)(void *)out, *end = half + 2u * words; half < end; half++) {
        uint32_t spikes = 0;
        __asm__ volatile(SIXTEEN(EIGHT_CT_EACH)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane), [bias] "+r"(bias), [each] "+r"(each)
                         : [ones] "r"(ONES)
                         : NAMED);
        put_sixteen(half, spikes);
    }
}

/* Membranes of 32 bits, one by one: four a turn are loaded and stored together, eight make a byte of spikes. */
#define ONE_WIDE(v, bias, limit, BIT)                                                                                  \
    "add " v ", " v ", " bias "\n\t"                                                                                   \
    "cmp " limit ", " v "\n\t"                                                                                         \
    "itt lt\n\t"                                                                                                       \
    "sublt " v ", " v ", " limit "\n\t"                                                                                \
    "orrlt %[spikes], %[spikes], #" #BIT "\n\t"
#define BIASES "ldrd r2, r3, [%[bias]], #8\n\t"
#define FOUR_WIDE(A, B, C, D)                                                                                          \
    LOAD BIASES ONE_WIDE("r4", "r2", "%[theta]", A) ONE_WIDE("r5", "r3", "%[theta]", B) BIASES                         \
        ONE_WIDE("r6", "r2", "%[theta]", C) ONE_WIDE("r8", "r3", "%[theta]", D) STORE
#define ONE_WIDE_EACH(v, bias, BIT) "ldr r9, [%[each]], #4\n\t" ONE_WIDE(v, bias, "r9", BIT)
#define FOUR_WIDE_EACH(A, B, C, D)                                                                                     \
    LOAD BIASES ONE_WIDE_EACH("r4", "r2", A) ONE_WIDE_EACH("r5", "r3", B) BIASES ONE_WIDE_EACH("r6", "r2", C)          \
        ONE_WIDE_EACH("r8", "r3", D) STORE

static OUT_OF_LINE void words_ct_i32(int32_t *membrane, const int32_t *bias, int32_t theta, uint32_t *out, uint32_t words)
{
    for (uint8_t *byte = (uint8_t *)out, *end = byte + 4u * words; byte < end; byte++) {
        uint32_t spikes = 0;
        __asm__ volatile(FOUR_WIDE(1, 2, 4, 8) FOUR_WIDE(16, 32, 64, 128)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane), [bias] "+r"(bias)
                         : [theta] "r"(theta)
                         : NAMED);
        *byte = (uint8_t)spikes;
    }
}

#define ONE_LOUD_WIDE(v, BIT)                                                                                          \
    "cmp %[theta], " v "\n\t"                                                                                          \
    "itt lt\n\t"                                                                                                       \
    "sublt " v ", " v ", %[theta]\n\t"                                                                                 \
    "orrlt %[spikes], %[spikes], #" #BIT "\n\t"
#define FOUR_QUIET(A, B, C, D)                                                                                         \
    LOAD BIASES                                                                                                        \
    "add r4, r4, r2\n\t"                                                                                               \
    "add r5, r5, r3\n\t" BIASES                                                                                        \
    "add r6, r6, r2\n\t"                                                                                               \
    "add r8, r8, r3\n\t"                                                                                               \
    "qsub r2, %[theta], r4\n\t" /* saturated: it keeps the sign */                                                     \
    "qsub r3, %[theta], r5\n\t"                                                                                        \
    "orr r2, r2, r3\n\t"                                                                                               \
    "qsub r3, %[theta], r6\n\t"                                                                                        \
    "orr r2, r2, r3\n\t"                                                                                               \
    "qsub r3, %[theta], r8\n\t"                                                                                        \
    "orrs r2, r2, r3\n\t"                                                                                              \
    "bpl 1f\n\t" ONE_LOUD_WIDE("r4", A) ONE_LOUD_WIDE("r5", B) ONE_LOUD_WIDE("r6", C) ONE_LOUD_WIDE("r8", D)           \
    "1:\n\t" STORE

static OUT_OF_LINE void quiet_ct_i32(int32_t *membrane, const int32_t *bias, uint32_t period, int32_t theta, uint32_t *out,
                                     uint32_t words)
{
    const int32_t *last = bias + period;
    const uint32_t back = 8u - 8u % period;
    for (uint8_t *byte = (uint8_t *)out, *end = byte + 4u * words; byte < end; byte++) {
        uint32_t spikes = 0;
        __asm__ volatile(FOUR_QUIET(1, 2, 4, 8) FOUR_QUIET(16, 32, 64, 128)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane), [bias] "+r"(bias)
                         : [theta] "r"(theta)
                         : NAMED);
        bias -= back;
        if (bias >= last) {
            bias -= period;
        }
        *byte = (uint8_t)spikes;
    }
}

static OUT_OF_LINE void words_ct_each_i32(int32_t *membrane, const int32_t *bias, const int32_t *each, uint32_t *out,
                                          uint32_t words)
{
    for (uint8_t *byte = (uint8_t *)out, *end = byte + 4u * words; byte < end; byte++) {
        uint32_t spikes = 0;
        __asm__ volatile(FOUR_WIDE_EACH(1, 2, 4, 8) FOUR_WIDE_EACH(16, 32, 64, 128)
                         : [spikes] "+r"(spikes), [membrane] "+r"(membrane), [bias] "+r"(bias), [each] "+r"(each)
                         :
                         : "r9", NAMED);
        *byte = (uint8_t)spikes;
    }
}

#endif
