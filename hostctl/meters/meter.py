"""What every power meter is to the rest: it starts, gives samples with times and the marker's level, and stops."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Chunk:
    """Consecutive samples, float64 (n,): ``times`` in seconds on the meter's clock, rising; ``watts``, NaN where a
    sample was lost or is not to be trusted; ``marker``, the level of the marker pin from 0 (low) to 1 (high).
    """

    times: Values
    watts: Values
    marker: Values


@dataclass(frozen=True)
class Fault:
    """Something that a meter said or that was seen in its data.

    ``kind``: ``lost`` (samples), ``overflow`` (of a buffer or a range), ``garbled`` (data that cannot be read) or
    ``error`` (the meter's own words). ``count``: samples, lines or times.
    """

    kind: str
    text: str
    count: int = 1


class Meter(ABC):
    """A power meter; ``name``: for people, ``period``: seconds between samples, ``faults``: what went wrong."""

    name: str
    period: float
    faults: list[Fault]

    @abstractmethod
    def start(self) -> None:
        """Begin to sample. Raises SpikecError when the meter is not there or refuses."""

    @abstractmethod
    def read(self) -> list[Chunk]:
        """Give what has come since the last call; waits some milliseconds for it where nothing has."""

    @abstractmethod
    def stop(self) -> list[Chunk]:
        """End sampling, give the rest, and let the meter go."""

    def take_line(self, line: str) -> bool:  # noqa: ARG002 (most meters do not hear the board)
        """Hear what the board under test says on its serial line (its ``LOG`` frames); whether it is meant for us."""
        return False

    def fault(self, kind: str, text: str, count: int = 1) -> None:
        """Note a fault; equal ones are counted together."""
        for i, known in enumerate(self.faults):
            if (known.kind, known.text) == (kind, text):
                self.faults[i] = Fault(kind, text, known.count + count)
                return
        self.faults.append(Fault(kind, text, count))
