"""Dense layers: a row of weights for every input, padded so that kernels need no tail.

Weights lie in bytes, with an offset that makes them positive: then words of four can be added like numbers, as long as no
byte overflows. Two weights of up to 7 bits fit a byte together, so their rows are added in pairs before anything is
widened. Of every four weights the two in the middle have changed places: the bytes 0 and 2 of a word, which widen
together, are neighbours then. One more row stands for a weight of 0 everywhere: lists of rows are filled up with it.
"""

from __future__ import annotations

import math

import numpy as np

from codegen.ir import Affine, Layer
from codegen.ir.layers.base import Shape
from codegen.passes.layouts.base import GROUP, Layout, Table, membrane_dtype, padded, thresholds

PAIR_BITS = 7
"""Weights of so many bits can be added in pairs within a byte."""
ORDER = (0, 2, 1, 3)
"""Of every four neurons, in which order their weights lie."""


def lay_out(layer: Layer, bits: int) -> Layout:
    """Rows: uint8 (in + 1, padded), row n is what a spike of input n adds; biases: (padded,), 0 in the padding."""
    connection = layer.connection
    assert isinstance(connection, Affine)
    inputs, width = connection.in_size, padded(layer.size)
    offset = 1 << (max(PAIR_BITS, connection.bits) - 1)
    rows = np.full((inputs + 1, width), offset, np.uint8)
    rows[:inputs, : layer.size] += connection.weight.T.astype(np.uint8)  # Modulo 256: negative weights come out right.
    rows = rows.reshape(inputs + 1, -1, len(ORDER))[:, :, ORDER].reshape(inputs + 1, width)
    bias = np.zeros(width, membrane_dtype(bits))
    bias[: layer.size] = connection.bias
    what = f"{connection.bits}-bit weights plus {offset}: a row of {width} for each of the {inputs} inputs, and one of zeros"
    padding = f"; {width - layer.size} of a row are padding" if width > layer.size else ""
    theta, theta_period, tables = thresholds(layer, bias.dtype)
    return Layout(
        membranes=width,
        tables=(Table("weight", rows, what + padding), Table("bias", bias, "biases and padding"), *tables),
        bias_period=layer.size,
        theta=theta,
        theta_period=theta_period,
        pointers=-(-inputs // GROUP) * GROUP,
        numbers={"offset_bits": max(PAIR_BITS, connection.bits)},
    )


def resized(connection: Affine, shape: Shape, channels: int) -> Affine:
    """See ``codegen.passes.layouts``."""
    weight = np.zeros((channels, math.prod(shape)), np.int8)
    return Affine(weight, np.zeros(channels, np.int32), connection.bits)
