/*
 * kernels.c: run the kernels of dense layers, one layer after another, and write all that they make.
 *
 * Input, little-endian: for each layer the thirteen words of layer_t; the table of weights; biases and thresholds in the
 * membranes' width; and for each step the words of its spikes. Output for each step: how many inputs are active, the words
 * of spikes, and the membranes, all in 32 bits. tests/kernel_layers.py writes the one and reads the other.
 */
#include "io.h"
#include "spikec_kernels.h"

#define MAX_WEIGHTS 524288u
#define MAX_INPUTS 2048u
#define MAX_NEURONS 1024u

typedef struct {
    uint32_t inputs;
    uint32_t outputs;
    uint32_t padded;
    uint32_t row_bytes;
    uint32_t steps;
    uint32_t form;         /* of the weights: its place in the lists below */
    uint32_t bits;         /* of membranes: 16 or 32 */
    uint32_t dc;           /* neurons without memory */
    uint32_t bias_period;
    uint32_t theta_period; /* 0: `theta` holds for all */
    uint32_t theta;
    uint32_t biases;       /* how many are in the table */
    uint32_t thetas;
} layer_t;

typedef union {
    int16_t i16[MAX_NEURONS];
    int32_t i32[MAX_NEURONS];
} values_t;

static SPIKEC_ALIGNED uint8_t weights[MAX_WEIGHTS];
static SPIKEC_ALIGNED values_t membranes, biases, thetas;
static uint32_t in[SPIKEC_WORDS(MAX_INPUTS)], out[SPIKEC_WORDS(MAX_NEURONS)];
static const uint8_t *rows[SPIKEC_ROWS(MAX_INPUTS)];

static uint32_t get(const uint8_t *bytes, uint32_t count)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < count; i++) {
        value |= (uint32_t)bytes[i] << (8u * i);
    }
    return value;
}

/* Whether there was another word. */
static uint32_t get_words(uint32_t *words, uint32_t count)
{
    uint8_t bytes[4];
    for (uint32_t i = 0; i < count; i++) {
        if (io_read(bytes, sizeof bytes) != sizeof bytes) {
            return 0;
        }
        words[i] = get(bytes, sizeof bytes);
    }
    return 1;
}

static void get_values(values_t *values, uint32_t count, uint32_t bits)
{
    uint8_t bytes[4];
    for (uint32_t i = 0; i < count; i++) {
        (void)io_read(bytes, bits / 8u);
        if (bits == 16u) {
            values->i16[i] = (int16_t)get(bytes, 2);
        } else {
            values->i32[i] = (int32_t)get(bytes, 4);
        }
    }
}

static void put_word(uint32_t word)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
    io_write(bytes, sizeof bytes);
}

typedef void (*integrate_i16_t)(const int16_t *, int16_t *, uint32_t, const uint8_t **, uint32_t);
typedef void (*integrate_i32_t)(const int32_t *, int32_t *, uint32_t, const uint8_t **, uint32_t);

static const integrate_i16_t integrate_i16[] = {spikec_integrate_u7_i16, spikec_integrate_u8_i16, spikec_integrate_u4_i16,
                                                spikec_integrate_p4_i16, spikec_integrate_p2_i16};
static const integrate_i32_t integrate_i32[] = {spikec_integrate_u7_i32, spikec_integrate_u8_i32, spikec_integrate_u4_i32,
                                                spikec_integrate_p4_i32, spikec_integrate_p2_i32};

static void step_i16(const layer_t *self, uint32_t active)
{
    const int16_t *start = self->dc ? biases.i16 : membranes.i16;
    const int16_t theta = (int16_t)self->theta;
    integrate_i16[self->form](start, membranes.i16, self->padded, rows, active);
    if (self->dc && self->theta_period == 0) {
        spikec_fire_dc_i16(membranes.i16, self->outputs, theta, out);
    } else if (self->dc) {
        spikec_fire_dc_each_i16(membranes.i16, self->outputs, thetas.i16, self->theta_period, out);
    } else if (self->theta_period == 0) {
        spikec_fire_ct_i16(membranes.i16, self->outputs, biases.i16, self->bias_period, theta, out);
    } else {
        spikec_fire_ct_each_i16(membranes.i16, self->outputs, biases.i16, self->bias_period, thetas.i16,
                                self->theta_period, out);
    }
}

static void step_i32(const layer_t *self, uint32_t active)
{
    const int32_t *start = self->dc ? biases.i32 : membranes.i32;
    const int32_t theta = (int32_t)self->theta;
    integrate_i32[self->form](start, membranes.i32, self->padded, rows, active);
    if (self->dc && self->theta_period == 0) {
        spikec_fire_dc_i32(membranes.i32, self->outputs, theta, out);
    } else if (self->dc) {
        spikec_fire_dc_each_i32(membranes.i32, self->outputs, thetas.i32, self->theta_period, out);
    } else if (self->theta_period == 0) {
        spikec_fire_ct_i32(membranes.i32, self->outputs, biases.i32, self->bias_period, theta, out);
    } else {
        spikec_fire_ct_each_i32(membranes.i32, self->outputs, biases.i32, self->bias_period, thetas.i32,
                                self->theta_period, out);
    }
}

static void run(const layer_t *self)
{
    for (uint32_t i = 0; i < MAX_NEURONS; i++) {
        membranes.i32[i] = 0;
    }
    for (uint32_t step = 0; step < self->steps; step++) {
        (void)get_words(in, SPIKEC_WORDS(self->inputs));
        uint32_t active = spikec_scan(in, self->inputs, weights, self->row_bytes, rows);
        if (self->bits == 16u) {
            step_i16(self, active);
        } else {
            step_i32(self, active);
        }
        put_word(active);
        for (uint32_t i = 0; i < SPIKEC_WORDS(self->outputs); i++) {
            put_word(out[i]);
        }
        for (uint32_t i = 0; i < self->outputs; i++) {
            put_word((uint32_t)(self->bits == 16u ? membranes.i16[i] : membranes.i32[i]));
        }
    }
}

int main(void)
{
    uint32_t words[sizeof(layer_t) / sizeof(uint32_t)];
    io_open();
    while (get_words(words, sizeof words / sizeof *words)) {
        const layer_t self = {words[0], words[1], words[2], words[3],  words[4],  words[5], words[6],
                              words[7], words[8], words[9], words[10], words[11], words[12]};
        (void)io_read(weights, (self.inputs + 1u) * self.row_bytes);
        get_values(&biases, self.biases, self.bits);
        get_values(&thetas, self.thetas, self.bits);
        run(&self);
    }
    io_exit(0);
    return 0;
}
