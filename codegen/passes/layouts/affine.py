"""Dense layers: a row of weights for every input, padded so that kernels need no tail."""

from __future__ import annotations

import math

import numpy as np

from codegen.ir import Affine, Layer
from codegen.ir.layers.base import Shape
from codegen.passes.layouts.base import Layout, Table, membrane_dtype, padded, thresholds


def lay_out(layer: Layer, bits: int) -> Layout:
    """Rows: int8 (in, padded), row n is what a spike of input n adds; biases: (padded,). The padding is zero."""
    connection = layer.connection
    assert isinstance(connection, Affine)
    inputs, width = connection.in_size, padded(layer.size)
    rows = np.zeros((inputs, width), np.int8)
    rows[:, : layer.size] = connection.weight.T
    bias = np.zeros(width, membrane_dtype(bits))
    bias[: layer.size] = connection.bias
    what = f"{connection.bits}-bit weights: a row of {width} for each of the {inputs} inputs"
    padding = f", {width - layer.size} of them padding" if width > layer.size else ""
    theta, theta_period, tables = thresholds(layer, bias.dtype)
    return Layout(
        membranes=width,
        tables=(Table("weight", rows, what + padding), Table("bias", bias, "biases and padding"), *tables),
        bias_period=layer.size,
        theta=theta,
        theta_period=theta_period,
        pointers=inputs + 1,
    )


def resized(connection: Affine, shape: Shape, channels: int) -> Affine:
    """See ``codegen.passes.layouts``."""
    weight = np.zeros((channels, math.prod(shape)), np.int8)
    return Affine(weight, np.zeros(channels, np.int32), connection.bits)
