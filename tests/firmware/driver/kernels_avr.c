/*
 * kernels_avr.c: run the kernels of dense layers on an AVR, one layer after another, and say all that they make: for each
 * step how many inputs are active, the words of spikes, and the membranes. layers.h, which test_kernels_avr.py writes, has
 * the tables, which all lie in flash, and CALLS: a RUN for each layer, or a RUN_FAST, which copies the weights to RAM first.
 * MAX_INPUTS and MAX_NEURONS are the largest, FAST_BYTES has the largest table in RAM.
 */
#include <avr/pgmspace.h>
#include <stdbool.h>

#include "avr_says.h"
#include "layers.h"
#include "spikec_kernels.h"

typedef union {
    int16_t i16[MAX_NEURONS];
    int32_t i32[MAX_NEURONS];
} values_t;

typedef struct {
    uint16_t inputs;
    uint16_t outputs;
    uint16_t padded;
    uint16_t row_bytes;
    uint16_t steps;
    bool dc;
    uint16_t bias_period;
    uint16_t theta_period; /* 0: one threshold holds for all */
} layer_t;

static values_t membranes, biases, thetas;
static uint32_t in[SPIKEC_WORDS(MAX_INPUTS)], out[SPIKEC_WORDS(MAX_NEURONS)];
static const uint8_t *rows[SPIKEC_ROWS(MAX_INPUTS)];
#if FAST_BYTES > 0
SPIKEC_FAST static uint8_t fast[FAST_BYTES] = {1};
#endif

#define FIRE(width)                                                                                                    \
    static void fire_##width(const layer_t *self)                                                                      \
    {                                                                                                                  \
        if (self->dc && self->theta_period == 0) {                                                                     \
            spikec_fire_dc_##width(membranes.width, self->outputs, thetas.width[0], out);                              \
        } else if (self->dc) {                                                                                         \
            spikec_fire_dc_each_##width(membranes.width, self->outputs, thetas.width, self->theta_period, out);        \
        } else if (self->theta_period == 0) {                                                                          \
            spikec_fire_ct_##width(membranes.width, self->outputs, biases.width, self->bias_period, thetas.width[0],   \
                                   out);                                                                               \
        } else {                                                                                                       \
            spikec_fire_ct_each_##width(membranes.width, self->outputs, biases.width, self->bias_period, thetas.width, \
                                        self->theta_period, out);                                                      \
        }                                                                                                              \
    }

FIRE(i16)
FIRE(i32)

static void start_layer(const void *bias, uint16_t bias_bytes, const void *theta, uint16_t theta_bytes)
{
    memset(&membranes, 0, sizeof membranes);
    memcpy_P(&biases, bias, bias_bytes);
    memcpy_P(&thetas, theta, theta_bytes);
}

/* Words that nobody has written show. */
static uint32_t start_step(const layer_t *self, const uint8_t *weights, const uint8_t *spikes, uint16_t step)
{
    uint16_t bytes = (uint16_t)(SPIKEC_WORDS(self->inputs) * 4u);
    memset(out, 0xa5, sizeof out);
    memcpy_P(in, spikes + step * bytes, bytes);
    return spikec_scan(in, self->inputs, weights, self->row_bytes, rows);
}

static void say_step(const layer_t *self, uint32_t active, bool wide)
{
    say_word(active);
    for (uint16_t i = 0; i < SPIKEC_WORDS(self->outputs); i++) {
        say_word(out[i]);
    }
    for (uint16_t i = 0; i < self->outputs; i++) {
        say_word((uint32_t)(wide ? membranes.i32[i] : membranes.i16[i]));
    }
}

#define STEPS(integrate, width, weights, bias, theta, spikes, ...)                                                     \
    {                                                                                                                  \
        const layer_t self = {__VA_ARGS__};                                                                            \
        start_layer(bias, sizeof bias, theta, sizeof theta);                                                           \
        for (uint16_t step = 0; step < self.steps; step++) {                                                           \
            uint32_t active = start_step(&self, weights, spikes, step);                                                \
            integrate##_##width(self.dc ? biases.width : membranes.width, membranes.width, self.padded, rows, active); \
            fire_##width(&self);                                                                                       \
            say_step(&self, active, sizeof membranes.width[0] == 4);                                                   \
        }                                                                                                              \
    }

#define RUN(form, width, weights, ...) STEPS(spikec_integrate_##form, width, weights, __VA_ARGS__)

#define RUN_FAST(form, width, weights, ...)                                                                            \
    memcpy_P(fast, weights, sizeof weights);                                                                           \
    STEPS(spikec_integrate_fast_##form, width, fast, __VA_ARGS__)

int main(void)
{
    begin_to_say();
    CALLS
    end_saying();
    return 0;
}
