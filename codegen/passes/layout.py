"""How a layer lies in memory: the order and the padding that the kernels of ``firmware/core`` are written for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Affine, Layer, fail

LANES = 8
"""``SPIKEC_LANES`` of firmware/core/spikec_kernels.h: rows are padded to a multiple of it."""


@dataclass(frozen=True)
class Layout:
    """``rows``: int8 (in, padded), row n is what a spike of input n adds; ``bias``: int32 (padded,).

    ``theta`` is one number where all neurons share it, else int32 (out,). The padding is zero.
    """

    padded: int
    rows: NDArray[np.int8]
    bias: NDArray[np.int32]
    theta: int | NDArray[np.int32]


def padded(size: int) -> int:
    """The next multiple of ``LANES``."""
    return -(-size // LANES) * LANES


def lay_out(layer: Layer) -> Layout:
    """The layout of a layer. Raises SpikecError where its kind of connection has none."""
    kind = layer.connection.kind
    if kind not in _LAYOUTS:
        known = ", ".join(sorted(_LAYOUTS))
        raise fail(f"layer {layer.name}", f"connections of kind '{kind}' have no layout in C", f"Known: {known}")
    return _LAYOUTS[kind](layer)


def _affine(layer: Layer) -> Layout:
    connection = layer.connection
    assert isinstance(connection, Affine)
    width = padded(layer.size)
    rows = np.zeros((connection.in_size, width), np.int8)
    rows[:, : layer.size] = connection.weight.T
    bias = np.zeros(width, np.int32)
    bias[: layer.size] = connection.bias
    return Layout(width, rows, bias, shared_threshold(layer.theta))


def shared_threshold(theta: NDArray[np.int32]) -> int | NDArray[np.int32]:
    """One number where all neurons share it."""
    return int(theta[0]) if np.all(theta == theta[0]) else theta


_LAYOUTS: dict[str, Callable[[Layer], Layout]] = {Affine.kind: _affine}
