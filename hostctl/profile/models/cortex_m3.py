"""Cortex-M3 and M4: three pipeline stages, neighbouring loads overlap, a taken branch refills the pipeline."""

from __future__ import annotations

from itertools import product
from typing import ClassVar

from hostctl.profile.models.base import CycleModel, Cycles, Place, exactly
from hostctl.profile.models.thumb import (
    address,
    conditional,
    first,
    is_load,
    is_store,
    registers,
    stem,
    to_pc,
    writes_back,
)
from hostctl.profile.program import Instruction

_LISTS = ("ldm", "ldmia", "ldmdb", "stm", "stmia", "stmdb", "push", "pop")
_PAIRS = ("ldrd", "strd")
_JUMPS = ("b", "bl", "bx", "blx", "cbz", "cbnz")
_TABLES = ("tbb", "tbh")
_DIVISIONS = ("udiv", "sdiv")
_BARRIERS = ("dmb", "dsb", "isb")
_BLOCKS = tuple("it" + "".join(mask) for length in range(4) for mask in product("te", repeat=length))
_SYSTEM = ("mrs", "msr", "cpsid", "cpsie")
_COMPARISONS = ("cmp", "cmn", "tst", "teq")
_TWO_RESULTS = ("umull", "smull", "umlal", "smlal", "umaal", "smlald", "smlaldx", "smlsld", "smlsldx")
_MEMORY = (*_LISTS, *_PAIRS, *_TABLES)
_NO_RESULT = (*_MEMORY, *_JUMPS, *_BARRIERS, *_BLOCKS, *_COMPARISONS, "msr", "cpsid", "cpsie", "nop", "wfi", "wfe")
_ANY = (*_NO_RESULT, *_DIVISIONS, *_TWO_RESULTS, "mrs", "mla", "mls", "mul", "mov", "add")
REFILL = Cycles(1, 3)
"""P: cycles for a pipeline refill, "1 to 3 depending on the alignment and width of the target"."""
_NARROW = 2
"""Bytes of a 16-bit instruction, onto which an IT behind it can be folded."""


class CortexM3(CycleModel):
    """ARM 100165, table 3-1, the notes below it, and its section on load and store timings."""

    name = "Cortex-M3"
    cores = ("cortex-m3",)
    source = "Cortex-M3 Technical Reference Manual r2p1, ARM 100165_0201_02, table 3-1 and section 3.3.2"
    assumes = (
        "memory without wait states, aligned accesses, a write buffer that is never full, instructions fetched in "
        "time, no waiting for events; a pipeline refill takes 1 to 3 cycles, a division 2 to 12, a barrier no longer "
        "than a refill (the manual has no upper bound), a failed condition 1 (the manual does not say)"
    )
    multiplies: ClassVar[dict[str, Cycles]] = {
        "mla": Cycles(2, 2),
        "mls": Cycles(2, 2),
        **dict.fromkeys(("smull", "umull"), Cycles(3, 5)),
        **dict.fromkeys(("smlal", "umlal"), Cycles(4, 7)),
    }

    def cycles(self, place: Place) -> Cycles:
        """Cycles of all the times that an instruction ran."""
        executed, name = place.count.executed, stem(place.instruction, _ANY)
        if name in self.multiplies:
            return self._alone(place, self.multiplies[name])
        if name in _DIVISIONS:
            return self._alone(place, Cycles(2, 12))
        if name in _BLOCKS:
            return Cycles(executed - _foldable(place), executed)
        if name in _BARRIERS:
            return _times(executed, Cycles(1 + (REFILL.low if name == "isb" else 0), 1 + REFILL.high))
        if name in _SYSTEM:
            return _times(executed, Cycles(1, 2))
        return self._memory(place, name) + _times(place.jumps, REFILL)

    def _alone(self, place: Place, cycles: Cycles) -> Cycles:
        """So many each time, or one where a condition may not hold."""
        low = 1 if conditional(place.instruction) else cycles.low
        return _times(place.count.executed, Cycles(low, cycles.high))

    def _memory(self, place: Place, name: str) -> Cycles:
        """Everything but the refill that a jump costs."""
        executed, accesses = place.count.executed, place.count.loads + place.count.stores
        done = min(executed, accesses)
        if name in (*_LISTS, *_PAIRS):
            return exactly(executed + accesses) + _stalls(place, done)
        if name in _TABLES:  # Table 3-1 says 2, the text below it one more.
            return Cycles(2 * executed, 3 * executed) + _stalls(place, executed)
        if is_load(name):
            return self._load(place, done) + _stalls(place, done)
        if is_store(name):
            return self._store(place, name, done) + _stalls(place, done)
        return exactly(executed)

    def _load(self, place: Place, done: int) -> Cycles:
        """Two cycles, the second of which a load before it can hide; one where its condition does not hold."""
        twice = place.count.executed + done
        if to_pc(place.instruction):  # "Always a blocking operation".
            return exactly(twice)
        contention = done if "pc" in address(place.instruction) else 0
        return Cycles(twice - _hidden(place, done), twice + contention)

    def _store(self, place: Place, name: str, done: int) -> Cycles:
        """One cycle with an offset that is a number, as the write buffer does the rest; else as a load."""
        executed = place.count.executed
        if name.startswith("strex") or len(address(place.instruction)) > 1:
            return Cycles(executed + done - _hidden(place, done), executed + done)
        return Cycles(executed, executed + (done if writes_back(place.instruction) else 0))


def _foldable(place: Place) -> int:
    """How often an IT may take no time: behind a 16-bit instruction."""
    before = place.before
    return place.count.followed if before is not None and before.size == _NARROW else 0


def _hidden(place: Place, done: int) -> int:
    """How often the load before may overlap ("when possible"): one register, that the address does not wait for."""
    before = place.before
    if before is None or not is_load(stem(before, _ANY)) or first(before) in address(place.instruction):
        return 0
    return min(place.count.followed, done)


def _stalls(place: Place, done: int) -> Cycles:
    """One more where the instruction right before has computed the address: there is no forwarding path.

    Not for certain where that one has a condition: it may have computed nothing.
    """
    before = place.before
    if before is None or not set(_results(before)) & set(address(place.instruction)):
        return exactly(0)
    times = min(place.count.followed, done)
    return Cycles(0 if conditional(before) else times, times)


def _results(instruction: Instruction) -> list[str]:
    """The registers that a data processing instruction writes; none of any other."""
    name = stem(instruction, _ANY)
    if name in _NO_RESULT or is_load(name) or is_store(name):
        return []
    return registers(instruction.operands)[: 2 if name in _TWO_RESULTS else 1]


def _times(count: int, cycles: Cycles) -> Cycles:
    return Cycles(count * cycles.low, count * cycles.high)
