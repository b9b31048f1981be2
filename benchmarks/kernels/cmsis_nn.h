/* cmsis_nn.h: a dense layer by CMSIS-NN's arm_fully_connected_s8(), from the user's checkout. */
#include "arm_nnfunctions.h"

static void cmsis_nn_layer(const dense_layer_t *layer, const int8_t *in, int8_t *out)
{
    const int32_t inputs = (int32_t)layer->inputs, outputs = (int32_t)layer->outputs;
    const cmsis_nn_context context = {.buf = 0, .size = 0}; /* used for Helium alone */
    const cmsis_nn_fc_params params = {
        .input_offset = 0,
        .filter_offset = 0,
        .output_offset = layer->offset,
        .activation = {.min = layer->low, .max = layer->high},
    };
    const cmsis_nn_per_tensor_quant_params quant = {.multiplier = layer->multiplier, .shift = -layer->shift};
    const cmsis_nn_dims in_dims = {.n = 1, .h = 1, .w = 1, .c = inputs};
    const cmsis_nn_dims filter_dims = {.n = inputs, .h = 1, .w = 1, .c = outputs};
    const cmsis_nn_dims out_dims = {.n = 1, .h = 1, .w = 1, .c = outputs};
    if (arm_fully_connected_s8(&context, &params, &quant, &in_dims, in, &filter_dims, layer->weight, &out_dims, layer->bias,
                               &out_dims, out) != ARM_CMSIS_NN_SUCCESS) {
        io_exit(4);
    }
}
