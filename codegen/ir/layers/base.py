"""What every kind of connection has to say about itself."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from codegen.ir.errors import Problem
from codegen.ir.neurons.base import Range

MIN_BITS, MAX_BITS = 2, 8
"""Widths that weights can have."""

Shape = tuple[int, ...]
"""``(rows, columns, channels)``, or ``(n,)`` for a flat vector.

Channels come last: the index is ``(row * columns + column) * channels + channel``.
"""


def spell(shape: Shape) -> str:
    """A shape for people: '28x28x1', or '256' for a flat one."""
    return "x".join(map(str, shape))


@dataclass(frozen=True)
class Connection(ABC):
    """What stands between one spike vector and the next."""

    kind: ClassVar[str]
    nir: ClassVar[str]
    """The NIR node that this connection corresponds to."""

    @property
    def label(self) -> str:
        """What people call it: its kind, with what tells it from others of this kind."""
        return self.kind

    @property
    @abstractmethod
    def in_shape(self) -> Shape:
        """Shape of the presynaptic spikes. A flat one takes any shape of its size."""

    @property
    @abstractmethod
    def out_shape(self) -> Shape:
        """Shape of what comes out."""

    @property
    def in_size(self) -> int:
        """Number of presynaptic spikes."""
        return math.prod(self.in_shape)

    @property
    def out_size(self) -> int:
        """Number of postsynaptic neurons, or of spikes for a connection without neurons."""
        return math.prod(self.out_shape)

    @abstractmethod
    def synops(self, spikes: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Synaptic operations (weight additions: an input spike times a neuron that it reaches) of each sample.

        ``spikes``: bool (samples, steps, in_size). Returns int64 (samples,).
        """

    @abstractmethod
    def problems(self, where: str) -> list[Problem]:
        """All that is wrong with it, each with its place."""

    @abstractmethod
    def arrays(self) -> dict[str, NDArray[Any]]:
        """The integer arrays that define it, by name, in the dtypes of the file format."""

    @abstractmethod
    def fields(self) -> dict[str, int]:
        """The plain numbers that define it."""

    @classmethod
    @abstractmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], fields: Mapping[str, Any]) -> Self:
        """The inverse of ``arrays`` and ``fields``."""


@dataclass(frozen=True)
class Synapses(Connection):
    """A connection with weights, behind which neurons stand.

    ``weight``: int8, each within the signed ``bits`` (2 to 8, symmetric: ``-(2**(bits-1) - 1)`` up to
    ``2**(bits-1) - 1``). ``bias``: int32, on the weights' grid. The kinds of connection give their shapes.
    """

    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    bits: int

    @abstractmethod
    def current(self, spikes: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """Summed input of every neuron, bias included: (..., in_size) spikes to (..., out_size) values of ``dtype``."""

    @abstractmethod
    def current_range(self) -> Range:
        """Bounds of the summed input over all spike vectors, every partial sum included (so 0 is in it)."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See ``Connection.arrays``."""
        return {"weight": self.weight, "bias": self.bias}

    def fields(self) -> dict[str, int]:
        """See ``Connection.fields``."""
        return {"bits": self.bits}

    def weight_problems(self, where: str) -> list[Problem]:
        """Weights that do not fit their bits."""
        if not MIN_BITS <= self.bits <= MAX_BITS:
            return [Problem(where, f"weights of {self.bits} bits are not supported", f"Use {MIN_BITS} to {MAX_BITS}")]
        limit = 2 ** (self.bits - 1) - 1
        wide = np.argwhere(np.abs(self.weight.astype(np.int16)) > limit)
        if not wide.size:
            return []
        place = tuple(wide[0].tolist())
        value = f"weight[{', '.join(map(str, place))}] = {int(self.weight[place])}"
        text = f"{value} does not fit {self.bits} signed bits ({len(wide)} such weights)"
        return [Problem(where, text, f"Symmetric {self.bits}-bit weights go from {-limit} to {limit}")]


@dataclass(frozen=True)
class Pooling(Connection):
    """A connection that joins spikes: no weights, no neurons, no membranes."""

    @abstractmethod
    def pool(self, spikes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Join bool (..., in_size) spikes to (..., out_size)."""

    def synops(self, spikes: NDArray[np.bool_]) -> NDArray[np.int64]:
        """See ``Connection.synops``: there are no weights to add."""
        return np.zeros(spikes.shape[0], np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See ``Connection.arrays``: there are none."""
        return {}
