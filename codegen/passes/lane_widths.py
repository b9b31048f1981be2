"""How wide the registers of a layer's lanes are, in hardware: proved from the weights, whatever the input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Layer
from codegen.ir.layers.base import Synapses


def bits_for(count: int) -> int:
    """Bits that number ``count`` things; 1 at least.

    >>> bits_for(1), bits_for(2), bits_for(256), bits_for(257)
    (1, 1, 8, 9)
    """
    return max(1, (count - 1).bit_length())


def signed_bits(*values: int) -> int:
    """Bits of a signed number that holds all values.

    >>> signed_bits(-64, 63), signed_bits(64), signed_bits(0)
    (7, 8, 1)
    """
    return max((value if value >= 0 else ~value).bit_length() + 1 for value in values)


@dataclass(frozen=True)
class LaneWidths:
    """Bits of a weight, of the register that is added to a membrane, and of a membrane; its proved range.

    ``constants``: bits of a neuron's own threshold and bias, where they come from a memory.
    """

    weight: int
    add: int
    v: int
    low: int
    high: int
    constants: int


def lane_widths(layer: Layer, steps: int, *, banks: int, resident: bool) -> LaneWidths:
    """The widths of a layer that adds ``banks`` weights at once; ``resident``: each lane has one neuron for ever."""
    connection = layer.connection
    assert isinstance(connection, Synapses)
    theta, bias = layer.theta.astype(np.int64), biases(layer)
    bounds = layer.membrane_range(steps)
    low, high = int(bounds.low.min()), int(bounds.high.max())
    enter = bias - theta - 1
    held = [low, high, low - int(theta.max()) - 1, high - int(theta.min()) - 1, int(theta.max()) + 1]
    sum_bits = connection.bits + banks.bit_length() - 1
    v_bits = max(signed_bits(*held), sum_bits + 1)
    extra = [bias, bias - theta] if resident else [enter]
    extra_bits = signed_bits(*(int(edge) for values in extra for edge in (values.min(), values.max())))
    add_bits = min(max(sum_bits, extra_bits) + 1, v_bits)
    constants = 0
    if not resident:
        constants = v_bits * bool(np.any(theta != theta[0])) + add_bits * bool(np.any(enter != enter[0]))
    return LaneWidths(connection.bits, add_bits, v_bits, low, high, constants)


def biases(layer: Layer) -> NDArray[np.int64]:
    """The bias of every neuron: int64 (size,). Those of a convolution are its channels'."""
    connection = layer.connection
    assert isinstance(connection, Synapses)
    return np.resize(connection.bias.astype(np.int64), layer.size)
