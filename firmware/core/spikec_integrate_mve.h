/*
 * spikec_integrate_mve.h: 16 neurons an instruction for Arm cores with MVE (Cortex-M55). A part of spikec_integrate.c,
 * bit-equal to spikec_integrate_portable.h.
 *
 * 16 weights of a row are eight lanes of 16 bits, each with two weights: an even byte below an odd one. Two sums a lane
 * come of two additions: `both` adds the lanes as they are, `odd` adds their upper bytes; what `both` has more than 256
 * times `odd` is the sum of the even bytes. All that is modulo 2^16, as the sums are. Weights of up to 7 bits are added in
 * pairs of rows first, and those of up to 4 bits in groups of eight. So 16 neurons take six instructions for two rows, 18
 * for eight rows of 4 bits, or four for one row of 8 bits.
 *
 * The sums of up to 48 neurons stay in registers while all rows go by, eight at a time; the list keeps where each row has
 * come to. Of every four neurons, the even bytes are 0 and 1 and the odd ones 2 and 3: pairs of membranes alternate.
 */
#ifndef SPIKEC_INTEGRATE_MVE_H
#define SPIKEC_INTEGRATE_MVE_H

#include "spikec_kernels.h"
#include "spikec_mve.h"

typedef struct {
    uint16x8_t both;
    uint16x8_t odd;
} sums_t;

/* Membranes of 16 neurons, less what the offsets of all rows will add too much. */
static inline sums_t begin(const int16_t *start, uint16_t excess)
{
    uint32x4x2_t pairs = load_pairs(start);
    uint16x8_t odd = vsubq_n_u16((uint16x8_t)pairs.val[1], excess);
    return (sums_t){vmlaq_n_u16(vsubq_n_u16((uint16x8_t)pairs.val[0], excess), odd, 256), odd};
}

static inline void finish(int16_t *membrane, sums_t sums)
{
    uint32x4x2_t pairs;
    pairs.val[1] = (uint32x4_t)sums.odd;
    pairs.val[0] = (uint32x4_t)vmlaq_n_u16(sums.both, sums.odd, (uint16_t)-256);
    store_pairs(membrane, pairs);
}

#define SUM_UP(sums)                                                                                                   \
    "vshr.u16 %q[other], %q[one], #8\n\t"                                                                              \
    "vadd.i16 %q[both" sums "], %q[both" sums "], %q[one]\n\t"                                                         \
    "vadd.i16 %q[odd" sums "], %q[odd" sums "], %q[other]\n\t"
#define LOAD(to, row) "vldrw.u32 %q[" to "], [" row "], #16\n\t"
#define PAIR_U7(row, next, sums)                                                                                       \
    LOAD("one", row) LOAD("other", next) "vadd.i8 %q[one], %q[one], %q[other]\n\t" SUM_UP(sums)
#define PAIR_U8(row, next, sums) LOAD("one", row) SUM_UP(sums) LOAD("one", next) SUM_UP(sums)
#define EIGHT_PAIRED(PAIR, sums)                                                                                       \
    PAIR("r4", "r5", sums) PAIR("r6", "r8", sums) PAIR("r9", "r10", sums) PAIR("r11", "r12", sums)
#define EIGHT_U7(sums) EIGHT_PAIRED(PAIR_U7, sums)
#define EIGHT_U8(sums) EIGHT_PAIRED(PAIR_U8, sums)
#define TWO_U7(sums) PAIR_U7("r4", "r5", sums)
#define TWO_U8(sums) PAIR_U8("r4", "r5", sums)
#define TWO_U4 TWO_U7

/* Weights of up to 4 bits: eight rows have sums that fit a byte. */
#define NEXT_U4(row) LOAD("other", row) "vadd.i8 %q[one], %q[one], %q[other]\n\t"
#define EIGHT_U4(sums)                                                                                                 \
    LOAD("one", "r4") NEXT_U4("r5") NEXT_U4("r6") NEXT_U4("r8") NEXT_U4("r9") NEXT_U4("r10") NEXT_U4("r11")            \
        NEXT_U4("r12") SUM_UP(sums)

