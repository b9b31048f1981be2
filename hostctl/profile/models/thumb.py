"""What the cycle models of Cortex-M have in common: how Thumb instructions are told apart."""

from __future__ import annotations

import re
from collections.abc import Collection

from hostctl.profile.program import Instruction

_CONDITIONS = ("eq", "ne", "cs", "cc", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le")
_FLAGGED = ("mul", "mla", "smull", "umull", "smlal", "umlal", "mov", "add")
"""What may end in S for 'sets flags'; not ``b``, whose ``bls`` is a condition."""
_UNCONDITIONAL = ("adcs", "sbcs", "bics", "lsls", "movs", "muls", "mls", "teq", "svc")
"""What ends as if it had a condition, and has none."""
_SINGLE_LOAD = re.compile(r"ldr((b|h|sb|sh)?t?|ex[bh]?)$")
_SINGLE_STORE = re.compile(r"str([bh]?t?|ex[bh]?)$")
_REGISTER = re.compile(r"r\d+|sp|lr|pc|sl|fp|ip")
_ALIAS = {"sl": "r10", "fp": "r11", "ip": "r12"}


def stem(instruction: Instruction, known: Collection[str]) -> str:
    """The mnemonic without width, flags and condition: ``bne.n`` is ``b``, ``addseq.w`` is ``add``."""
    name = instruction.mnemonic.lower().partition(".")[0]
    candidates = [name, *(name[: -len(each)] for each in _CONDITIONS if name.endswith(each))]
    for candidate in candidates:
        plain = candidate.removesuffix("s")
        for spelled in (candidate, plain if plain in _FLAGGED else candidate):
            if spelled in known or _SINGLE_LOAD.match(spelled) or _SINGLE_STORE.match(spelled):
                return spelled
    return name


def is_load(name: str) -> bool:
    """Whether a stem is a load of one register."""
    return _SINGLE_LOAD.match(name) is not None


def is_store(name: str) -> bool:
    """Whether a stem is a store of one register."""
    return _SINGLE_STORE.match(name) is not None


def registers(text: str) -> list[str]:
    """The registers in an operand, ranges spelled out."""
    found = list[str]()
    for part in re.split(r"[,{}\[\]!\s]+", text):
        first, dash, last = part.partition("-")
        if dash and first.startswith("r") and last:
            end = int(_ALIAS.get(last, last)[1:])
            found += [f"r{i}" for i in range(int(first[1:]), end + 1)]
        elif _REGISTER.fullmatch(part):
            found.append(_ALIAS.get(part, part))
    return found


def listed(instruction: Instruction) -> list[str]:
    """The registers of a list in braces."""
    found = re.search(r"\{(.*)\}", instruction.operands)
    return registers(found[1]) if found else []


def address(instruction: Instruction) -> list[str]:
    """The registers that a load's or a store's address is made of: in brackets, or before a list (or the stack's)."""
    found = re.search(r"\[(.*?)\]", instruction.operands)
    if found:
        return registers(found[1])
    base, brace, _ = instruction.operands.partition("{")
    return (registers(base) or ["sp"]) if brace else ["pc"]


def writes_back(instruction: Instruction) -> bool:
    """Whether a load or store of one register changes its base: ``[r1, #4]!`` or ``[r1], #4``."""
    return re.search(r"\](!|,)", instruction.operands) is not None


def conditional(instruction: Instruction) -> bool:
    """Whether an instruction has a condition that may not hold."""
    name = instruction.mnemonic.lower().partition(".")[0]
    return name.endswith(_CONDITIONS) and name not in _UNCONDITIONAL


def first(instruction: Instruction) -> str:
    """The first register operand: where most instructions put their result."""
    found = registers(instruction.operands.partition("[")[0])
    return found[0] if found else ""


def to_pc(instruction: Instruction) -> bool:
    """Whether the result goes to the program counter."""
    return first(instruction) == "pc"
