"""Who calls whom in a linked program, and how many bytes of stack each function takes.

The calls are read from the disassembly, so what was inlined, what is assembler and what came from a library is as it is
in the program. The bytes are the compiler's own figures (``-fstack-usage``); of code without them, its pushes and pops
are followed. Which functions are called by pointer follows from the relocations of the object files: whose address is
taken, and by which part of the firmware.
"""

from __future__ import annotations

import re
import subprocess
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.relocation import RelocationSection
from elftools.elf.sections import SymbolTableSection

from hostctl.size.account import maker
from hostctl.size.image import Image, Piece
from hostctl.size.machine import Instruction, Machine, UnknownCode

_CODE = (".text", ".init", ".fini", ".start", ".plt")
"""What input sections of code are called; constants lie in the same section of some programs."""
VECTORS = ".vectors"
"""What the input section of a table of interrupt vectors is called."""
_LINE = re.compile(r"^\s*([0-9a-f]+):\t(\S+)\s*(.*)$")
_SAID = re.compile(r"^.*?:\d+:\d+:(\S+)\t(\d+)\t(\S+)$")
_KNOWN = ("static", "dynamic,bounded")


@dataclass
class Function:
    """A function, or an input section of assembler.

    ``frame``: bytes of stack, the return address included where calls push it; ``unknown``: why it is not known.
    ``calls``: addresses that it may go to outside itself, ``outside``: names of what is not in the program (a shared
    library's), ``indirect``: it calls by pointer, ``sets_stack``: it gives the stack pointer its first value.
    """

    name: str
    maker: str
    start: int
    end: int
    frame: int
    from_compiler: bool
    calls: set[int] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    indirect: bool = False
    sets_stack: bool = False
    unknown: str = ""


@dataclass(frozen=True)
class Graph:
    """All functions in order of address, and the addresses that each part of the firmware takes of functions."""

    functions: list[Function]
    taken: Mapping[str, set[int]]

    def at(self, address: int) -> Function:
        """The function that an address is in. Raises UnknownCode for none."""
        place = bisect_right(self.functions, address, key=lambda one: one.start) - 1
        if place < 0 or address >= self.functions[place].end:
            raise UnknownCode(f"a call to {address:#x}, where no function is")
        return self.functions[place]


def read_graph(image: Image, machine: Machine, prefix: str) -> Graph:
    """Read a program's calls; ``prefix`` is of the toolchain's commands. Raises UnknownCode."""
    said = {source: _said(_file(image, source)) for source in {piece.source for piece in image.pieces}}
    functions = sorted(_functions(image, said), key=lambda one: one.start)
    _fill(functions, image, machine, prefix)
    return Graph(functions, _taken(image, machine))


def _file(image: Image, source: str) -> Path:
    """An object file that the map names from the project's folder."""
    return image.elf.parents[3] / source


def _functions(image: Image, said: Mapping[str, Mapping[str, int]]) -> Iterator[Function]:
    for piece in image.pieces:
        if not piece.section.code or not piece.input.startswith(_CODE):
            continue
        frames, whose = said[piece.source], maker(piece.source, piece.size)
        if not frames:
            yield Function(_name(image, piece), whose, piece.address, piece.end, 0, from_compiler=False)
            continue
        for symbol in image.symbols_of(piece):
            if symbol.function:
                frame = frames.get(symbol.name, frames.get(symbol.name.split(".")[0]))
                end = symbol.address + symbol.size
                known = frame is not None
                yield Function(symbol.name, whose, symbol.address, end, frame or 0, from_compiler=known)


def _name(image: Image, piece: Piece) -> str:
    """What a section of assembler is called: its first function, else its file."""
    names = [symbol.name for symbol in image.symbols_of(piece) if symbol.function]
    return names[0] if names else f"{piece.input} of {piece.source.rsplit('/', 1)[-1]}"


