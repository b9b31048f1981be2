"""What every neuron model has to say about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""Integers, held in any dtype that holds them exactly (int64, float32 below 2**24, float64 below 2**53)."""


@dataclass(frozen=True)
class Range:
    """Bounds that hold for every input, per neuron: int64 arrays of shape (n,), both inclusive."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]

    def join(self, other: Range) -> Range:
        """The smallest range that holds both."""
        return Range(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    @property
    def magnitude(self) -> int:
        """The largest absolute value in it."""
        if self.low.size == 0:
            return 0
        return int(max(abs(self.low.min()), abs(self.high.max())))


@dataclass(frozen=True)
class Neuron(ABC):
    """A layer of spiking neurons. ``theta`` is the threshold on the weights' grid: int32, shape (n,)."""

    kind: ClassVar[str]
    nir: ClassVar[str]
    """The NIR node that this model corresponds to."""
    has_memory: ClassVar[bool]
    """Whether the membrane outlives the step."""
    theta: NDArray[np.int32]

    @property
    def size(self) -> int:
        """Number of neurons."""
        return int(self.theta.shape[0])

    @abstractmethod
    def step(self, membrane: Array, current: Array) -> tuple[NDArray[np.bool_], Array]:
        """One time step of (..., n) membranes with the step's summed input (bias included).

        Returns the spikes and the membranes after the step, the latter in the dtype of ``current``.
        """

    @abstractmethod
    def membrane_range(self, current: Range, steps: int) -> Range:
        """Bounds of every value that the membrane takes within ``steps`` steps from rest, partial sums included.

        ``current`` bounds the step's input and every partial sum of it (so it always holds 0).
        """
