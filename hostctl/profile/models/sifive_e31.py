"""SiFive E31: one instruction a cycle, stalls where a result comes late, three cycles for a wrong prediction."""

from __future__ import annotations

import re

from hostctl.profile.models.base import CycleModel, Cycles, Place

_PRODUCTS = ("mul", "mulh", "mulhu", "mulhsu")
_DIVISIONS = ("div", "divu", "rem", "remu")
_READS = ("csrr", "rdcycle", "rdcycleh", "rdinstret", "rdinstreth", "rdtime", "rdtimeh")
_SWAPS = ("csrrw", "csrrs", "csrrc", "csrrwi", "csrrsi", "csrrci")
_WRITES = ("csrw", "csrs", "csrc", "csrwi", "csrsi", "csrci")
_LATENCY = {
    **dict.fromkeys(("lw",), 2),
    **dict.fromkeys(("lh", "lhu", "lb", "lbu"), 3),
    **dict.fromkeys((*_READS, *_SWAPS), 3),
    **dict.fromkeys(_PRODUCTS, 5),
    **dict.fromkeys(_DIVISIONS, 2),
}
"""Cycles until a result can be used; of a division at least."""
_SLOW_DIVISION, _WRONG, _FLUSH = 33, 3, 5
_JUMP = re.compile(r"(b(eq|ne|lt|ge|gt|le)u?z?|j|jr|jal|jalr|ret|mret|call|tail)$")


class SifiveE31(CycleModel):
    """The core of the FE310-G000."""

    name = "SiFive E31"
    cores = ("rv32imc",)
    source = "SiFive FE310-G000 Manual, sections 3.2 and 3.3 (E31 instruction fetch unit and execution pipeline)"
    assumes = (
        "the architecture has no timing: this is one core that can be bought; code and data without cache misses, no "
        "load from where a store is still under way (5 cycles); between every branch predicted and none, a division 1 "
        "to 33 cycles, a write to a CSR with and without a flush of the pipeline"
    )

    def cycles(self, place: Place) -> Cycles:
        """Cycles of all the times that an instruction ran."""
        executed, name = place.count.executed, place.instruction.mnemonic
        if _JUMP.match(name):
            return Cycles(executed, executed * (1 + _WRONG))
        low, high = self._stalls(place) if name in _LATENCY else (0, 0)
        if name in _DIVISIONS:
            high = executed * (_SLOW_DIVISION - 1)
        if name in _SWAPS or name in _WRITES:
            high += executed * _FLUSH
        return Cycles(executed + low, executed + high)

    def _stalls(self, place: Place) -> tuple[int, int]:
        """Cycles that later instructions wait for this one's result, or for its multiplier: at least and at most.

        Two waits can overlap: only one of the very next instruction is certain. What waits behind a jump is not known,
        nor when the multiplier ("only one operation at a time") is free again, but at the latest with its result.
        """
        result, latency = place.instruction.words[0], _LATENCY[place.instruction.mnemonic]
        blocking = (*_PRODUCTS, *_DIVISIONS) if place.instruction.mnemonic in _PRODUCTS else ()
        known = 0
        for distance, (later, reached) in enumerate(place.after, 1):
            wait = latency - distance
            if wait <= 0:
                break
            if result in later.words:
                return wait * reached if distance == 1 else 0, max(wait * reached, known)
            if later.mnemonic in blocking:
                known = max(known, wait * reached)
            if _JUMP.match(later.mnemonic):
                known = max(known, (wait - 1) * reached)
        return 0, known
