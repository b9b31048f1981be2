/*
 * pictures.c: run the kernels of convolutions and of max-pooling, one layer after another, and write all that they
 * make.
 *
 * Input, little-endian: for each layer the words of layer_t; the weights; biases and thresholds in the membranes'
 * width; spans of rows and columns, three words each; and for each step the words of its spikes. Output for each step:
 * synaptic operations, the words of spikes, and the membranes, all in 32 bits. tests/picture_layers.py writes the one
 * and reads the other. Behind its neurons, a layer's membranes hold MARK, which must stay: what did not is written as
 * an operation more.
 */
#include "io.h"
#include "spikec_kernels.h"

#define MAX_WEIGHTS 131072u
#define MAX_INPUTS 16384u
#define MAX_NEURONS 16384u
#define MAX_SIDE 64u
#define MARK 0x5A5A

enum { PLAIN, QUADS, WORDS, POOLING };

typedef struct {
    uint32_t kind;
    uint32_t inputs;
    uint32_t outputs;
    uint32_t steps;
    uint32_t bits;         /* of membranes: 16 or 32 */
    uint32_t dc;           /* neurons without memory */
    uint32_t bias_period;
    uint32_t theta_period; /* 0: `theta` holds for all */
    uint32_t theta;
    uint32_t weights;      /* how many are in the table, and so on */
    uint32_t biases;
    uint32_t thetas;
    uint32_t rows;         /* of the input; pooling: of the output */
    uint32_t columns;
    uint32_t channels;
    uint32_t out_row;      /* pooling: inputs in a row */
    uint32_t kernel_row;
    uint32_t kernel;
    uint32_t stride;       /* pooling only */
    uint32_t inverse;
    uint32_t shift;
    uint32_t pairs;
    uint32_t offset;
} layer_t;

typedef union {
    int16_t i16[2u * MAX_NEURONS];
    int32_t i32[MAX_NEURONS];
} values_t;

static SPIKEC_ALIGNED int8_t weights[MAX_WEIGHTS];
static SPIKEC_ALIGNED values_t membranes, biases, thetas;
static uint32_t in[SPIKEC_WORDS(MAX_INPUTS)], out[SPIKEC_WORDS(MAX_NEURONS)], pool_row[SPIKEC_WORDS(MAX_INPUTS)];
static spikec_span_t rows[MAX_SIDE], columns[MAX_SIDE];

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

static void get_spans(spikec_span_t *spans, uint32_t count)
{
    uint32_t words[3];
    for (uint32_t i = 0; i < count; i++) {
        (void)get_words(words, 3);
        spans[i] = (spikec_span_t){(uint16_t)words[0], (uint16_t)words[1], words[2]};
    }
}

static void put_word(uint32_t word)
{
    uint8_t bytes[4] = {(uint8_t)word, (uint8_t)(word >> 8), (uint8_t)(word >> 16), (uint8_t)(word >> 24)};
    io_write(bytes, sizeof bytes);
}

typedef uint32_t (*conv_i16_t)(const spikec_conv_t *, const uint32_t *, uint32_t, int16_t *);
typedef uint32_t (*conv_i32_t)(const spikec_conv_t *, const uint32_t *, uint32_t, int32_t *);

static const conv_i16_t convolve_i16[] = {spikec_conv_i16, spikec_conv_quads_i16, spikec_conv_words_i16};
static const conv_i32_t convolve_i32[] = {spikec_conv_i32, spikec_conv_quads_i32, spikec_conv_words_i32};

static uint32_t step_i16(const layer_t *self, const spikec_conv_t *conv)
{
    const int16_t theta = (int16_t)self->theta;
    int16_t *membrane = membranes.i16;
    if (self->dc) {
        spikec_fill_i16(membrane, self->outputs, biases.i16, self->bias_period);
    }
    uint32_t synops = convolve_i16[self->kind](conv, in, SPIKEC_WORDS(self->inputs), membrane);
    if (self->dc && self->theta_period == 0) {
        spikec_fire_dc_i16(membrane, self->outputs, theta, out);
    } else if (self->dc) {
        spikec_fire_dc_each_i16(membrane, self->outputs, thetas.i16, self->theta_period, out);
    } else if (self->theta_period == 0) {
        spikec_fire_ct_i16(membrane, self->outputs, biases.i16, self->bias_period, theta, out);
    } else {
        spikec_fire_ct_each_i16(membrane, self->outputs, biases.i16, self->bias_period, thetas.i16, self->theta_period,
                                out);
    }
    return synops;
}

