"""Cortex-M0: a fixed number of cycles for every instruction, but for the multiplier, of which there are two."""

from __future__ import annotations

from hostctl.profile.models.base import CycleModel, Cycles, Place, exactly
from hostctl.profile.models.thumb import is_load, is_store, listed, stem, to_pc

_LISTS = ("ldm", "ldmia", "stm", "stmia", "push", "pop")
_FIXED = {"b": 3, "bl": 4, "bx": 3, "blx": 3, "mrs": 4, "msr": 4, "dmb": 4, "dsb": 4, "isb": 4, "wfi": 2, "wfe": 2}
_BRANCH, _TO_PC, _RETURN, _SLOW_MULTIPLY = 3, 3, 4, 32


class CortexM0(CycleModel):
    """ARM DDI 0432C, table 3-1."""

    name = "Cortex-M0"
    cores = ("cortex-m0",)
    source = "Cortex-M0 Technical Reference Manual r0p0, ARM DDI 0432C, table 3-1"
    assumes = "memory without wait states; MULS takes 1 cycle or 32, as the chip's maker chose; no waiting for events"

    def cycles(self, place: Place) -> Cycles:
        """Cycles of all the times that an instruction ran."""
        instruction, executed = place.instruction, place.count.executed
        name = stem(instruction, (*_FIXED, *_LISTS, "mul", "mov", "add"))
        if name == "mul":
            return Cycles(executed, _SLOW_MULTIPLY * executed)
        if name == "b":
            return exactly(executed + (_BRANCH - 1) * place.jumps)
        if name in _LISTS:
            loaded = listed(instruction)
            return exactly(executed * (len(loaded) + (_RETURN if "pc" in loaded else 1)))
        if is_load(name) or is_store(name):
            return exactly(2 * executed)
        if name in ("mov", "add") and to_pc(instruction):
            return exactly(_TO_PC * executed)
        return exactly(_FIXED.get(name, 1) * executed)