/* `eight` and `two` add what so many rows have here, and move on in them. r7 may be the frame's. */
#define NAMED "r4, r5, r6, r8, r9, r10, r11, r12"
#define FOR_ALL_ROWS(eight, two, ...)                                                                                  \
    __asm__ volatile("wls lr, %[turns], 2f\n"                                                                          \
                     "1:\n\t"                                                                                          \
                     "ldm %[rows], {" NAMED "}\n\t" eight "stm %[rows]!, {" NAMED "}\n\t"                              \
                     "le lr, 1b\n"                                                                                     \
                     "2:\n\t"                                                                                          \
                     "wls lr, %[pairs], 4f\n"                                                                          \
                     "3:\n\t"                                                                                          \
                     "ldm %[rows], {r4, r5}\n\t" two "stm %[rows]!, {r4, r5}\n\t"                                      \
                     "le lr, 3b\n"                                                                                     \
                     "4:"                                                                                              \
                     : [rows] "+r"(rows), [one] "=&w"(one), [other] "=&w"(other), __VA_ARGS__                          \
                     : [turns] "r"(turns), [pairs] "r"(pairs)                                                          \
                     : "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "memory")
#define SUMS(name, sums) [both##name] "+w"(sums.both), [odd##name] "+w"(sums.odd)

/* membrane[n] = start[n] + the bytes where the rows are now, for 16, 32 and 48 neurons; there are rows. */
#define BLOCKS(width, EIGHT, TWO)                                                                                      \
    static OUT_OF_LINE void sixteen_##width(const int16_t *start, int16_t *membrane, const uint8_t **rows,             \
                                            uint32_t count, uint16_t excess)                                           \
    {                                                                                                                  \
        const uint32_t turns = count / 8u, pairs = count % 8u / 2u;                                                    \
        sums_t a = begin(start, excess);                                                                               \
        uint8x16_t one, other;                                                                                         \
        FOR_ALL_ROWS(EIGHT("a"), TWO("a"), SUMS(a, a));                                                                \
        finish(membrane, a);                                                                                           \
    }                                                                                                                  \
                                                                                                                       \
    static OUT_OF_LINE void thirty_two_##width(const int16_t *start, int16_t *membrane, const uint8_t **rows,          \
                                               uint32_t count, uint16_t excess)                                        \
    {                                                                                                                  \
        const uint32_t turns = count / 8u, pairs = count % 8u / 2u;                                                    \
        sums_t a = begin(start, excess), b = begin(start + 16, excess);                                                \
        uint8x16_t one, other;                                                                                         \
        FOR_ALL_ROWS(EIGHT("a") EIGHT("b"), TWO("a") TWO("b"), SUMS(a, a), SUMS(b, b));                                \
        finish(membrane, a);                                                                                           \
        finish(membrane + 16, b);                                                                                      \
    }                                                                                                                  \
                                                                                                                       \
    static OUT_OF_LINE void forty_eight_##width(const int16_t *start, int16_t *membrane, const uint8_t **rows,         \
                                                uint32_t count, uint16_t excess)                                       \
    {                                                                                                                  \
        const uint32_t turns = count / 8u, pairs = count % 8u / 2u;                                                    \
        sums_t a = begin(start, excess), b = begin(start + 16, excess), c = begin(start + 32, excess);                 \
        uint8x16_t one, other;                                                                                         \
        FOR_ALL_ROWS(EIGHT("a") EIGHT("b") EIGHT("c"), TWO("a") TWO("b") TWO("c"), SUMS(a, a), SUMS(b, b),             \
                     SUMS(c, c));                                                                                      \
        finish(membrane, a);                                                                                           \
        finish(membrane + 16, b);                                                                                      \
        finish(membrane + 32, c);                                                                                      \
    }

BLOCKS(u7, EIGHT_U7, TWO_U7)
BLOCKS(u8, EIGHT_U8, TWO_U8)
BLOCKS(u4, EIGHT_U4, TWO_U4)

