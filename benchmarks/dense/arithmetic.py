"""Dense networks in 8 bits, in numpy: the one definition of their arithmetic, to the bit.

A layer takes bytes x, and gives bytes: ``clamp(requantized(weight @ x + bias) + offset)``. A value r is stored as
``r / scale + zero point``, with one scale for each tensor; the inputs' zero point is a part of the bias already. This
is the arithmetic of TensorFlow Lite's int8 networks and of CMSIS-NN (Jacob et al. 2018, arXiv 1712.05877).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir import fail

Bytes = NDArray[np.int8]
LOW, HIGH = -127, 127
"""The values that inputs and hidden layers have; 0 is stored as ``LOW``, so that no bit is lost to a sign."""


@dataclass(frozen=True)
class DenseLayer:
    """One layer: ``weight`` int8 (out, in), ``bias`` int32 (out,), and how a sum becomes a byte.

    ``multiplier`` and ``shift``: a sum is multiplied by ``multiplier / 2**31 / 2**shift``, which rounds twice.
    ``offset`` is added to the result, and ``low`` and ``high`` bound it (``low`` at a zero point is a ReLU).
    """

    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    multiplier: int
    shift: int
    offset: int
    low: int
    high: int

    def forward(self, inputs: Bytes) -> Bytes:
        """Bytes (n, out) of bytes (n, in)."""
        sums = inputs.astype(np.float64) @ self.weight.T.astype(np.float64)  # Below 2**53, floats are exact.
        values = requantized(sums.astype(np.int64) + self.bias, self.multiplier, self.shift)
        return np.clip(values + self.offset, self.low, self.high).astype(np.int8)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one pass."""
        return self.weight.size


@dataclass(frozen=True)
class DenseNetwork:
    """Layers behind each other; the answer is the highest output, of equal ones the first."""

    name: str
    layers: tuple[DenseLayer, ...]

    def forward(self, inputs: Bytes) -> Bytes:
        """What the last layer gives: bytes (n, out) of bytes (n, in)."""
        for layer in self.layers:
            inputs = layer.forward(inputs)
        return inputs

    def answers(self, inputs: Bytes) -> NDArray[np.int64]:
        """The classes that it names: (n,)."""
        named: NDArray[np.int64] = self.forward(inputs).argmax(axis=1)
        return named

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one pass."""
        return sum(layer.macs for layer in self.layers)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, and the outputs of each layer."""
        return (self.layers[0].weight.shape[1], *(len(layer.weight) for layer in self.layers))


def requantized(sums: NDArray[np.int64], multiplier: int, shift: int) -> NDArray[np.int64]:
    """``sums * multiplier / 2**31``, rounded half up, divided by ``2**shift``, rounded half away from zero."""
    high = (sums * multiplier + (1 << 30)) >> 31
    if shift == 0:
        return high
    return (high - (high < 0) + (1 << (shift - 1))) >> shift


def multiplier_of(factor: float) -> tuple[int, int]:
    """A factor below 1/2 as (multiplier, shift): ``factor = multiplier / 2**31 / 2**shift``, with a shift of 1 to 31.

    Raises SpikecError for a factor that the kernels do not take.
    """
    mantissa, exponent = math.frexp(factor)
    multiplier = round(mantissa * 2**31)
    if multiplier == 2**31:
        multiplier, exponent = 2**30, exponent + 1
    if not 1 <= -exponent <= 31:
        raise fail("dense layer", f"scales its sums by {factor:g}", "Factors from 2**-32 up to 1/2 are possible")
    return multiplier, -exponent


# ---- quantization ----------------------------------------------------------------------------------------------------


def quantize(name: str, floats: Sequence[tuple[NDArray[Any], NDArray[Any]]], images: NDArray[Any]) -> DenseNetwork:
    """Quantize a float network after its training: layers of (weight, bias), a ReLU behind each but the last.

    ``images`` (n, in), float from 0 to 1, are training images: no value that they make is cut off.
    """
    layers = []
    scale, zero = 1 / (HIGH - LOW), LOW
    values = images.astype(np.float64)
    for i, (weight, bias) in enumerate(floats):
        hidden = i + 1 < len(floats)
        values = values @ weight.T.astype(np.float64) + bias
        values = np.maximum(values, 0) if hidden else values
        own = float(np.abs(weight).max()) / HIGH
        whole = np.rint(weight / own).astype(np.int8)
        sums = scale * own
        folded = np.rint(bias / sums).astype(np.int64) - zero * whole.sum(axis=1, dtype=np.int64)
        scale, zero = (values.max() / (HIGH - LOW), LOW) if hidden else (float(np.abs(values).max()) / HIGH, 0)
        multiplier, shift = multiplier_of(sums / scale)
        layers.append(DenseLayer(whole, folded.astype(np.int32), multiplier, shift, zero, LOW, HIGH))
    return DenseNetwork(name, tuple(layers))


def pixels(images: NDArray[np.uint8]) -> Bytes:
    """Images uint8 (n, ...) as what the first layer takes: (n, pixels), 0 to 255 as ``LOW`` to ``HIGH``."""
    flat = images.reshape(len(images), -1).astype(np.int64)
    return ((2 * flat * (HIGH - LOW) + 255) // 510 + LOW).astype(np.int8)


# ---- files -----------------------------------------------------------------------------------------------------------


def save_dense(network: DenseNetwork, path: Path) -> None:
    """Write a network: arrays alone, a few of each layer."""
    arrays: dict[str, NDArray[Any]] = {}
    for i, layer in enumerate(network.layers):
        constants = [layer.multiplier, layer.shift, layer.offset, layer.low, layer.high]
        arrays |= {f"weight{i}": layer.weight, f"bias{i}": layer.bias, f"constants{i}": np.array(constants, np.int32)}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def load_dense(path: Path) -> DenseNetwork:
    """Read a network; its name is the file's. Raises SpikecError when it cannot be read."""
    try:
        with np.load(path) as file:
            count = sum(key.startswith("weight") for key in file)
            layers = [
                DenseLayer(file[f"weight{i}"], file[f"bias{i}"], *map(int, file[f"constants{i}"])) for i in range(count)
            ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "Train it again with 'python benchmarks/dense/train.py'"
        raise fail(str(path), f"cannot be read ({error})", hint) from error
    return DenseNetwork(path.stem, tuple(layers))
