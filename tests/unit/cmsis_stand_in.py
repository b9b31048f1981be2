"""A folder with the layout, the headers and the signatures of a checkout of CMSIS-NN; what is in it is our own."""

TYPES = """
#ifndef ARM_NN_TYPES_H
#define ARM_NN_TYPES_H
#include <stdint.h>
typedef enum { ARM_CMSIS_NN_SUCCESS = 0, ARM_CMSIS_NN_ARG_ERROR = -1 } arm_cmsis_nn_status;
typedef struct { void *buf; int32_t size; } cmsis_nn_context;
typedef struct { int32_t n; int32_t h; int32_t w; int32_t c; } cmsis_nn_dims;
typedef struct { int32_t multiplier; int32_t shift; } cmsis_nn_per_tensor_quant_params;
typedef struct { int32_t min; int32_t max; } cmsis_nn_activation;
typedef struct {
    int32_t input_offset;
    int32_t filter_offset;
    int32_t output_offset;
    cmsis_nn_activation activation;
} cmsis_nn_fc_params;
#endif
"""

FUNCTIONS = """
#ifndef ARM_NNFUNCTIONS_H
#define ARM_NNFUNCTIONS_H
#include "arm_nn_types.h"
arm_cmsis_nn_status arm_fully_connected_s8(const cmsis_nn_context *ctx, const cmsis_nn_fc_params *fc_params,
                                           const cmsis_nn_per_tensor_quant_params *quant_params,
                                           const cmsis_nn_dims *input_dims, const int8_t *input,
                                           const cmsis_nn_dims *filter_dims, const int8_t *kernel,
                                           const cmsis_nn_dims *bias_dims, const int32_t *bias,
                                           const cmsis_nn_dims *output_dims, int8_t *output);
#endif
"""

SUPPORT = """
#ifndef ARM_NNSUPPORTFUNCTIONS_H
#define ARM_NNSUPPORTFUNCTIONS_H
#include "arm_nn_types.h"
arm_cmsis_nn_status arm_nn_vec_mat_mult_t_s8(const int8_t *lhs, const int8_t *rhs, const int32_t *kernel_sum,
                                             const int32_t *bias, int8_t *dst, int32_t lhs_offset, int32_t dst_offset,
                                             int32_t dst_multiplier, int32_t dst_shift, int32_t rhs_cols,
                                             int32_t rhs_rows, int32_t activation_min, int32_t activation_max,
                                             int32_t address_offset, int32_t rhs_offset);
#endif
"""

LAYER = """
#include "arm_nnfunctions.h"
#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_fully_connected_s8(const cmsis_nn_context *ctx, const cmsis_nn_fc_params *fc_params,
                                           const cmsis_nn_per_tensor_quant_params *quant_params,
                                           const cmsis_nn_dims *input_dims, const int8_t *input,
                                           const cmsis_nn_dims *filter_dims, const int8_t *kernel,
                                           const cmsis_nn_dims *bias_dims, const int32_t *bias,
                                           const cmsis_nn_dims *output_dims, int8_t *output)
{
    (void)bias_dims;
    for (int32_t i = 0; i < input_dims->n; i++) {
        (void)arm_nn_vec_mat_mult_t_s8(input + i * filter_dims->n, kernel, ctx->buf, bias, output + i * output_dims->c,
                                       fc_params->input_offset, fc_params->output_offset, quant_params->multiplier,
                                       quant_params->shift, filter_dims->n, output_dims->c, fc_params->activation.min,
                                       fc_params->activation.max, 1, fc_params->filter_offset);
    }
    return ARM_CMSIS_NN_SUCCESS;
}
"""

PRODUCT = """
#include "arm_nnsupportfunctions.h"

/* Half away from zero; a negative shift divides. */
static int32_t scaled(int32_t sum, int32_t multiplier, int32_t shift)
{
    int32_t high = (int32_t)((2 * (int64_t)sum * multiplier + (INT64_C(1) << 31)) >> 32);
    int64_t size = high < 0 ? -(int64_t)high : high, divisor = INT64_C(1) << -shift;
    int64_t rounded = (size + divisor / 2) / divisor;
    return (int32_t)(high < 0 ? -rounded : rounded);
}

arm_cmsis_nn_status arm_nn_vec_mat_mult_t_s8(const int8_t *lhs, const int8_t *rhs, const int32_t *kernel_sum,
                                             const int32_t *bias, int8_t *dst, int32_t lhs_offset, int32_t dst_offset,
                                             int32_t dst_multiplier, int32_t dst_shift, int32_t rhs_cols,
                                             int32_t rhs_rows, int32_t activation_min, int32_t activation_max,
                                             int32_t address_offset, int32_t rhs_offset)
{
    (void)kernel_sum;
    int32_t offset = dst_offset;
    for (int32_t row = 0; row < rhs_rows; row++) {
        volatile int32_t sum = bias[row];
        for (int32_t i = 0; i < rhs_cols; i++) {
            sum += (lhs[i] + lhs_offset) * (rhs[row * rhs_cols + i] + rhs_offset);
        }
        int32_t value = scaled(sum, dst_multiplier, dst_shift);
        value = value + offset;
        value = value < activation_min ? activation_min : value;
        dst[row * address_offset] = (int8_t)(value > activation_max ? activation_max : value);
    }
    return ARM_CMSIS_NN_SUCCESS;
}
"""

FILES = {
    "Include/arm_nn_types.h": TYPES,
    "Include/arm_nnfunctions.h": FUNCTIONS,
    "Include/arm_nnsupportfunctions.h": SUPPORT,
    "Source/FullyConnectedFunctions/arm_fully_connected_s8.c": LAYER,
    "Source/NNSupportFunctions/arm_nn_vec_mat_mult_t_s8.c": PRODUCT,
}


def write_checkout(root):
    """Write the folder, and return it."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text.lstrip())
    return root
