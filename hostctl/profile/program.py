"""What a built program consists of, by the toolchain's objdump: functions with their files, and instructions."""

from __future__ import annotations

import re
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import fail

_SYMBOL = re.compile(r"^([0-9a-f]{8,16}) (.{7}) (\S+)\t([0-9a-f]{8,16}) +(?:\.hidden )?(\S.*)?$")
_INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\t([0-9a-f]{2,8}(?: [0-9a-f]{2,8})*) *\t(\S+)\s*([^;]*)")
_SECTION = re.compile(r"^Disassembly of section (\S+):$")
NO_NAME = "(no symbol)"


@dataclass(frozen=True)
class Function:
    """Code from ``start`` to before ``end``, in bytes. ``file``: its source's name; only local functions have one."""

    name: str
    start: int
    end: int
    file: str = ""


@dataclass(frozen=True)
class Instruction:
    """One instruction: ``size`` in bytes, its mnemonic and its operands as objdump spells them."""

    address: int
    size: int
    mnemonic: str
    operands: str = ""

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Operands, split at commas and brackets, so that registers can be looked for."""
        return tuple(re.findall(r"[\w.#+-]+", self.operands.split("<")[0]))


@dataclass(frozen=True)
class Program:
    """Functions in the order of their addresses, and instructions by address."""

    functions: tuple[Function, ...]
    instructions: dict[int, Instruction]

    def function_at(self, address: int) -> Function | None:
        """The function that an address lies in."""
        i = bisect_right(self._starts, address) - 1
        return self.functions[i] if i >= 0 and address < self.functions[i].end else None

    @cached_property
    def _starts(self) -> list[int]:
        return [function.start for function in self.functions]


def read_program(elf: Path, board: Board) -> Program:
    """Read a program. Raises SpikecError when the toolchain's objdump is missing or cannot read the file."""
    tool = f"{board.toolchain_prefix}objdump"
    if shutil.which(tool) is None:
        packages = " ".join(board.toolchain_packages)
        raise fail(f"board {board.id}", f"{tool} is not installed", f"apt-get install {packages}")
    command = [tool, "--syms", "--disassemble", "--disassemble-zeroes", "--wide", str(elf)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        said = done.stderr.strip() or f"exit status {done.returncode}"
        raise fail(str(elf), f"cannot be read ({said})", "Build it again: spikec build")
    lines = done.stdout.splitlines()
    instructions = {each.address: each for each in instructions_of(lines)}
    return Program(with_gaps(functions_of(lines), instructions), instructions)


def with_gaps(functions: tuple[Function, ...], instructions: Mapping[int, Instruction]) -> tuple[Function, ...]:
    """The functions, and one without a name for each stretch of code between them that no symbol covers."""
    gaps = list[Function]()
    starts = [function.start for function in functions]
    for instruction in instructions.values():
        before = bisect_right(starts, instruction.address) - 1
        if before < 0 or instruction.address < functions[before].end:
            continue
        end = instruction.address + instruction.size
        if gaps and gaps[-1].start > functions[before].start:
            gaps[-1] = replace(gaps[-1], end=end)
        else:
            gaps.append(Function(NO_NAME, instruction.address, end))
    return tuple(sorted((*functions, *gaps), key=lambda function: function.start))


def functions_of(lines: Sequence[str]) -> tuple[Function, ...]:
    """Functions from objdump's symbol table, in the order of their addresses: of the sections that it disassembles.

    Code whose symbol says no size (labels of assembly sources) goes to the next symbol.
    """
    sized: dict[int, Function] = {}
    labels: dict[int, Function] = {}
    bounds, file = list[int](), ""
    code = {found[1] for found in map(_SECTION.match, lines) if found}
    for found in filter(None, map(_SYMBOL.match, lines)):
        start, flags, section, size, name = int(found[1], 16), found[2], found[3], int(found[4], 16), found[5] or ""
        if flags.endswith("df"):
            file = name
        if section not in code or flags[-1] == "O" or flags[-2] == "d" or name.startswith((".", "$")):
            continue
        function = Function(name, start, start + size, file if flags[0] == "l" else "")
        if size:
            sized[start] = min((function, sized.get(start, function)), key=_plainest)
        else:
            labels.setdefault(start, function)
        bounds.append(start)
    rest = [each for start, each in labels.items() if not any(f.start <= start < f.end for f in sized.values())]
    bounds = sorted({*bounds, *(function.end for function in sized.values())})
    closed = [Function(f.name, f.start, _behind(bounds, f.start), f.file) for f in rest]
    return tuple(sorted((*sized.values(), *closed), key=lambda function: function.start))


def instructions_of(lines: Iterable[str]) -> Iterable[Instruction]:
    """Instructions from objdump's disassembly."""
    for line in lines:
        found = _INSTRUCTION.match(line)
        if found and not found[3].startswith("."):
            yield Instruction(int(found[1], 16), len(found[2].replace(" ", "")) // 2, found[3], found[4].strip())


def _plainest(function: Function) -> tuple[int, str]:
    """Of several names for one address, the shortest."""
    return len(function.name), function.name


def _behind(bounds: list[int], start: int) -> int:
    at = bisect_right(bounds, start)
    return bounds[at] if at < len(bounds) else start