static uint32_t step_i32(const layer_t *self, const spikec_conv_t *conv)
{
    const int32_t theta = (int32_t)self->theta;
    int32_t *membrane = membranes.i32;
    if (self->dc) {
        spikec_fill_i32(membrane, self->outputs, biases.i32, self->bias_period);
    }
    uint32_t synops = convolve_i32[self->kind](conv, in, SPIKEC_WORDS(self->inputs), membrane);
    if (self->dc && self->theta_period == 0) {
        spikec_fire_dc_i32(membrane, self->outputs, theta, out);
    } else if (self->dc) {
        spikec_fire_dc_each_i32(membrane, self->outputs, thetas.i32, self->theta_period, out);
    } else if (self->theta_period == 0) {
        spikec_fire_ct_i32(membrane, self->outputs, biases.i32, self->bias_period, theta, out);
    } else {
        spikec_fire_ct_each_i32(membrane, self->outputs, biases.i32, self->bias_period, thetas.i32, self->theta_period,
                                out);
    }
    return synops;
}

static int32_t membrane_at(const layer_t *self, uint32_t i)
{
    return self->bits == 16u ? membranes.i16[i] : membranes.i32[i];
}

static void begin(const layer_t *self)
{
    for (uint32_t i = 0; i < MAX_NEURONS; i++) {
        int32_t value = i < self->outputs ? 0 : MARK;
        if (self->bits == 16u) {
            membranes.i16[i] = (int16_t)value;
        } else {
            membranes.i32[i] = value;
        }
    }
}

/* How many values behind the neurons are others. */
static uint32_t broken(const layer_t *self)
{
    uint32_t count = 0;
    for (uint32_t i = self->outputs; i < self->outputs + 64u && i < MAX_NEURONS; i++) {
        count += membrane_at(self, i) != MARK;
    }
    return count;
}

static void put_spikes(const layer_t *self)
{
    for (uint32_t i = 0; i < SPIKEC_WORDS(self->outputs); i++) {
        put_word(out[i]);
    }
}

static void convolve(const layer_t *self)
{
    const spikec_conv_t conv = {.row = rows,
                                .column = columns,
                                .weight = weights,
                                .columns = (uint16_t)self->columns,
                                .channels = (uint16_t)self->channels,
                                .out_row = (uint16_t)self->out_row,
                                .kernel_row = self->kernel_row,
                                .kernel = self->kernel,
                                .inverse = self->inverse,
                                .shift = (uint8_t)self->shift,
                                .pairs = (uint8_t)self->pairs,
                                .offset = (uint8_t)self->offset};
    begin(self);
    for (uint32_t step = 0; step < self->steps; step++) {
        (void)get_words(in, SPIKEC_WORDS(self->inputs));
        uint32_t synops = self->bits == 16u ? step_i16(self, &conv) : step_i32(self, &conv);
        put_word(synops + broken(self));
        put_spikes(self);
        for (uint32_t i = 0; i < self->outputs; i++) {
            put_word((uint32_t)membrane_at(self, i));
        }
    }
}

static void pool(const layer_t *self)
{
    const spikec_pool_t pooling = {(uint16_t)self->channels, (uint16_t)self->out_row, (uint16_t)self->rows,
                                   (uint16_t)self->columns,  (uint16_t)self->kernel,  (uint16_t)self->stride};
    for (uint32_t step = 0; step < self->steps; step++) {
        (void)get_words(in, SPIKEC_WORDS(self->inputs));
        spikec_max_pool(&pooling, in, pool_row, out);
        put_spikes(self);
    }
}

int main(void)
{
    layer_t self;
    io_open();
    while (get_words((uint32_t *)&self, sizeof self / sizeof(uint32_t))) {
        (void)io_read((uint8_t *)weights, self.weights);
        get_values(&biases, self.biases, self.bits);
        get_values(&thetas, self.thetas, self.bits);
        if (self.kind == POOLING) {
            pool(&self);
        } else {
            get_spans(rows, self.rows);
            get_spans(columns, self.columns);
            convolve(&self);
        }
    }
    io_exit(0);
    return 0;
}
