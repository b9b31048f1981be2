"""What a cycle model is: from counted instructions to bounds of their cycles, by a core's published timings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from hostctl.profile.counts import Count
from hostctl.profile.program import Instruction


@dataclass(frozen=True)
class Cycles:
    """Between ``low`` and ``high`` cycles; equal where the timings leave nothing open."""

    low: int
    high: int

    def __add__(self, other: Cycles) -> Cycles:
        return Cycles(self.low + other.low, self.high + other.high)

    @property
    def exact(self) -> bool:
        """Whether the timings leave nothing open."""
        return self.low == self.high


def exactly(cycles: int) -> Cycles:
    """Cycles that are known."""
    return Cycles(cycles, cycles)


@dataclass(frozen=True)
class Place:
    """An instruction with what it did: ``jumps``: how often it did not go on with the next one.

    ``before``: the instruction that lies before it, which it followed ``count.followed`` times.
    ``after``: the instructions that lie behind it, nearest first, each with how often it was reached from here in
    a straight line.
    """

    instruction: Instruction
    count: Count
    jumps: int
    before: Instruction | None
    after: tuple[tuple[Instruction, int], ...]


class CycleModel(ABC):
    """Published timings of one core. ``cores``: as boards name them in ``cpu.core``."""

    name: str
    cores: tuple[str, ...]
    source: str
    assumes: str

    @abstractmethod
    def cycles(self, place: Place) -> Cycles:
        """Cycles of all the times that an instruction ran."""
