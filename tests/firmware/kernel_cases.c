/*
 * kernel_cases.c: dense layers from a file, one after the other: scan, integrate, fire; membranes and spikes go to another.
 *
 * Tables and membranes end where the board's memory ends, as far as it is known: a kernel that reads on faults there, and
 * nothing more is heard of it. Elsewhere, marks before and behind what is written must stay.
 */
#include "io.h"
#include "spikec_kernels.h"

#if defined(TABLES_END)
#define PLACE_BEFORE(end, size) ((uint8_t *)(end) - (size))
#else
static uint64_t tables[32768], membranes[1024];
#define TABLES_END (tables + 32768)
#define MEMBRANES_END (membranes + 1024)
#define PLACE_BEFORE(end, size) ((uint8_t *)(end) - (size))
#endif

#define MARK UINT32_C(0xA5C3965A)
#define MOST 1024u

/* What a layer is; `wide`: membranes of 32 bits; `form`: which of the formats of weights. */
typedef struct {
    uint32_t inputs, size, padded, row, wide, form, from_bias, ct, each;
    uint32_t bias_period, theta_period, biases, thetas;
    int32_t theta;
} case_t;

static uint64_t bias[MOST], theta[MOST];
static uint32_t spikes[MOST / 32u], out[MOST / 32u + 2u];
static const uint8_t *rows[MOST + 2u];

static uint32_t take(void *to, uint32_t bytes)
{
    return io_read(to, bytes);
}

#define RUN(W, T)                                                                                                      \
    static void integrate_##W(const case_t *it, void *place, uint32_t count)                                           \
    {                                                                                                                  \
        T *membrane = place;                                                                                           \
        const T *start = it->from_bias ? (const T *)(const void *)bias : membrane;                                     \
        switch (it->form) {                                                                                            \
        case 0:                                                                                                        \
            spikec_integrate_u7_##W(start, membrane, it->padded, rows + 1, count);                                     \
            break;                                                                                                     \
        case 1:                                                                                                        \
            spikec_integrate_u8_##W(start, membrane, it->padded, rows + 1, count);                                     \
            break;                                                                                                     \
        case 2:                                                                                                        \
            spikec_integrate_u4_##W(start, membrane, it->padded, rows + 1, count);                                     \
            break;                                                                                                     \
        case 3:                                                                                                        \
            spikec_integrate_p4_##W(start, membrane, it->padded, rows + 1, count);                                     \
            break;                                                                                                     \
        default:                                                                                                       \
            spikec_integrate_p2_##W(start, membrane, it->padded, rows + 1, count);                                     \
        }                                                                                                              \
    }                                                                                                                  \
    static void fire_##W(const case_t *it, void *place)                                                                \
    {                                                                                                                  \
        T *membrane = place;                                                                                           \
        const T *biases = (const T *)(const void *)bias, *thetas = (const T *)(const void *)theta;                     \
        if (it->ct && it->each) {                                                                                      \
            spikec_fire_ct_each_##W(membrane, it->size, biases, it->bias_period, thetas, it->theta_period, out + 1);   \
        } else if (it->ct) {                                                                                           \
            spikec_fire_ct_##W(membrane, it->size, biases, it->bias_period, (T)it->theta, out + 1);                    \
        } else if (it->each) {                                                                                         \
            spikec_fire_dc_each_##W(membrane, it->size, thetas, it->theta_period, out + 1);                            \
        } else {                                                                                                       \
            spikec_fire_dc_##W(membrane, it->size, (T)it->theta, out + 1);                                             \
        }                                                                                                              \
    }

RUN(i16, int16_t)
RUN(i32, int32_t)

static void mark(const case_t *it)
{
    out[0] = out[SPIKEC_WORDS(it->size) + 1u] = MARK;
    rows[0] = rows[SPIKEC_ROWS(it->inputs) + 1u] = (const uint8_t *)(uintptr_t)MARK;
}

static uint32_t marks_stay(const case_t *it)
{
    return out[0] == MARK && out[SPIKEC_WORDS(it->size) + 1u] == MARK && rows[0] == (const uint8_t *)(uintptr_t)MARK &&
           rows[SPIKEC_ROWS(it->inputs) + 1u] == (const uint8_t *)(uintptr_t)MARK;
}

static void run(const case_t *it)
{
    uint32_t width = it->wide ? 4u : 2u, table = (it->inputs + 1u) * it->row;
    uint8_t *weights = PLACE_BEFORE(TABLES_END, table), *membrane = PLACE_BEFORE(MEMBRANES_END, it->padded * width);
    uint8_t before[8];
    (void)take(weights, table);
    (void)take(bias, it->biases * width);
    (void)take(theta, it->thetas * width);
    (void)take(membrane, it->padded * width);
    (void)take(spikes, SPIKEC_WORDS(it->inputs) * 4u);
    mark(it);
    for (uint32_t i = 0; i < 8u; i++) {
        before[i] = membrane[-8 + (int32_t)i] = (uint8_t)(17u * i);
    }
    uint32_t count = spikec_scan(spikes, it->inputs, weights, it->row, rows + 1);
    (it->wide ? integrate_i32 : integrate_i16)(it, membrane, count);
    (it->wide ? fire_i32 : fire_i16)(it, membrane);
    uint32_t sound = marks_stay(it);
    for (uint32_t i = 0; i < 8u; i++) {
        sound = sound && before[i] == membrane[-8 + (int32_t)i];
    }
    io_write((const uint8_t *)&count, sizeof count);
    io_write((const uint8_t *)&sound, sizeof sound);
    io_write(membrane, it->padded * width);
    io_write((const uint8_t *)(out + 1), SPIKEC_WORDS(it->size) * 4u);
}

int main(void)
{
    case_t it;
    io_open();
    while (take(&it, sizeof it) == sizeof it) {
        run(&it);
    }
    io_exit(0);
    return 0;
}
