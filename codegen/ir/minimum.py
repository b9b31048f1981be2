"""What a network takes of memory at the very least, whoever stores it: numbers times the bits that they need.

Weights have the bits that the network was quantized to, thresholds and biases those that the largest of a layer needs,
membranes those of their proved range, and a spike is one bit. Nothing is compressed, and there is no code.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir.layers.base import Synapses
from codegen.ir.network import Layer, Network

BUFFERS = 2
"""Steps of spikes between two layers: one is written while the other is read."""


@dataclass(frozen=True)
class LayerMinimum:
    """Bits of one layer: constants (``weights``, ``biases``, ``thresholds``), ``membranes``, and ``spikes`` it makes.

    ``weight_count``: how many weights there are; ``weight_bits``: bits of one. ``theta_count``: thresholds that are
    stored, 1 where all neurons share one.
    """

    layer: str
    weight_count: int
    weight_bits: int
    biases: int
    thresholds: int
    theta_count: int
    membranes: int
    spikes: int

    @property
    def weights(self) -> int:
        """Bits of all weights."""
        return self.weight_count * self.weight_bits


@dataclass(frozen=True)
class Minimum:
    """Bits that a network's constants and state need: its layers' and, of ``inputs``, a double buffer of spikes."""

    layers: tuple[LayerMinimum, ...]
    inputs: int

    @property
    def flash(self) -> dict[str, int]:
        """Bytes of constants by kind, each rounded up: weights, biases, thresholds."""
        return {
            "weights": _bytes(sum(layer.weights for layer in self.layers)),
            "biases": _bytes(sum(layer.biases for layer in self.layers)),
            "thresholds": _bytes(sum(layer.thresholds for layer in self.layers)),
        }

    @property
    def ram(self) -> dict[str, int]:
        """Bytes of state by kind, each rounded up: membranes, spikes."""
        return {
            "membranes": _bytes(sum(layer.membranes for layer in self.layers)),
            "spikes": _bytes(self.inputs + sum(layer.spikes for layer in self.layers)),
        }


def minimum(network: Network) -> Minimum:
    """Count the bits of a sound network."""
    layers = tuple(_layer(layer, network.steps) for layer in network.layers)
    return Minimum(layers, BUFFERS * network.in_size)


def needed_bits(low: int, high: int) -> int:
    """Bits of two's complement that hold every number from ``low`` to ``high``; 0 where all are 0."""
    if low == high == 0:
        return 0
    return 1 + max(high.bit_length() if high >= 0 else (~high).bit_length(), (~low).bit_length() if low < 0 else 0)


def _layer(layer: Layer, steps: int) -> LayerMinimum:
    connection, spikes = layer.connection, BUFFERS * layer.size
    if not isinstance(connection, Synapses):
        return LayerMinimum(layer.name, 0, 0, 0, 0, 0, 0, spikes)
    theta, bounds = layer.theta[: layer.threshold_period], layer.membrane_range(steps)
    return LayerMinimum(
        layer=layer.name,
        weight_count=connection.weight.size,
        weight_bits=connection.bits,
        biases=_bits_of(connection.bias),
        thresholds=_bits_of(theta),
        theta_count=theta.size,
        membranes=layer.size * needed_bits(int(bounds.low.min()), int(bounds.high.max())),
        spikes=spikes,
    )


def _bits_of(values: NDArray[np.int32]) -> int:
    return values.size * needed_bits(int(values.min()), int(values.max()))


def _bytes(bits: int) -> int:
    return -(-bits // 8)
