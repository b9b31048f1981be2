"""AVR: a fixed number of cycles for every instruction, one more for a branch taken, one for every word skipped."""

from __future__ import annotations

import re

from hostctl.profile.models.base import CycleModel, Cycles, Place, exactly

_TWO = ("ld", "ldd", "st", "std", "lds", "sts", "push", "pop", "adiw", "sbiw", "sbi", "cbi", "rjmp", "ijmp", "eijmp")
_MULTIPLY = ("mul", "muls", "mulsu", "fmul", "fmuls", "fmulsu")
_THREE = ("lpm", "elpm", "jmp")
_SKIPS = ("cpse", "sbrc", "sbrs", "sbic", "sbis")
_CALLS = {"rcall": 3, "icall": 3, "eicall": 4, "call": 4, "ret": 4, "reti": 4}
_BRANCH = re.compile(r"br[a-z]{2}$")


class Avr(CycleModel):
    """AVRe+ with a program counter of 16 bits."""

    name = "AVRe+"
    cores = ("avr5",)
    source = "AVR Instruction Set Manual, DS40002198, instruction set summary, column AVRe"
    assumes = "data in the chip's own memory; no interrupt (each adds 4 cycles or more before its first instruction)"
    far = 0
    """More cycles for a return address: a program counter of 22 bits takes a third byte of the stack."""

    def cycles(self, place: Place) -> Cycles:
        """Cycles of all the times that an instruction ran."""
        name, executed = place.instruction.mnemonic, place.count.executed
        if name in _SKIPS:
            words = place.after[0][0].size // 2 if place.after else 1
            return exactly(executed + words * place.jumps)
        if _BRANCH.match(name):
            return exactly(executed + place.jumps)
        if name in _CALLS:
            return exactly(executed * (_CALLS[name] + (self.far if name != "eicall" else 0)))
        return exactly(executed * (2 if name in _TWO + _MULTIPLY else 3 if name in _THREE else 1))


class AvrFar(Avr):
    """AVRe+ with a program counter of 22 bits."""

    name = "AVRe+, 22-bit program counter"
    cores = ("avr6",)
    far = 1
