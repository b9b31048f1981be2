"""Dense layers: a row of weights for every input, padded so that kernels need no tail.

Weights lie in bytes, with an offset that makes them positive: then words of four can be added like numbers, as long as
no byte overflows. Two weights of up to 7 bits fit a byte together, so their rows are added in pairs before anything is
widened; of up to 4 bits, sixteen rows are. Of every four weights the two in the middle have changed places: the bytes
0 and 2 of a word, which widen together, are neighbours then. Narrow weights may share a byte, which saves flash and
costs instructions. One more row stands for weights of 0: lists of rows are filled up with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Affine, Layer
from codegen.ir.layers.base import Shape
from codegen.passes.layouts.base import GROUP, Layout, Table, membrane_dtype, padded, thresholds

ORDER = (0, 2, 1, 3)
"""Of every four neurons, in which order their weights lie."""


@dataclass(frozen=True)
class Format:
    """How weights of up to ``bits`` lie in the table: plus ``offset``, ``in_byte`` of them in a byte.

    Rows have a multiple of ``lanes`` neurons. The kernels are called after ``name``.
    """

    name: str
    bits: int
    offset: int
    in_byte: int
    lanes: int


FORMATS = (
    Format("u7", bits=7, offset=64, in_byte=1, lanes=8),
    Format("u8", bits=8, offset=128, in_byte=1, lanes=8),
    Format("u4", bits=4, offset=8, in_byte=1, lanes=16),
    Format("p4", bits=4, offset=8, in_byte=2, lanes=16),
    Format("p2", bits=2, offset=1, in_byte=4, lanes=16),
)
"""Those for every machine first."""


def formats(connection: Affine) -> tuple[str, ...]:
    """The formats that hold the weights; the first suits every machine."""
    return tuple(known.name for known in FORMATS if connection.bits <= known.bits)


def lay_out(layer: Layer, bits: int, form: str = "") -> Layout:
    """Rows: uint8 (in + 1, padded / in_byte), row n is what a spike of input n adds; biases: (padded,).

    ``form``: a format of ``formats``, by default the first.
    """
    connection = layer.connection
    assert isinstance(connection, Affine)
    known = next(known for known in FORMATS if known.name == (form or formats(connection)[0]))
    inputs, width = connection.in_size, padded(layer.size, known.lanes)
    bias = np.zeros(width, membrane_dtype(bits))
    bias[: layer.size] = connection.bias
    theta, theta_period, tables = thresholds(layer, bias.dtype)
    weight = Table("weight", _rows(connection, known, width), _says(connection, known, width))
    return Layout(
        membranes=width,
        tables=(weight, Table("bias", bias, "biases and padding"), *tables),
        bias_period=layer.size,
        theta=theta,
        theta_period=theta_period,
        pointers=-(-inputs // GROUP) * GROUP,
        form=known.name,
        numbers={"row_bytes": width // known.in_byte},
    )


def _rows(connection: Affine, form: Format, width: int) -> NDArray[np.uint8]:
    inputs = connection.in_size
    rows = np.full((inputs + 1, width), form.offset, np.uint8)
    rows[:inputs, : connection.out_size] += connection.weight.T.astype(np.uint8)  # Modulo 256: right with signs, too.
    rows = rows.reshape(inputs + 1, -1, len(ORDER))[:, :, ORDER]
    # A byte takes the same place of neighbouring groups of four, the first in its lowest bits.
    together = rows.reshape(inputs + 1, -1, form.in_byte, len(ORDER))
    shifts = np.arange(form.in_byte, dtype=np.uint8) * np.uint8(8 // form.in_byte)
    packed: NDArray[np.uint8] = np.bitwise_or.reduce(together << shifts[:, None], axis=2)
    return packed.reshape(inputs + 1, width // form.in_byte)


def _says(connection: Affine, form: Format, width: int) -> str:
    shared = f", {form.in_byte} in a byte" if form.in_byte > 1 else ""
    what = f"{connection.bits}-bit weights plus {form.offset}{shared} ({form.name})"
    padding = f"; {width - connection.out_size} of a row are padding" if width > connection.out_size else ""
    return f"{what}: a row of {width} for each of the {connection.in_size} inputs, and one of zeros{padding}"


def resized(connection: Affine, shape: Shape, channels: int) -> Affine:
    """See ``codegen.passes.layouts``."""
    weight = np.zeros((channels, math.prod(shape)), np.int8)
    return Affine(weight, np.zeros(channels, np.int32), connection.bits)
