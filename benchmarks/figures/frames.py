"""Networks without memory, frame by frame, in compiled loops: each step of each draw is a frame of its own.

As on a device, every spike adds its weights to the membranes that it reaches, and pooling is an OR. Membranes have 16
bits where the layer's proved range fits them, as on a device, else 32: the spikes are the reference simulator's, bit
for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from codegen.ir import Affine, Conv2d, Layer, MaxPool2d, Network, fail

BATCH = 64
"""Frames that go through a layer together: few enough to stay in the processor's cache."""
Spikes = NDArray[np.bool_]
Stage = Callable[[Spikes, Spikes], None]
"""Fills the second array, the layer's spikes (frames, out), from those before it (frames, in)."""


class Frames:
    """A network without memory, ready to take frames.

    Raises SpikecError for one with memory, whose steps depend on each other.
    """

    def __init__(self, network: Network) -> None:
        if any(layer.neuron is not None and layer.neuron.has_memory for layer in network.layers):
            raise fail(f"network '{network.name}'", "has memory over its steps", "Give one of SNN-DC neurons")
        self._layers = [(_stage(layer), layer.size) for layer in network.layers]
        self.out_size = network.out_size

    def run(self, frames: Spikes) -> Spikes:
        """Input spikes bool (frames, in) to the output layer's, bool (frames, out)."""
        out = np.empty((len(frames), self.out_size), np.bool_)
        for start in range(0, len(frames), BATCH):
            spikes = np.ascontiguousarray(frames[start : start + BATCH])
            for stage, size in self._layers:
                before, spikes = spikes, np.empty((len(spikes), size), np.bool_)
                stage(before, spikes)
            out[start : start + BATCH] = spikes
        return out


def _stage(layer: Layer) -> Stage:
    connection = layer.connection
    if isinstance(connection, MaxPool2d):
        return _pool(connection)
    assert layer.neuron is not None
    narrow = layer.membrane_range(1).magnitude < 2**15
    theta = layer.neuron.theta.astype(np.int32)
    if isinstance(connection, Affine):
        return _affine(connection, theta, np.int16 if narrow else np.int32)
    if isinstance(connection, Conv2d):
        return _conv(connection, theta, np.int16 if narrow else np.int32)
    raise fail(f"layer '{layer.name}'", f"is of kind {connection.kind}", "Dense, convolution and max-pooling are known")


# Sizes are closed over, not passed: numba takes them for constants, and LLVM makes vectors of the loops over channels.


def _affine(connection: Affine, theta: NDArray[np.int32], dtype: Any) -> Stage:
    """Rows of weights, one for each input, are added up."""
    weight, bias = np.ascontiguousarray(connection.weight.T).astype(dtype), connection.bias.astype(dtype)
    inputs, outputs = connection.in_size, connection.out_size

    @njit
    def run(spikes, weight, bias, theta, out):  # type: ignore[no-untyped-def]
        membrane = np.empty(outputs, bias.dtype)
        for frame in range(len(spikes)):
            membrane[:] = bias
            for i in range(inputs):
                if spikes[frame, i]:
                    for k in range(outputs):
                        membrane[k] += weight[i, k]
            for k in range(outputs):
                out[frame, k] = membrane[k] > theta[k]

    return lambda spikes, out: run(spikes, weight, bias, theta, out)


def _conv(connection: Conv2d, theta: NDArray[np.int32], dtype: Any) -> Stage:
    """Each spike adds a kernel's patch: for each row of the kernel, a run of weights to a run of neurons."""
    height, width, channels = connection.in_shape
    rows, columns, outputs = connection.out_shape
    taps, spans = zip(*(_spans(connection, axis) for axis in (0, 1)), strict=True)
    weight = connection.weight[:, taps[0]][:, :, taps[1]].transpose(3, 1, 2, 0)
    weight = np.ascontiguousarray(weight.reshape(channels, len(taps[0]), -1)).astype(dtype)
    bias = np.tile(connection.bias.astype(dtype), rows * columns)

    @njit
    def run(spikes, weight, bias, theta, down, across, out):  # type: ignore[no-untyped-def]
        membrane = np.empty(len(bias), bias.dtype)
        for frame in range(len(spikes)):
            membrane[:] = bias
            for at in range(height * width * channels):
                if spikes[frame, at]:
                    pixel, channel = at // channels, at % channels
                    y, first_row, high = down[pixel // width]
                    x, first, wide = across[pixel % width]
                    for i in range(high):
                        start = ((y + i) * columns + x) * outputs
                        to = membrane[start : start + wide * outputs]
                        patch = weight[channel, first_row + i, first * outputs : (first + wide) * outputs]
                        for k in range(len(to)):
                            to[k] += patch[k]
            for k in range(len(bias)):
                out[frame, k] = membrane[k] > theta[k]

    return lambda spikes, out: run(spikes, weight, bias, theta, spans[0], spans[1], out)


def _spans(connection: Conv2d, axis: int) -> tuple[list[int], NDArray[np.int64]]:
    """Along an axis, the kernel's taps in such an order that what one input meets is a run, and those runs.

    A run is, for each input, its first output, the place of the tap that leads there, and the number of outputs.
    """
    stride, kernel = connection.stride, connection.kernel[axis]
    taps = sorted(range(kernel), key=lambda tap: (tap % stride, -tap))
    runs = np.zeros((connection.in_shape[axis], 3), np.int64)
    for i in range(len(runs)):
        met = [o for o in range(connection.out_shape[axis]) if 0 <= i + connection.padding - o * stride < kernel]
        if met:
            runs[i] = met[0], taps.index(i + connection.padding - met[0] * stride), len(met)
    return taps, runs


def _pool(connection: MaxPool2d) -> Stage:
    """The OR of every window."""
    height, width, channels = connection.in_shape
    rows, columns, _ = connection.out_shape
    kernel, stride = connection.kernel, connection.stride

    @njit
    def run(spikes, out):  # type: ignore[no-untyped-def]
        for frame in range(len(spikes)):
            picture = spikes[frame].reshape(height, width, channels)
            pooled = out[frame].reshape(rows, columns, channels)
            for y in range(rows):
                for x in range(columns):
                    for k in range(channels):
                        pooled[y, x, k] = False
                    for i in range(kernel):
                        for j in range(kernel):
                            for k in range(channels):
                                pooled[y, x, k] |= picture[y * stride + i, x * stride + j, k]

    compiled: Stage = run
    return compiled
