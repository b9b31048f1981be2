"""Cortex-M3 and M4: three pipeline stages, neighbouring loads overlap, a taken branch refills the pipeline."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

from hostctl.profile.models.base import CycleModel, Cycles, Place, exactly
from hostctl.profile.models.thumb import address, first, is_load, is_store, stem, to_pc

_LISTS = ("ldm", "ldmia", "ldmdb", "stm", "stmia", "stmdb", "push", "pop")
_PAIRS = ("ldrd", "strd")
_JUMPS = ("b", "bl", "bx", "blx", "cbz", "cbnz")
_TABLES = ("tbb", "tbh")
_DIVISIONS = ("udiv", "sdiv")
_BARRIERS = ("dmb", "dsb", "isb")
_BLOCKS = tuple("it" + "".join(mask) for length in range(4) for mask in product("te", repeat=length))
_SYSTEM = ("mrs", "msr", "cpsid", "cpsie")
_ANY = (*_LISTS, *_PAIRS, *_JUMPS, *_TABLES, *_DIVISIONS, *_BARRIERS, *_BLOCKS, *_SYSTEM, "mov", "add")
REFILL = Cycles(1, 3)
"""P: cycles for a pipeline refill, "1 to 3 depending on the alignment and width of the target"."""


class CortexM3(CycleModel):
    """ARM DDI 0337I, table 3-1 and its section on load and store timings."""

    name = "Cortex-M3"
    cores = ("cortex-m3",)
    source = "Cortex-M3 Technical Reference Manual r2p1, ARM DDI 0337I, table 3-1 and section 'Load/store timings'"
    assumes = (
        "memory without wait states, a write buffer that is never full; a pipeline refill takes 1 to 3 cycles, "
        "a division 2 to 12"
    )
    multiplies: ClassVar[dict[str, Cycles]] = {
        "mla": Cycles(2, 2),
        "mls": Cycles(2, 2),
        **dict.fromkeys(("smull", "umull"), Cycles(3, 5)),
        **dict.fromkeys(("smlal", "umlal"), Cycles(4, 7)),
    }

    def cycles(self, place: Place) -> Cycles:
        """Cycles of all the times that an instruction ran."""
        instruction, executed = place.instruction, place.count.executed
        name = stem(instruction, (*_ANY, *self.multiplies))
        if name in self.multiplies:
            return _times(executed, self.multiplies[name])
        if name in _DIVISIONS:
            return Cycles(2 * executed, 12 * executed)
        if name in _BLOCKS:
            return Cycles(0, executed)  # It may be folded into the instruction before it.
        if name in _BARRIERS:
            return Cycles(executed, 4 * executed)
        if name in _SYSTEM:
            return Cycles(executed, 2 * executed)
        return self._memory(place, name) + _times(place.jumps, REFILL)

    def _memory(self, place: Place, name: str) -> Cycles:
        """Everything but the refill that a jump costs."""
        executed, accesses = place.count.executed, place.count.loads + place.count.stores
        if name in _LISTS:
            return exactly(executed + accesses)
        if name in _PAIRS:
            return exactly(executed + accesses)
        if name in _TABLES:
            return Cycles(2 * executed, 3 * executed)  # Table 3-1 says 2, the text below it one more.
        if is_load(name):
            return self._load(place)
        if is_store(name):
            return self._store(place)
        return exactly(executed)

    def _load(self, place: Place) -> Cycles:
        """Two cycles, the second of which the load before it can hide; one where its condition does not hold."""
        done = min(place.count.loads, place.count.executed)
        low = place.count.executed + done - self._hidden(place, done)
        slow = done if to_pc_relative(place) or self._waits(place) else 0
        return Cycles(low, low + slow)

    def _store(self, place: Place) -> Cycles:
        """One cycle with an offset that is a number, as the write buffer does the rest; two with one in a register."""
        done = min(place.count.stores, place.count.executed)
        by_register = len(address(place.instruction)) > 1
        low = place.count.executed + (done - self._hidden(place, done) if by_register else 0)
        return Cycles(low, low + (done if self._waits(place) else 0))

    def _hidden(self, place: Place, done: int) -> int:
        """How often the load before it overlaps: a load of one register that the address does not wait for."""
        before = place.before
        if before is None or not is_load(stem(before, _ANY)) or first(before) in address(place.instruction):
            return 0
        return min(place.count.followed, done)

    def _waits(self, place: Place) -> bool:
        """Whether the address comes from a data processing instruction right before it: "one additional cycle"."""
        before = place.before
        if before is None or place.count.followed == 0:
            return False
        name = stem(before, _ANY)
        data = not (is_load(name) or is_store(name) or name in (*_LISTS, *_PAIRS, *_JUMPS))
        return data and first(before) in address(place.instruction)


def to_pc_relative(place: Place) -> bool:
    """A load from beside the code: "might add a cycle because of contention with the fetch unit"."""
    return "pc" in address(place.instruction) or to_pc(place.instruction)


def _times(count: int, cycles: Cycles) -> Cycles:
    return Cycles(count * cycles.low, count * cycles.high)
