"""What every kind of connection has to say about itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from codegen.ir.errors import Problem
from codegen.ir.neurons.base import Range


@dataclass(frozen=True)
class Connection(ABC):
    """The synapses between one spike vector and the neurons behind it."""

    kind: ClassVar[str]
    nir: ClassVar[str]
    """The NIR node that this connection corresponds to."""

    @property
    @abstractmethod
    def in_size(self) -> int:
        """Number of presynaptic spikes."""

    @property
    @abstractmethod
    def out_size(self) -> int:
        """Number of postsynaptic neurons."""

    @abstractmethod
    def current(self, spikes: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """Summed input of every neuron, bias included: (..., in_size) spikes to (..., out_size) values of ``dtype``."""

    @abstractmethod
    def current_range(self) -> Range:
        """Bounds of the summed input over all spike vectors, every partial sum included (so 0 is in it)."""

    @abstractmethod
    def synops(self, active: NDArray[np.int64]) -> NDArray[np.int64]:
        """Synaptic operations (weight additions) for the given numbers of active inputs."""

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
