"""Flash and RAM that a program takes, read from its ELF file's section table."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from codegen.ir.errors import fail

_WRITE, _ALLOC = 1, 2
_NOBITS = 8


@dataclass(frozen=True)
class Usage:
    """Bytes: ``flash`` is code, constants and the image of initialised data; ``ram`` is data, zeros and stack."""

    flash: int
    ram: int


def usage(elf: Path) -> Usage:
    """Measure a program. Raises SpikecError when the file cannot be read or is no ELF file."""
    try:
        sections = list(_sections(elf.read_bytes()))
    except OSError as error:
        raise fail(str(elf), f"cannot be read ({error.strerror})", "Build again") from error
    except (struct.error, IndexError, ValueError) as error:
        raise fail(str(elf), f"is not a whole ELF file ({error})", "Build again") from error
    loaded = [(kind, flags, size) for kind, flags, size in sections if flags & _ALLOC]
    return Usage(
        flash=sum(size for kind, _, size in loaded if kind != _NOBITS),
        ram=sum(size for _, flags, size in loaded if flags & _WRITE),
    )


def _sections(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(type, flags, size) of every section, from the headers that the ELF specification lays down."""
    if data[:4] != b"\x7fELF":
        raise ValueError("it does not begin with ELF's mark")
    order = "<" if data[5] == 1 else ">"
    wide = data[4] == 2
    table = struct.unpack_from(order + ("Q" if wide else "I"), data, 40 if wide else 32)[0]
    entry, count = struct.unpack_from(order + "HH", data, 58 if wide else 46)
    for at in range(table, table + entry * count, entry):
        if wide:
            _, kind, flags, _, _, size = struct.unpack_from(order + "IIQQQQ", data, at)
        else:
            _, kind, flags, _, _, size = struct.unpack_from(order + "IIIIII", data, at)
        yield kind, flags, size
