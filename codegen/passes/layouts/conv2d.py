"""Convolutions: what one input spike adds lies in as many contiguous runs as the kernel has rows.

With channels last, the neurons that one input reaches in one output row are neighbours in memory. So the weights of an
input channel are stored by kernel row, each row flipped: then a run of weights meets a run of membranes. With a stride,
only every ``stride``-th tap of a row meets a given input, so taps are grouped by their remainder first. Two tables say
for every input row and column where its runs begin and how long they are; the edges of the picture are in them.

Weights are bytes: with signs (s8), as some cores add them to membranes; or, where channels come in fours, plus an
offset that makes them positive (u7, u8), as for dense layers, so that others can add words of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Conv2d, Layer, fail
from codegen.ir.layers.base import Shape
from codegen.passes.layouts.base import WRAP, Layout, Table, membrane_dtype, thresholds

QUAD = 4
"""Where channels come in groups of so many, the weights of a group lie in the order ``QUAD_ORDER``."""
QUAD_ORDER = (0, 2, 1, 3)
"""Then one instruction widens weights 0 and 1 (bytes 0 and 2 of a word) to the lanes of two 16-bit membranes."""

PAIR_BITS = 7
"""The sum of any two weights of up to so many bits fits a byte: kernels may add two before they widen them."""

OFFSETS = {"s8": 0, "u7": 64, "u8": 128}
"""Formats, and what they add to weights."""

SPAN = np.dtype([("out", np.uint16), ("count", np.uint16), ("weight", np.uint32)])
"""``spikec_span_t`` of firmware/core/spikec_kernels.h."""


def formats(connection: Conv2d) -> tuple[str, ...]:
    """See ``codegen.passes.layouts``."""
    if connection.out_shape[2] % QUAD != 0:
        return ("s8",)
    return ("s8", "u7" if connection.bits <= PAIR_BITS else "u8")


def lay_out(layer: Layer, bits: int, form: str = "") -> Layout:
    """Weights: int8 (in * kernel rows, kernel columns * out); biases of the channels; spans of rows and columns."""
    connection = layer.connection
    assert isinstance(connection, Conv2d)
    (rows, columns), (_, width, channels) = connection.kernel, connection.out_shape
    inputs, dtype = connection.in_shape[2], membrane_dtype(bits)
    bias = np.resize(connection.bias, channels + WRAP).astype(dtype)
    theta, theta_period, tables = thresholds(layer, dtype)
    rows_of = f"{rows} kernel row{'s' if rows > 1 else ''} of {columns} x {channels}, flipped"
    form = form or formats(connection)[0]
    offset, (inverse, shift) = OFFSETS[form], _inverse(connection)
    plus = f" plus {offset} ({form})" if offset else ""
    quads = ", in quads" if channels % QUAD == 0 else ""
    what = f"{connection.bits}-bit weights{plus}: for each of {inputs} input channels, {rows_of}{quads}"
    return Layout(
        membranes=layer.size,
        tables=(
            Table("weight", (_weights(connection).view(np.uint8) + np.uint8(offset)).view(np.int8), what),
            Table("bias", bias, f"biases of the {channels} channels, and the first again"),
            *tables,
            Table("row", _spans(connection, 0, width * channels, columns * channels), _says("row")),
            Table("column", _spans(connection, 1, channels, channels), _says("column")),
        ),
        bias_period=channels,
        theta=theta,
        theta_period=theta_period,
        form=form,
        numbers={
            "quads": channels % QUAD == 0,
            "offset": offset,
            "inverse": inverse,
            "shift": shift,
            "columns": connection.width,
            "channels": inputs,
            "out_row": width * channels,
            "kernel_row": columns * channels,
            "kernel": rows * columns * channels,
            "pairs": connection.bits <= PAIR_BITS,
        },
    )


def _says(axis: str) -> str:
    count = "kernel rows" if axis == "row" else "weights a run"
    return f"for a spike in each input {axis}: its first neuron, {count}, its first weight"


def _weights(connection: Conv2d) -> NDArray[np.int8]:
    """As rows of a matrix: for each input channel, its kernel rows."""
    down, right = (_order(kernel, connection.stride) for kernel in connection.kernel)
    weight = connection.weight.transpose(3, 1, 2, 0)[:, down][:, :, right]
    if weight.shape[3] % QUAD == 0:
        quads = weight.reshape(-1, QUAD)[:, QUAD_ORDER]
        weight = quads.reshape(weight.shape)
    return weight.reshape(weight.shape[0] * weight.shape[1], -1)


def _inverse(connection: Conv2d) -> tuple[int, int]:
    """Factor and shift: place * factor >> shift is place // channels, in 32 bits, for places in a row of the input."""
    _, columns, channels = connection.in_shape
    places = np.arange(columns * channels, dtype=np.uint64)
    for shift in range(32):
        factor = -(-(1 << shift) // channels)
        products = places * np.uint64(factor)
        if np.array_equal(products >> np.uint64(shift), places // channels) and products[-1] < 1 << 32:
            return factor, shift
    hint = "Pictures with so wide rows have no kernel"
    raise fail("conv2d", f"a row of {columns} x {channels} inputs is not divided by a product of 32 bits", hint)


def _order(kernel: int, stride: int) -> list[int]:
    """The taps of a kernel along an axis: grouped by what they leave divided by the stride, each group backwards."""
    return [tap for rest in range(stride) for tap in reversed(range(rest, kernel, stride))]


def _spans(connection: Conv2d, axis: int, out: int, weight: int) -> NDArray[np.void]:
    """For every input along an axis: its first neuron, how many it reaches, and its first weight.

    ``out`` and ``weight``: how many membranes and weights there are from one place of the axis to the next.
    """
    stride, order = connection.stride, _order(connection.kernel[axis], connection.stride)
    spans = np.zeros(connection.in_shape[axis], SPAN)
    for place in range(len(spans)):
        reached = [
            ((place + connection.padding - tap) // stride, position)
            for position, tap in enumerate(order)
            if (place + connection.padding - tap) % stride == 0
            and 0 <= (place + connection.padding - tap) // stride < connection.out_shape[axis]
        ]
        if reached:
            first, position = reached[0]
            count = len(reached) * (1 if axis == 0 else out)
            spans[place] = first * out, count, position * weight
    return spans


def resized(connection: Conv2d, shape: Shape, channels: int) -> Conv2d:
    """See ``codegen.passes.layouts``."""
    rows, columns, inputs = shape
    weight = np.zeros((channels, *connection.kernel, inputs), np.int8)
    bias = np.zeros(channels, np.int32)
    return Conv2d(weight, bias, connection.bits, rows, columns, connection.stride, connection.padding)