/* The same for the last eight neurons. */
static OUT_OF_LINE void eight(const int16_t *start, int16_t *membrane, const uint8_t **rows, uint32_t count,
                              uint16_t excess)
{
    const uint16x8_t order = {0, 2, 1, 3, 4, 6, 5, 7};
    uint16x8_t sum = vsubq_n_u16((uint16x8_t)vldrhq_gather_shifted_offset_s16(start, order), excess);
    for (const uint8_t **end = rows + count; rows < end; rows += 2) {
        sum = vaddq_u16(vaddq_u16(sum, vldrbq_u16(rows[0])), vldrbq_u16(rows[1]));
    }
    vstrhq_scatter_shifted_offset_s16(membrane, order, (int16x8_t)sum);
}

#define BLOCK 48u

typedef void block_t(const int16_t *start, int16_t *membrane, const uint8_t **rows, uint32_t count, uint16_t excess);
static block_t *const blocks_u7[] = {sixteen_u7, thirty_two_u7, forty_eight_u7};
static block_t *const blocks_u8[] = {sixteen_u8, thirty_two_u8, forty_eight_u8};
static block_t *const blocks_u4[] = {sixteen_u4, thirty_two_u4, forty_eight_u4};

/* Up to 48 neurons, a multiple of eight; the rows move on by so many. */
static inline void add_rows(const int16_t *start, int16_t *membrane, uint32_t size, const uint8_t **rows,
                            uint32_t count, uint32_t offset)
{
    uint32_t whole = size & ~15u;
    uint16_t excess = (uint16_t)(count * offset);
    if (whole != 0) {
        block_t *const *blocks = offset == OFFSET_U7 ? blocks_u7 : offset == OFFSET_U8 ? blocks_u8 : blocks_u4;
        blocks[whole / 16u - 1u](start, membrane, rows, count, excess);
    }
    if (whole != size) {
        eight(start + whole, membrane + whole, rows, count, excess);
    }
}

static inline void integrate_i16(const int16_t *start, int16_t *membrane, uint32_t padded, const uint8_t **rows,
                                 uint32_t count, uint32_t offset)
{
    if (count == 0) {
        for (uint32_t at = 0; at < padded; at += 8u) {
            vst1q_s16(membrane + at, vld1q_s16(start + at));
        }
        return;
    }
    for (; padded >= BLOCK; padded -= BLOCK, start += BLOCK, membrane += BLOCK) {
        add_rows(start, membrane, BLOCK, rows, count, offset);
    }
    if (padded != 0) {
        add_rows(start, membrane, padded, rows, count, offset);
    }
}

/* So many rows have a sum that fits a lane, whatever the weights. */
#define CHUNK_ROWS 252u

/* membrane[n] = start[n] + sum[n]. */
static inline void widen(const int32_t *start, int32_t *membrane, const int16_t *sum, uint32_t size)
{
    for (const int32_t *end = start + size; start < end; start += 4, membrane += 4, sum += 4) {
        vst1q_s32(membrane, vaddq_s32(vld1q_s32(start), vldrhq_s32(sum)));
    }
}

/* Membranes of 32 bits: chunks of rows are summed in 16-bit lanes, and the sums are widened once a chunk. */
static inline void integrate_i32(const int32_t *start, int32_t *membrane, uint32_t padded, const uint8_t **rows,
                                 uint32_t count, uint32_t offset)
{
    int16_t sum[BLOCK] SPIKEC_ALIGNED;
    while (count != 0 || start != membrane) {
        uint32_t chunk = count < CHUNK_ROWS ? count : CHUNK_ROWS;
        for (uint32_t at = 0; at < padded; at += BLOCK) {
            uint32_t size = padded - at < BLOCK ? padded - at : BLOCK;
            for (uint32_t i = 0; i < BLOCK; i += 8u) {
                vst1q_s16(sum + i, vdupq_n_s16(0));
            }
            if (chunk != 0) {
                add_rows(sum, sum, size, rows, chunk, offset);
            }
            widen(start + at, membrane + at, sum, size);
        }
        start = membrane; /* the next chunk goes on from here */
        rows += chunk;
        count -= chunk;
    }
}

#endif
