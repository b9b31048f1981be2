"""How a layer lies in memory: the order and the padding that the kernels of ``firmware/core`` are written for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Layer

LANES = 8
"""``SPIKEC_LANES`` of firmware/core/spikec_kernels.h: rows of dense layers are padded to a multiple of it."""

GROUP = 4
"""``SPIKEC_GROUP``: the list of weight rows is filled up to a multiple of it with rows that add nothing."""

WRAP = 31
"""Values that repeat come with so many again behind them: a fire kernel reads 32 from any place of the period on."""


@dataclass(frozen=True)
class Table:
    """A constant array of the layer, named ``<layer>_<name>``: its values in the order and type of memory.

    Two dimensions are printed row by row.
    """

    name: str
    values: NDArray[Any]
    comment: str


@dataclass(frozen=True)
class Layout:
    """What a layer takes of memory, and what its templates print.

    ``membranes``: how many, padding included. ``theta`` is the threshold of all neurons, or None where the table
    'theta' holds them; tables 'bias' and 'theta' hold ``bias_period`` and ``theta_period`` values that repeat over the
    neurons. ``pointers`` and ``words`` (of 32 bits) are what a step needs besides; ``numbers`` are the kind's own.
    """

    membranes: int = 0
    tables: tuple[Table, ...] = ()
    bias_period: int = 0
    theta: int | None = None
    theta_period: int = 0
    pointers: int = 0
    words: int = 0
    form: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)


def padded(size: int, lanes: int = LANES) -> int:
    """The next multiple of ``lanes``."""
    return -(-size // lanes) * lanes


def thresholds(layer: Layer, dtype: np.dtype[Any]) -> tuple[int | None, int, tuple[Table, ...]]:
    """``theta`` and ``theta_period`` of a layout, and the table if there must be one."""
    theta, period = layer.theta, layer.threshold_period
    if period == 1:
        return int(theta[0]), 1, ()
    if period == theta.size:
        return None, period, (Table("theta", theta.astype(dtype), "thresholds"),)
    what = f"thresholds of the {period} channels, and the first again"
    return None, period, (Table("theta", np.resize(theta[:period], period + WRAP).astype(dtype), what),)


def membrane_dtype(bits: int) -> np.dtype[Any]:
    """The type of membranes, biases and thresholds: int16 or int32."""
    return np.dtype(f"int{bits}")
