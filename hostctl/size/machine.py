"""What calls, jumps and pushes look like in a disassembly, one instruction set a class.

Pushes and pops are only followed in code that no compiler has told the stack use of: a library's routines in assembler.
What moves the stack pointer in a way that is not known here raises ``UnknownCode``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass


class UnknownCode(Exception):  # noqa: N818 (it says what is wrong)
    """Code whose use of the stack cannot be read from its instructions."""


@dataclass(frozen=True)
class Instruction:
    """One line of a disassembly. ``operands`` as objdump prints them, comment included."""

    address: int
    name: str
    operands: str


class Machine(ABC):
    """An instruction set.

    ``call_bytes``: of the return address that a call pushes. ``trap_bytes``: what the core pushes by itself when an
    interrupt or a fault comes, where the handler's own frame does not have it.
    """

    call_bytes = 0
    trap_bytes = 0
    branches: frozenset[int] = frozenset()
    """Numbers of the relocations that calls and jumps have; any other one takes an address."""
    comment = "#"
    _target = re.compile(r"(?:^|[\s,])([0-9a-f]+) <([^>]*)>")

    def target(self, one: Instruction) -> tuple[int, str] | None:
        """Where it may go: an address and the name that objdump gives it."""
        found = self._target.search(one.operands.split(self.comment)[0])
        return (int(found[1], 16), found[2]) if found else None

    @abstractmethod
    def indirect(self, one: Instruction) -> bool:
        """Whether it goes to an address that it takes from a register or from memory (returns do not count)."""

    def takes_address(self, relocation: int, code: bytes | None) -> bool:  # noqa: ARG002 (most need not look)
        """Whether a relocation of that number makes an address. ``code``: what is before its place, None among data."""
        return relocation not in self.branches

    @abstractmethod
    def moved(self, one: Instruction) -> int:
        """Bytes by which it lowers the stack pointer, below 0 where it raises it. Raises UnknownCode."""

    @abstractmethod
    def calls(self, one: Instruction) -> bool:
        """Whether it is a call, which comes back with the stack as it was."""

    @abstractmethod
    def ends(self, one: Instruction) -> bool:
        """Whether nothing that follows it in memory is run after it: a return, or a jump without a condition."""

    def sets_stack(self, one: Instruction) -> bool:  # noqa: ARG002 (most do not)
        """Whether it gives the stack pointer a value of its own, as start-up code does."""
        return False


class Arm(Machine):
    """Thumb and Thumb-2."""

    trap_bytes = 36  # eight registers, and a word where the stack must be aligned
    branches = frozenset({10, 29, 30, 51, 102, 103})
    comment = "@"
    _list = re.compile(r"\{([^}]*)\}")

    def indirect(self, one: Instruction) -> bool:
        """See ``Machine``."""
        if one.name in ("bx", "blx"):
            return self.target(one) is None and one.operands.strip() != "lr"
        to_pc = re.match(r"^pc, (?!lr|\[sp\])", one.operands) is not None
        return to_pc and one.name.split(".")[0] in ("mov", "ldr", "add")

    def moved(self, one: Instruction) -> int:
        """See ``Machine``."""
        operands, name = one.operands.split(self.comment)[0].strip(), one.name.split(".")[0]
        if name in ("push", "vpush") or (name == "stmdb" and operands.startswith("sp!")):
            return self._registers(operands)
        if name in ("pop", "vpop") or (name in ("ldmia", "vldmia") and operands.startswith("sp!")):
            return -self._registers(operands)
        if (by := re.search(r"\[sp, #-(\d+)\]!$", operands)) is not None:
            return int(by[1])
        if (by := re.search(r"\[sp\], #(\d+)$", operands)) is not None:
            return -int(by[1])
        if not re.match(r"^sp\b", operands) or name == "cmp":
            return 0
        if name in ("ldmia", "stmia") and operands.startswith("sp,"):
            return 0  # it reads or writes what lies there
        by = re.match(r"^sp(?:, sp)?, #(\d+)$", operands)
        if by is not None and name in ("sub", "subw", "add", "addw"):
            return int(by[1]) if name.startswith("sub") else -int(by[1])
        raise UnknownCode(f"{one.name} {operands}")

    def calls(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("bl", "blx")

    def ends(self, one: Instruction) -> bool:
        """See ``Machine``."""
        name = one.name.split(".")[0]
        loads = name in ("pop", "ldmia") and re.search(r"\bpc\b", one.operands) is not None
        return loads or name in ("b", "bx") or re.match(r"^pc\b", one.operands) is not None

    def _registers(self, operands: str) -> int:
        """Bytes of a list of registers, such as '{r4-r7, lr}'."""
        found = self._list.search(operands)
        names = [name.strip() for name in found[1].split(",")] if found else []
        count = 0
        for name in names:
            first, _, last = name.partition("-")
            count += int(last[1:]) - int(first[1:]) + 1 if last else 1
        if not count:
            raise UnknownCode(f"registers {operands}")
        return count * (8 if names[0].startswith("d") else 4)


class RiscV(Machine):
    """RV32 with its compressed instructions, which objdump prints as the others."""

    branches = frozenset({16, 17, 18, 19, 44, 45})

    def indirect(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("jalr", "jr") and self.target(one) is None

    def moved(self, one: Instruction) -> int:
        """See ``Machine``."""
        if not one.operands.startswith("sp,") or one.name in ("sw", "sh", "sb"):
            return 0
        by = re.match(r"^sp,sp,(-?\d+)\b", one.operands)
        if one.name in ("add", "addi") and by is not None:
            return -int(by[1])
        raise UnknownCode(f"{one.name} {one.operands}")

    def calls(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("jal", "jalr")

    def ends(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("ret", "j", "jr", "mret")

    def sets_stack(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("auipc", "lui") and one.operands.startswith("sp,")


class Avr(Machine):
    """AVR; ``wide``: of parts with more than 128 KiB of flash, whose program counter has three bytes."""

    branches = frozenset({2, 3, 18})
    _target = re.compile(r"; 0x([0-9a-f]+) <([^>]*)>")
    _goes = re.compile(r"^(r?call|r?jmp|br[a-z]{2})$")

    def __init__(self, wide: bool) -> None:
        self.call_bytes = 3 if wide else 2

    def target(self, one: Instruction) -> tuple[int, str] | None:
        """See ``Machine``."""
        found = self._target.search(one.operands) if self._goes.match(one.name) else None
        return (int(found[1], 16), found[2]) if found else None

    def indirect(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("icall", "eicall", "ijmp", "eijmp")

    def moved(self, one: Instruction) -> int:
        """See ``Machine``."""
        if one.name == "out" and re.match(r"^0x3[de],", one.operands):
            raise UnknownCode(f"out {one.operands}")
        if self._makes_room(one):
            return self.call_bytes
        return {"push": 1, "pop": -1}.get(one.name, 0)

    def calls(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("call", "rcall", "icall", "eicall") and not self._makes_room(one)

    def ends(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("ret", "reti", "jmp", "rjmp", "ijmp", "eijmp")

    def _makes_room(self, one: Instruction) -> bool:
        """A call of the next instruction: it is there for the bytes that it pushes."""
        return one.name == "rcall" and re.match(r"^\.\+0\b", one.operands) is not None


class X86(Machine):
    """x86 with 64 bits."""

    call_bytes = 8
    branches = frozenset({4})
    _distance = 2

    def takes_address(self, relocation: int, code: bytes | None) -> bool:
        """See ``Machine``. Distances are of calls, jumps or addresses; in data of tables of jumps, or for unwinding."""
        if relocation != self._distance:
            return super().takes_address(relocation, code)
        return code is not None and code[-1:] not in (b"\xe8", b"\xe9") and not re.search(rb"\x0f[\x80-\x8f]$", code)

    def indirect(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("call", "jmp", "bnd", "notrack") and "*" in one.operands

    def moved(self, one: Instruction) -> int:
        """See ``Machine``."""
        operands = one.operands.split(self.comment)[0].strip()
        if one.name in ("push", "pop"):
            return 8 if one.name == "push" else -8
        if not operands.endswith(",%rsp") or one.name in ("cmp", "test"):
            return 0
        by = re.match(r"^\$0x([0-9a-f]+),%rsp$", operands)
        if by is not None and one.name in ("sub", "add"):
            return int(by[1], 16) * (1 if one.name == "sub" else -1)
        raise UnknownCode(f"{one.name} {operands}")

    def calls(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name == "call"

    def ends(self, one: Instruction) -> bool:
        """See ``Machine``."""
        return one.name in ("ret", "jmp", "hlt", "ud2")


def machine_of(name: str, flags: int) -> Machine:
    """The instruction set of an ELF file, by its machine's name and its flags. Raises UnknownCode for another one."""
    if name == "EM_AVR":
        return Avr(wide=flags & 0x7F == 6)
    known: dict[str, type[Machine]] = {"EM_ARM": Arm, "EM_RISCV": RiscV, "EM_X86_64": X86}
    if name not in known:
        raise UnknownCode(f"instruction set {name}")
    return known[name]()
