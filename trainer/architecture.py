"""Layers as recipes write them: ``256`` (fully connected), ``"12c5"`` (convolution), ``"mp2"`` (max-pooling)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HINT = 'Write 256 (neurons), "12c5" (12 channels, kernel 5; "12c5s2p1": stride 2, padding 1) or "mp2" (pooling)'
_CONV = re.compile(r"(\d+)c(\d+)(?:s(\d+))?(?:p(\d+))?\Z")
_POOL = re.compile(r"mp(\d+)\Z")

Shape = tuple[int, ...]
"""(rows, columns, channels), or (n,)."""


@dataclass(frozen=True)
class Dense:
    """``size`` fully connected neurons."""

    size: int

    def out_shape(self, shape: Shape) -> Shape:  # noqa: ARG002 (any shape will do)
        """Shape behind the layer."""
        return (self.size,)


@dataclass(frozen=True)
class Conv:
    """A convolution with ``channels`` outputs; ``padding`` zeros on every side."""

    channels: int
    kernel: int
    stride: int = 1
    padding: int = 0

    def out_shape(self, shape: Shape) -> Shape:
        """Shape behind the layer. Raises ValueError where it does not fit."""
        return (*_windows(shape, self.kernel, self.stride, self.padding), self.channels)


@dataclass(frozen=True)
class Pool:
    """The OR of ``kernel`` x ``kernel`` spikes."""

    kernel: int

    def out_shape(self, shape: Shape) -> Shape:
        """Shape behind the layer. Raises ValueError where it does not fit."""
        return (*_windows(shape, self.kernel, self.kernel, 0), shape[2])


Spec = Dense | Conv | Pool


def parse(word: int | str) -> Spec:
    """Read one layer. Raises ValueError, with what is wrong, for anything else.

    >>> parse("12c5"), parse("mp2"), parse(256)
    (Conv(channels=12, kernel=5, stride=1, padding=0), Pool(kernel=2), Dense(size=256))
    """
    text = str(word)
    if text.isdigit():
        spec: Spec = Dense(int(text))
    elif match := _CONV.match(text):
        channels, kernel, stride, padding = match.groups()
        spec = Conv(int(channels), int(kernel), int(stride or 1), int(padding or 0))
    elif match := _POOL.match(text):
        spec = Pool(int(match[1]))
    else:
        raise ValueError(f"'{text}' is no layer")
    if 0 in [value for name, value in vars(spec).items() if name != "padding"]:
        raise ValueError(f"'{text}' has a size of 0")
    return spec


def shapes(in_shape: Shape, specs: Sequence[Spec]) -> Iterator[tuple[Spec, Shape, Shape]]:
    """Every layer with the shapes before and behind it. Raises ValueError where a layer does not fit."""
    for spec in specs:
        out = spec.out_shape(in_shape)
        if math.prod(out) == 0:
            raise ValueError(f"{spec} leaves nothing of an input of {in_shape[0]}x{in_shape[1]}")
        yield spec, in_shape, out
        in_shape = out


def _windows(shape: Shape, kernel: int, stride: int, padding: int) -> tuple[int, int]:
    if len(shape) != 3:
        raise ValueError("a fully connected layer has no rows and columns for a convolution or pooling behind it")
    rows, columns = (max(0, (size + 2 * padding - kernel) // stride + 1) for size in shape[:2])
    return rows, columns
