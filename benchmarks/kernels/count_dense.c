/*
 * count_dense.c: how many instructions a dense network in 8 bits takes, by each kernel. See count.h.
 *
 * For every input: for each kernel, the ticks of the whole network (the answer included), those of each layer, the answer, and
 * what the last layer gives. tables.h holds the network.
 */
#include "dense.h"

#include "count.h"

#include "tables.h"

#define ROOM(n) (((n) + 7u) & ~7u)

static uint32_t spread[ROOM(WIDEST) / 2u];
static int8_t buffers[LAYERS + 1][ROOM(WIDEST)] __attribute__((aligned(8)));

typedef void (*kernel_t)(const dense_layer_t *layer, const int8_t *in, int8_t *out);

#ifdef WITH_PACKED
static void packed(const dense_layer_t *layer, const int8_t *in, int8_t *out)
{
    dense_packed(layer, in, out, spread);
}
#endif

#ifdef WITH_CMSIS_NN
#include "cmsis_nn.h"
#endif

static const kernel_t kernels[] = {
    dense_two_rows,
#ifdef WITH_PACKED
    packed,
#endif
#ifdef WITH_CMSIS_NN
    cmsis_nn_layer,
#endif
};

static uint32_t highest(const int8_t *values, uint32_t count)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < count; i++) {
        best = values[i] > values[best] ? i : best; /* ties go to the lowest */
    }
    return best;
}

static __attribute__((noinline)) uint32_t run(kernel_t kernel)
{
    for (uint32_t i = 0; i < LAYERS; i++) {
        kernel(&layers[i], buffers[i], buffers[i + 1]);
    }
    return highest(buffers[LAYERS], layers[LAYERS - 1].outputs);
}

static void measure(kernel_t kernel)
{
    uint32_t start = now();
    uint8_t answer = (uint8_t)run(kernel);
    report(start);
    for (uint32_t i = 0; i < LAYERS; i++) {
        start = now();
        kernel(&layers[i], buffers[i], buffers[i + 1]);
        report(start);
    }
    io_write(&answer, 1);
    io_write((const uint8_t *)buffers[LAYERS], layers[LAYERS - 1].outputs);
}

int main(void)
{
    begin(0, 0);
    while (io_read((uint8_t *)buffers[0], layers[0].inputs) == layers[0].inputs) {
        for (uint32_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
            measure(kernels[i]);
        }
    }
    io_exit(0);
    return 0;
}
