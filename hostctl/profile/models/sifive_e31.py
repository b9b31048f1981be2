"""SiFive E31: one instruction a cycle, stalls where a result comes late, three cycles for a wrong prediction."""

from __future__ import annotations

import re

from hostctl.profile.models.base import CycleModel, Cycles, Place

_LATENCY = {
    **dict.fromkeys(("lw",), 2),
    **dict.fromkeys(("lh", "lhu", "lb", "lbu"), 3),
    **dict.fromkeys(("csrr", "csrrw", "csrrs", "csrrc", "rdcycle", "rdinstret"), 3),
    **dict.fromkeys(("mul", "mulh", "mulhu", "mulhsu"), 5),
}
_DIVISIONS = ("div", "divu", "rem", "remu")
_SLOW_DIVISION, _WRONG = 33, 3
_JUMP = re.compile(r"(b(eq|ne|lt|ge|gt|le)u?z?|j|jr|jal|jalr|ret|mret|call|tail)$")


class SifiveE31(CycleModel):
    """The core of the FE310-G000."""

    name = "SiFive E31"
    cores = ("rv32imc",)
    source = "SiFive FE310-G000 Manual, sections 3.2 and 3.3 (E31 instruction fetch unit and execution pipeline)"
    assumes = (
        "the architecture has no timing: this is one core that can be bought; code and data without cache misses; "
        "between every branch predicted and none, a division 1 to 33 cycles"
    )

    def cycles(self, place: Place) -> Cycles:
        """Cycles of all the times that an instruction ran."""
        executed, name = place.count.executed, place.instruction.mnemonic
        if _JUMP.match(name):
            return Cycles(executed, executed * (1 + _WRONG))
        if name in _DIVISIONS:
            return Cycles(executed, executed * _SLOW_DIVISION)
        stalls = self._stalls(place) if name in _LATENCY else Cycles(0, 0)
        return Cycles(executed + stalls.low, executed + stalls.high)

    def _stalls(self, place: Place) -> Cycles:
        """Cycles that later instructions wait for this one's result.

        Two waits can overlap: only one of the very next instruction is certain. What waits behind a jump is not known.
        """
        result, latency = place.instruction.words[0], _LATENCY[place.instruction.mnemonic]
        known = 0
        for distance, (later, reached) in enumerate(place.after, 1):
            wait = latency - distance
            if wait <= 0:
                break
            if result in later.words:
                return Cycles(wait * reached if distance == 1 else 0, max(wait * reached, known))
            if _JUMP.match(later.mnemonic):
                known = max(known, (wait - 1) * reached)
        return Cycles(0, known)
