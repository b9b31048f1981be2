"""What the FPGA of a board is: the table ``[fpga]`` of its ``board.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from codegen.ir.errors import Problem, SpikecError

FAMILIES = ("ecp5", "gowin", "ice40", "intel", "sim", "xilinx")
"""Kinds of FPGA, as ``family`` names them; ``sim`` is no chip but a model of the design."""


@dataclass(frozen=True)
class Fpga:
    """The chip, what is on it, and how it is clocked.

    ``part``: as its maker orders it. ``package``, ``speed``: where the tools want them apart from the part. ``die``:
    the name of the chip inside, where the tools go by that. ``clock_pin_hz``: the oscillator on the board.
    ``clock_hz``: the clock that the design runs with; another than the oscillator's is made by a PLL.

    ``luts``, ``ffs``, ``brams``: look-up tables (of Intel: halves of an ALM), flip-flops, block RAMs; a model has no
    limits, and all of them are 0. ``bram_bits``: bits of one block RAM, parity included. ``spram_bits``: bits of large
    RAMs that have no contents after power-up.

    ``pins``: the constraint file in the board's folder. ``high``: outputs that the design has to hold at 1, or the
    board does harm. ``loader``: the board's name for openFPGALoader.
    """

    family: str
    part: str
    clock_pin_hz: int
    clock_hz: int
    luts: int
    ffs: int
    brams: int
    bram_bits: int
    package: str = ""
    speed: str = ""
    die: str = ""
    spram_bits: int = 0
    pins: str = ""
    high: tuple[str, ...] = ()
    loader: str = ""


_KINDS = {"int": int, "str": str, "tuple[str, ...]": list}
"""A field's type to that of its value in TOML."""


def read_fpga(table: Mapping[str, Any], where: str) -> Fpga:
    """Read the table; ``where`` names its file. Raises SpikecError with everything that is wrong in it."""
    known = {field.name: field for field in fields(Fpga)}
    problems = [
        Problem(f"{where}: fpga.{key}", "is unknown", f"Known: {', '.join(known)}") for key in table if key not in known
    ]
    for name, field in known.items():
        place = f"{where}: fpga.{name}"
        if name in table and type(table[name]) is not _KINDS[str(field.type)]:
            problems.append(Problem(place, f"is {table[name]!r}", f"It must be of type {field.type}"))
        if name not in table and field.default is MISSING:
            problems.append(Problem(place, "is missing", "CONTRIBUTING.md tells what belongs there"))
    if table.get("family", FAMILIES[0]) not in FAMILIES:
        problems.append(Problem(f"{where}: fpga.family", f"is '{table['family']}'", f"Known: {', '.join(FAMILIES)}"))
    if problems:
        raise SpikecError(problems)
    return Fpga(**{**table, "high": tuple(table.get("high", ()))})
