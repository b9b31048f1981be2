"""A linked program, taken apart: every byte of its flash and RAM with the object file and the symbol that it is of.

The linker's map says which object file gave which bytes, the ELF file's symbol table what they are called. What no
object file gave is padding, or what the linker script reserved.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.construct.core import ConstructError
from elftools.elf.constants import SH_FLAGS
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from codegen.ir.errors import fail

_CONSTANT = (".rodata", ".srodata", ".data.rel.ro")
"""Names of what compilers put constants into, wherever the linker puts them."""

FAST = ".fast"
"""The section that linker scripts keep for weights in fast memory, where that is not the RAM."""

_LAID_OUT = "Linker script and memory map"
_OUTPUT = re.compile(r"^([^\s*]\S*)(\s|$)")
_PIECE = re.compile(r"^ (\S+)?\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$")
_NAME = re.compile(r"^ (\S+)$")
_STRINGS = re.compile(r"\.str\d+\.\d+$")
"""Names of what compilers put strings into that may be merged with equal ones."""


@dataclass(frozen=True)
class Section:
    """A section that the program has at run time. ``flash``: its bytes are stored; ``ram``: it can be written."""

    name: str
    address: int
    size: int
    flash: bool
    ram: bool
    code: bool


@dataclass(frozen=True)
class Symbol:
    """A function or variable: its name, where it is, how many bytes, and whether it is a function."""

    name: str
    address: int
    size: int
    function: bool


@dataclass(frozen=True)
class Piece:
    """What one object file put into one section: ``source`` is the file, as in 'src/a.o' or 'lib.a(b.o)'.

    ``input`` is the file's own name of it, as in '.rodata.fc1_weight'.
    """

    section: Section
    input: str
    source: str
    address: int
    size: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.size


@dataclass(frozen=True)
class Part:
    """Bytes of a section that are of one thing: a symbol, what a file has without a name, or (``source`` '') no file's.

    ``constant``: the program never writes them, also where they lie in RAM.
    """

    section: Section
    source: str
    symbol: str
    size: int
    function: bool = False
    constant: bool = True


@dataclass(frozen=True)
class Image:
    """A linked program: ``machine`` as ELF names it ('EM_ARM') with its flags, where it begins, its parts.

    ``names``: of everything that it defines or asks a shared library for.
    """

    elf: Path
    machine: str
    flags: int
    entry: int
    sections: tuple[Section, ...]
    pieces: tuple[Piece, ...]
    symbols: tuple[Symbol, ...]
    names: frozenset[str]

    @property
    def flash(self) -> int:
        """Bytes that are stored: code, constants and the initial values of variables."""
        return sum(section.size for section in self.sections if section.flash)

    @property
    def ram(self) -> int:
        """Bytes of variables, zeros and stack in RAM."""
        return sum(section.size for section in self.sections if section.ram and section.name != FAST)

    @property
    def fast(self) -> int:
        """Bytes of weights in fast memory that is not the RAM."""
        return sum(section.size for section in self.sections if section.name == FAST)

    def parts(self) -> Iterator[Part]:
        """Every byte of every section once, in order of address."""
        for section in self.sections:
            at = section.address
            for piece in (piece for piece in self.pieces if piece.section is section):
                yield from _between(section, at, piece.address)
                yield from self._inside(piece)
                at = piece.end
            yield from _between(section, at, section.address + section.size)

    def symbols_of(self, piece: Piece) -> list[Symbol]:
        """The symbols inside a piece, in order of address."""
        first, last = (bisect_left(self.symbols, at, key=_address) for at in (piece.address, piece.end))
        return [symbol for symbol in self.symbols[first:last] if symbol.address + symbol.size <= piece.end]

    def _inside(self, piece: Piece) -> Iterator[Part]:
        at, constant = piece.address, not piece.section.ram or piece.input.startswith(_CONSTANT)
        for symbol in self.symbols_of(piece):
            if symbol.address < at:
                continue  # another name of what was counted already
            if symbol.address > at:
                yield Part(piece.section, piece.source, "", symbol.address - at, constant=constant)
            yield Part(piece.section, piece.source, symbol.name, symbol.size, symbol.function, constant)
            at = symbol.address + symbol.size
        if piece.end > at:
            yield Part(piece.section, piece.source, "", piece.end - at, constant=constant)


def read_image(elf: Path) -> Image:
    """Read a program and, beside it, the linker's map.

    Raises SpikecError when one of them is missing or is not what it should be.
    """
    try:
        with elf.open("rb") as stream:
            file = ELFFile(stream)
            sections = tuple(sorted(_sections(file), key=_address))
            symbols = tuple(sorted(_symbols(file), key=lambda one: (one.address, -one.size, one.name)))
            names = frozenset(str(one.name).split("@")[0] for table in _tables(file) for one in table.iter_symbols())
            machine, flags, entry = str(file["e_machine"]), int(file["e_flags"]), int(file["e_entry"])
        text = elf.with_suffix(".map").read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise fail(str(error.filename), f"cannot be read ({error.strerror})", "Build again") from error
    except (ELFError, ConstructError, ValueError) as error:
        raise fail(str(elf), f"is not a whole ELF file ({error})", "Build again") from error
    pieces = tuple(_merged(sorted(_pieces(text, sections), key=_address)))
    _check(elf, pieces)
    return Image(elf, machine, flags, entry, sections, pieces, symbols, names)


def _address(one: Section | Symbol | Piece) -> int:
    return one.address


def _sections(file: ELFFile) -> Iterator[Section]:
    for section in file.iter_sections():
        flags, size = int(section["sh_flags"]), int(section["sh_size"])
        if flags & SH_FLAGS.SHF_ALLOC and size:
            yield Section(
                name=str(section.name),
                address=int(section["sh_addr"]),
                size=size,
                flash=section["sh_type"] != "SHT_NOBITS",
                ram=bool(flags & SH_FLAGS.SHF_WRITE),
                code=bool(flags & SH_FLAGS.SHF_EXECINSTR),
            )


def _tables(file: ELFFile) -> Iterator[SymbolTableSection]:
    for section in file.iter_sections():
        if isinstance(section, SymbolTableSection) and section["sh_type"] == "SHT_SYMTAB":
            yield section


def _symbols(file: ELFFile) -> Iterator[Symbol]:
    thumb = 1 if file["e_machine"] == "EM_ARM" else 0
    for table in _tables(file):
        for symbol in table.iter_symbols():
            kind, size = symbol["st_info"]["type"], int(symbol["st_size"])
            if kind in ("STT_FUNC", "STT_OBJECT") and size and symbol["st_shndx"] != "SHN_UNDEF":
                function = kind == "STT_FUNC"
                address = int(symbol["st_value"]) & ~(thumb if function else 0)
                yield Symbol(str(symbol.name), address, size, function)


def _pieces(text: str, sections: tuple[Section, ...]) -> Iterator[Piece]:
    """What the map says of the sections that the program has at run time; its other lines are passed over."""
    named = {section.name: section for section in sections}
    section: Section | None = None
    begun = ""  # the name of a piece whose other figures are in the next line
    for line in text[max(text.find(_LAID_OUT), 0) :].splitlines():
        output, piece = _OUTPUT.match(line), _PIECE.match(line)
        if output:
            section = named.get(output[1])
        elif piece and section and (piece[1] or begun):
            address, size = int(piece[2], 16), int(piece[3], 16)
            if size and section.address <= address and address + size <= section.address + section.size:
                yield Piece(section, piece[1] or begun, piece[4], address, size)
        name = _NAME.match(line)
        begun = name[1] if name else ""


def _merged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Pieces in order, strings without what the next ones give again.

    The linker merges equal strings, but its map goes on naming each object's own size: those behind overlap.
    """
    for piece, after in zip_longest(pieces, pieces[1:]):
        if after is not None and _STRINGS.search(piece.input) and _STRINGS.search(after.input):
            size = min(piece.size, after.address - piece.address) if after.section is piece.section else piece.size
            if size > 0:
                yield replace(piece, size=size)
        else:
            yield piece


def _check(elf: Path, pieces: tuple[Piece, ...]) -> None:
    if not pieces:
        raise fail(str(elf.with_suffix(".map")), "names none of the program's sections", "Build again")
    for before, piece in pairwise(pieces):
        if before.section is piece.section and before.end > piece.address:
            what = f"says that {before.source} and {piece.source} both gave what is at {piece.address:#x}"
            raise fail(str(elf.with_suffix(".map")), what, "Please report it, with this file")


def _between(section: Section, start: int, stop: int) -> Iterator[Part]:
    if stop > start:
        yield Part(section, "", "", stop - start)