def _said(source: Path) -> dict[str, int]:
    """What the compiler said of an object file's functions; empty where it said nothing. Raises UnknownCode."""
    path = source.with_suffix(".su")
    frames: dict[str, int] = {}
    if source.suffix != ".o" or not path.is_file():
        return frames
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        found = _SAID.match(line)
        if not found:
            raise UnknownCode(f"the compiler's line '{line}' in {path.name}")
        if found[3] not in _KNOWN:
            raise UnknownCode(f"{found[1]} of {path.stem}.c, which takes as much stack as its data asks for")
        name = found[1].split(".")[0]  # compilers number the parts that they make of a function
        for key in (found[1], name):
            frames[key] = max(frames.get(key, 0), int(found[2]))
    return frames


def _fill(functions: list[Function], image: Image, machine: Machine, prefix: str) -> None:
    """Give every function its calls, and those without the compiler's figures their frames."""
    body: dict[int, list[Instruction]] = {function.start: [] for function in functions}
    starts = [function.start for function in functions]
    ends = {function.start: function.end for function in functions}
    for one in _disassemble(image.elf, prefix, starts[0], max(ends.values())):
        start = starts[bisect_right(starts, one.address) - 1]
        if one.address < ends[start]:
            body[start].append(one)
    for function in functions:
        _calls(function, body[function.start], machine)
        if not function.from_compiler:
            try:
                function.frame = _deepest(function, body[function.start], machine) + machine.call_bytes
            except UnknownCode as error:
                function.unknown = f"{function.name}: {error}"  # bad only where it is called: start-up code is not


