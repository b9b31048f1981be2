"""From what was counted of every instruction to the rows of a profile: layers and phases, or functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from hostctl.profile.counts import Count, Counts, jumps
from hostctl.profile.models import CycleModel, Cycles, Place
from hostctl.profile.phases import PHASES, Kind, phase_of
from hostctl.profile.program import Instruction, Program

_Key = TypeVar("_Key", bound=Hashable)
_BEHIND = 4
"""So many instructions behind one can matter to a model: results come at most five cycles late."""


@dataclass(frozen=True)
class Totals:
    """Of the whole run: instructions, accesses to memory, branches taken (calls and returns, too), and cycles.

    ``estimated``: by the core's model, None without one; ``true_cycles``: of an emulator that knows them, else None.
    """

    instructions: int
    loads: int
    stores: int
    jumps: int
    estimated: Cycles | None
    true_cycles: int | None

    def __add__(self, other: Totals) -> Totals:
        mine, theirs = self.estimated, other.estimated
        true = (self.true_cycles, other.true_cycles)
        return Totals(
            self.instructions + other.instructions,
            self.loads + other.loads,
            self.stores + other.stores,
            self.jumps + other.jumps,
            None if mine is None or theirs is None else mine + theirs,
            None if true[0] is None or true[1] is None else true[0] + true[1],
        )


@dataclass(frozen=True)
class Row:
    """One phase of one layer (0: none, else its place from 1)."""

    layer: int
    phase: str
    totals: Totals

    @property
    def in_layer(self) -> bool:
        """Whether it is part of a layer's step: then its numbers are the same in every run."""
        return self.layer > 0


def nothing(estimated: bool, true_cycles: bool) -> Totals:
    """The sum of no rows."""
    return Totals(0, 0, 0, 0, Cycles(0, 0) if estimated else None, 0 if true_cycles else None)


class Ledger:
    """All counts of a run with what they cost. Raises ValueError for code that the disassembly does not know."""

    def __init__(self, program: Program, counts: Counts, model: CycleModel | None, *, true_cycles: bool) -> None:
        unknown = [each.address for each in counts.counts if each.address not in program.instructions]
        if unknown:
            raise ValueError(f"code ran at {unknown[0]:#x}, where the program's disassembly has none")
        self._program = program
        self._model = model
        self._true_cycles = true_cycles
        self._at = {(each.layer, each.phase, each.address): each for each in counts.counts}
        self._jumps = jumps(counts.counts, program)
        self._before = {each.address + each.size: each for each in program.instructions.values()}

    def rows(self) -> list[Row]:
        """Layers in their order, then what is beside them; phases in the order of ``PHASES``."""
        sums = self._sum(lambda count: (count.layer or len(self._at), count.phase, count.layer))
        return [Row(key[2], PHASES[key[1]].name, total) for key, total in sorted(sums.items())]

    def functions(self) -> list[tuple[int, str, str, Totals]]:
        """Layer, phase, name and totals of every function that ran in a layer, the largest first."""

        def key(count: Count) -> tuple[int, str, str] | None:
            function = self._program.function_at(count.address)
            if count.layer == 0 or function is None:
                return None
            return count.layer, PHASES[count.phase].name, function.name

        found = [(*name, total) for name, total in self._sum(key).items() if name is not None]
        return sorted(found, key=lambda each: (-each[3].instructions, each[:3]))

    def _sum(self, key: Callable[[Count], _Key]) -> dict[_Key, Totals]:
        sums: dict[_Key, Totals] = defaultdict(lambda: nothing(self._model is not None, self._true_cycles))
        for count in self._at.values():
            sums[key(count)] += self._totals(count)
        return dict(sums)

    def _totals(self, count: Count) -> Totals:
        place = self._place(count)
        loads, stores = (count.loads, count.stores) if not self._true_cycles else _avr_accesses(place)
        estimated = None if self._model is None else self._model.cycles(place)
        true = count.cycles if self._true_cycles else None
        return Totals(count.executed, loads, stores, place.jumps, estimated, true)

    def _place(self, count: Count) -> Place:
        key = (count.layer, count.phase, count.address)
        instruction = self._program.instructions[count.address]
        return Place(instruction, count, self._jumps[key], self._before.get(count.address), tuple(self._after(count)))

    def _after(self, count: Count) -> Iterable[tuple[Instruction, int]]:
        """The next instructions, each with how often it was reached from here in a straight line."""
        instruction, reached = self._program.instructions[count.address], count.executed
        for _ in range(_BEHIND):
            address = instruction.address + instruction.size
            if address not in self._program.instructions:
                return
            instruction = self._program.instructions[address]
            there = self._at.get((count.layer, count.phase, address))
            reached = min(reached, there.followed if there else 0)
            yield instruction, reached


_AVR_LOADS = ("ld", "ldd", "lds", "lpm", "elpm", "pop")
_AVR_STORES = ("st", "std", "sts", "push")


def _avr_accesses(place: Place) -> tuple[int, int]:
    """Loads and stores by the instruction itself: on an AVR each makes exactly one access."""
    name, executed = place.instruction.mnemonic, place.count.executed
    return (executed if name in _AVR_LOADS else 0), (executed if name in _AVR_STORES else 0)


def unknown_kernels(program: Program) -> list[str]:
    """Functions of ``firmware/core`` that no phase is known for."""
    return [each.name for each in program.functions if phase_of(each) == (Kind.KERNEL, "other kernels")]
