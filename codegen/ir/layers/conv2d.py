"""A convolution: every presynaptic spike adds the kernel to the neurons around its place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from codegen.ir.errors import Problem
from codegen.ir.layers.base import Shape, Synapses, spell
from codegen.ir.neurons.base import Range

PATCH_BYTES = 8 << 20
"""Memory for the input patches of a product; frames are taken in chunks of about this size."""


@dataclass(frozen=True)
class Conv2d(Synapses):
    """Each neuron sums the spikes of a window, weighted by its channel's kernel.

    ``current[y, x, o] = bias[o] + sum over i, j, c of weight[o, i, j, c] * spikes[y * stride - padding + i,
    x * stride - padding + j, c]``, where spikes outside the input are 0. ``weight``: int8 (out, kernel_height,
    kernel_width, in), channels last as in CMSIS-NN; ``bias``: int32 (out,); ``height`` and ``width`` are the input's.
    """

    kind: ClassVar[str] = "conv2d"
    nir: ClassVar[str] = "Conv2d"
    height: int
    width: int
    stride: int = 1
    padding: int = 0

    @property
    def kernel(self) -> tuple[int, int]:
        """Height and width of the kernel."""
        return int(self.weight.shape[1]), int(self.weight.shape[2])

    @property
    def label(self) -> str:
        """See ``Connection.label``."""
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        return f"{self.kind} {spell(self.kernel)}{stride}{f', padding {self.padding}' if self.padding else ''}"

    @property
    def in_shape(self) -> Shape:
        """See ``Connection.in_shape``."""
        return self.height, self.width, int(self.weight.shape[3])

    @property
    def out_shape(self) -> Shape:
        """See ``Connection.out_shape``."""
        rows, columns = (
            (size + 2 * self.padding - kernel) // self.stride + 1
            for size, kernel in zip((self.height, self.width), self.kernel, strict=True)
        )
        return rows, columns, int(self.weight.shape[0])

    def current(self, spikes: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """See ``Synapses.current``: windows spelled out (im2col), and one matrix product for a chunk of frames."""
        frames = spikes.reshape(-1, *self.in_shape)
        rows, columns, channels = self.out_shape
        weight = self.weight.reshape(channels, -1).T.astype(dtype)
        out = np.empty((len(frames), rows * columns, channels), dtype)
        chunk = max(1, PATCH_BYTES // (rows * columns * len(weight) * out.itemsize))
        for start in range(0, len(frames), chunk):
            part = slice(start, start + chunk)
            np.matmul(self._patches(frames[part], dtype), weight, out=out[part].reshape(-1, channels))
        out += self.bias.astype(dtype)
        return out.reshape(*spikes.shape[:-1], self.out_size)

    def _patches(self, frames: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """The window of every neuron's place: (frames, height, width, in) to (frames * places, kernel inputs)."""
        edge = (self.padding, self.padding)
        padded = np.pad(frames, ((0, 0), edge, edge, (0, 0))).astype(dtype)
        windows = np.lib.stride_tricks.sliding_window_view(padded, self.kernel, axis=(1, 2))
        windows = windows[:, :: self.stride, :: self.stride].transpose(0, 1, 2, 4, 5, 3)
        return windows.reshape(-1, math.prod(windows.shape[3:]))

    def current_range(self) -> Range:
        """See ``Synapses.current_range``: at the edges, weights that meet the padding add nothing."""
        weight, bias = self.weight.astype(np.int64), self.bias.astype(np.int64)
        inside = [self._inside(axis).astype(np.int64) for axis in (0, 1)]
        low, high = (
            np.einsum("yi,xj,oij->yxo", *inside, bound(weight, 0).sum(axis=3), optimize=True) + bound(bias, 0)
            for bound in (np.minimum, np.maximum)
        )
        return Range(low.reshape(-1), high.reshape(-1))

    def _places(self, axis: int) -> NDArray[np.int64]:
        """Which input each tap of each output's window lies on along an axis, the padding counted: (outputs, taps)."""
        return np.arange(self.out_shape[axis])[:, None] * self.stride - self.padding + np.arange(self.kernel[axis])

    def _inside(self, axis: int) -> NDArray[np.bool_]:
        """Whether it is an input, not padding."""
        places = self._places(axis)
        return (places >= 0) & (places < self.in_shape[axis])

    def _reached(self, axis: int) -> NDArray[np.int64]:
        """How many outputs each input meets along an axis: int64 (inputs,)."""
        return np.bincount(self._places(axis)[self._inside(axis)], minlength=self.in_shape[axis]).astype(np.int64)

    def synops(self, spikes: NDArray[np.bool_]) -> NDArray[np.int64]:
        """See ``Connection.synops``: an input near the edge meets fewer neurons than one in the middle."""
        places = np.outer(self._reached(0), self._reached(1)).reshape(-1)
        counts = np.count_nonzero(spikes, axis=1).reshape(len(spikes), places.size, -1).sum(axis=2)
        synops: NDArray[np.int64] = counts @ places * self.out_shape[2]
        return synops

    def problems(self, where: str) -> list[Problem]:
        """See ``Connection.problems``."""
        if self.weight.ndim != 4 or self.bias.shape != self.weight.shape[:1] or 0 in self.weight.shape:
            shapes = f"weight has shape {self.weight.shape} and bias {self.bias.shape}"
            hint = "They must be (out, kernel_height, kernel_width, in) and (out,), neither empty"
            return [Problem(where, shapes, hint)]
        found = [
            Problem(where, f"{name} {value}", f"Use {least} or more")
            for name, least in (("height", 1), ("width", 1), ("stride", 1), ("padding", 0))
            if (value := getattr(self, name)) < least
        ]
        if not found and min(self.out_shape) < 1:
            size = f"{self.height + 2 * self.padding}x{self.width + 2 * self.padding} with its padding"
            what = f"the kernel is {self.kernel[0]}x{self.kernel[1]} but the input {size}"
            found.append(Problem(where, what, "Use a smaller kernel or more padding"))
        return found + self.weight_problems(where)

    def fields(self) -> dict[str, int]:
        """See ``Connection.fields``."""
        place = {"height": self.height, "width": self.width, "stride": self.stride, "padding": self.padding}
        return {"bits": self.bits, **place}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], fields: Mapping[str, Any]) -> Self:
        """See ``Connection.restore``."""
        return cls(weight=arrays["weight"], bias=arrays["bias"], **fields)