def _disassemble(elf: Path, prefix: str, start: int, stop: int) -> Iterator[Instruction]:
    """The instructions between two addresses."""
    span = [f"--start-address={start:#x}", f"--stop-address={stop:#x}"]
    command = [f"{prefix}objdump", "--disassemble", "--no-show-raw-insn", *span, str(elf)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UnknownCode(f"{command[0]} cannot read {elf} ({error})") from error
    for line in done.stdout.splitlines():
        found = _LINE.match(line)
        if found:
            yield Instruction(int(found[1], 16), found[2], found[3])


def _calls(function: Function, body: list[Instruction], machine: Machine) -> None:
    for one in body:
        target = machine.target(one)
        if target is not None and target[1].split("+")[0].endswith("@plt"):
            function.outside.add(target[1].split("@")[0])
        elif target is not None and not function.start <= target[0] < function.end:
            function.calls.add(target[0])
        elif target is not None and function.from_compiler and machine.calls(one):
            function.calls.add(function.start)  # of itself; routines of assembler may be several in one piece
        function.indirect = function.indirect or machine.indirect(one)


def _deepest(function: Function, body: list[Instruction], machine: Machine) -> int:
    """The most bytes that are on the stack at once, on any way through a piece of assembler.

    Every instruction gets the largest depth that it is reached with, until nothing changes. A loop that pushes more
    than it takes back would go on for ever: a depth beyond all pushes together gives it away.
    """
    moved = {one.address: _moved(function, one, before, machine) for before, one in _pairs(body)}
    inner = sum(machine.calls(one) for one in body) * machine.call_bytes
    limit = sum(by for by in moved.values() if by > 0) + inner
    following = {one.address: behind.address for one, behind in pairwise(body)}
    depths: dict[int, int] = {}
    for start in body:  # what is jumped to from outside begins with nothing on the stack, as far as it is concerned
        todo = [] if start.address in depths else [(start.address, 0)]
        while todo:
            address, depth = todo.pop()
            if address not in moved or depth <= depths.get(address, -1):
                continue
            if depth > limit:
                raise UnknownCode(f"a loop that pushes, at {address:#x}")
            depths[address], behind = depth, max(depth + moved[address], 0)
            one = body[bisect_right(body, address, key=lambda one: one.address) - 1]
            target = machine.target(one)
            called = machine.call_bytes if machine.calls(one) else 0
            todo += [(target[0], behind + called)] if target else []
            todo += [] if machine.ends(one) else [(following.get(address, -1), behind)]
    return max(max(depth, depth + moved[address]) for address, depth in depths.items())


def _pairs(body: list[Instruction]) -> Iterator[tuple[Instruction | None, Instruction]]:
    """Each instruction with the one before it."""
    return zip([None, *body], body, strict=False)


def _moved(function: Function, one: Instruction, before: Instruction | None, machine: Machine) -> int:
    """Bytes that an instruction pushes, less those that it takes back."""
    if machine.sets_stack(one) or (before is not None and machine.sets_stack(before)):
        function.sets_stack = True  # in two instructions, a half of the number in each
        return 0
    return machine.moved(one)


def _taken(image: Image, machine: Machine) -> dict[str, set[int]]:
    """By whom: the addresses of functions that object files of the firmware hand on, as numbers or in tables.

    Those in a table of interrupt vectors are by themselves, as ``VECTORS``.
    """
    public = {symbol.name: symbol.address for symbol in image.symbols if symbol.function}
    taken: dict[str, set[int]] = {}
    for source in sorted({piece.source for piece in image.pieces if piece.source.endswith(".o")}):
        path, whose = _file(image, source), maker(source, 0)
        if whose == "library" or not path.is_file():
            continue
        linked = {piece.input: piece.address for piece in image.pieces if piece.source == source}
        with path.open("rb") as stream:
            for place, address in _taken_by(ELFFile(stream), linked, public, machine):
                taken.setdefault(VECTORS if place == VECTORS else whose, set()).add(address)
    return taken


def _taken_by(
    file: ELFFile, linked: Mapping[str, int], public: Mapping[str, int], machine: Machine
) -> Iterator[tuple[str, int]]:
    """The sections of an object file that are in the program, each with the addresses of functions that it names.

    ``linked``: where the linker put the file's sections; ``public``: where functions of all files are.
    """
    table: Any = next(part for part in file.iter_sections() if isinstance(part, SymbolTableSection))
    functions = {
        (one["st_shndx"], _even(file, one["st_value"]))
        for one in table.iter_symbols()
        if one["st_info"]["type"] == "STT_FUNC" and one["st_shndx"] != "SHN_UNDEF"
    }
    for section in file.iter_sections():
        if not isinstance(section, RelocationSection):
            continue
        place: Any = file.get_section(section["sh_info"])
        if place.name not in linked:
            continue
        code = place.data() if place["sh_flags"] & SH_FLAGS.SHF_EXECINSTR else None
        for entry in section.iter_relocations():
            symbol = table.get_symbol(entry["r_info_sym"])
            index = symbol["st_shndx"]
            if not machine.takes_address(entry["r_info_type"], code and code[: entry["r_offset"]][-2:]):
                continue
            if index == "SHN_UNDEF" and symbol.name in public:
                yield str(place.name), public[symbol.name]
            where = _even(file, symbol["st_value"] + _addend(file, place, entry, symbol))
            if (index, where) in functions and (name := file.get_section(index).name) in linked:
                yield str(place.name), linked[name] + where


def _addend(file: ELFFile, place: Any, entry: Any, symbol: Any) -> int:
    """What a relocation adds to its symbol's place."""
    if entry.is_RELA():
        code = place["sh_flags"] & SH_FLAGS.SHF_EXECINSTR
        behind = 4 if file["e_machine"] == "EM_X86_64" and code and entry["r_addend"] < 0 else 0
        return int(entry["r_addend"]) + behind  # x86 counts from the place behind the number
    if symbol["st_info"]["type"] != "STT_SECTION":
        return 0
    at = entry["r_offset"]
    return int.from_bytes(place.data()[at : at + 4], "little")


def _even(file: ELFFile, value: int) -> int:
    """A place in Thumb code without the bit that says that it is Thumb."""
    return value & ~1 if file["e_machine"] == "EM_ARM" else value
