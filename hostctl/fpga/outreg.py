"""ECP5: use the output registers of block RAMs, which Yosys leaves idle.

A block RAM's data comes 5.8 ns after the clock without its output register, and 1 ns after it with (nextpnr's figures
for speed grade 6). A design that registers what it reads has that register in the logic, with the slow RAM in front.
Here such flip-flops are moved into the RAM: the netlist behaves as before, cycle by cycle.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

Cell = dict[str, Any]
Bit = int | str
"""A net's number in Yosys's JSON, or a constant: '0', '1', 'x', 'z'."""

Design = dict[str, Any]
"""Yosys's JSON of a design."""

_RAM, _FLIP = "DP16KD", "TRELLIS_FF"
_OUTPUT = re.compile(r"DO([AB])\d+")
_WIDE = 36
"""Data this wide are written by both ports' inputs; all outputs, of whatever width, are then port B's."""

_LIBRARY = {"blackbox", "whitebox"}
"""Attributes of modules that are cells, not parts of the design."""

_PLAIN = {"CEMUX": ("1",), "REGSET": ("RESET",), "LSRMODE": ("LSR",)}
"""Parameters of a flip-flop that is always enabled and starts at 0."""


@dataclass(frozen=True)
class _Flip:
    """A flip-flop that could be an output register."""

    name: str
    clock: Bit
    inverted: bool
    q: Bit


def absorb_registers(design: Design) -> int:
    """Move flip-flops into the block RAMs that alone feed them; returns how many.

    ``design``: a flattened netlist of ECP5 cells, changed in place. A port's flip-flops are moved together or not at
    all, and only where nothing can tell the difference: each used output feeds one flip-flop and nothing else; these
    flip-flops have the port's clock, no enable, no reset, and are 0 after power-up, as the output register is; the port
    reads in every cycle, and its outputs are never reset.
    """
    modules = design["modules"].values()
    return sum(_absorb_in(module) for module in modules if not _LIBRARY & set(module.get("attributes", {})))


def _absorb_in(module: Design) -> int:
    cells: dict[str, Cell] = module["cells"]
    loads = _loads(module)
    flips = {cell["connections"]["DI"][0]: flip for name, cell in cells.items() if (flip := _flip(name, cell))}
    absorbed: dict[str, Bit] = {}
    for cell in [cell for cell in cells.values() if cell["type"] == _RAM]:
        for ports in _reading(cell):
            found = _registers(cell, ports, loads, flips)
            for pin, flip in found.items():
                absorbed[flip.name] = cell["connections"][pin][0]
                cell["connections"][pin] = [flip.q]
            for port in ports if found else ():
                cell["parameters"][f"REGMODE_{port}"] = "OUTREG"
                cell["connections"][f"OCE{port}"] = ["1"]
    for name in absorbed:
        del cells[name]
    _forget(module, set(absorbed.values()))
    return len(absorbed)


def _loads(module: Design) -> dict[Bit, list[tuple[str, str]]]:
    """What each net drives: (cell, pin), with no cell for the module's own outputs."""
    loads: dict[Bit, list[tuple[str, str]]] = defaultdict(list)
    for name, port in module["ports"].items():
        for bit in port["bits"] if port["direction"] != "input" else ():
            loads[bit].append(("", name))
    for name, cell in module["cells"].items():
        for pin, bits in cell["connections"].items():
            for bit in bits if cell["port_directions"][pin] != "output" else ():
                loads[bit].append((name, pin))
    return loads


def _flip(name: str, cell: Cell) -> _Flip | None:
    """The flip-flop, if it does nothing but delay: no enable, no reset, 0 after power-up."""
    if cell["type"] != _FLIP:
        return None
    parameters, pins = cell["parameters"], cell["connections"]
    if any(_word(parameters, key, plain[0]) not in plain for key, plain in _PLAIN.items()):
        return None
    if pins.get("LSR", ["0"]) != ["0"] or _word(parameters, "LSRMUX", "LSR") != "LSR":
        return None
    return _Flip(name, pins["CLK"][0], _word(parameters, "CLKMUX", "CLK") == "INV", pins["Q"][0])


def _reading(ram: Cell) -> list[str]:
    """The groups of ports whose outputs belong together."""
    return ["AB"] if _number(ram, "DATA_WIDTH_A") == _WIDE else ["A", "B"]


def _registers(
    ram: Cell, ports: str, loads: dict[Bit, list[tuple[str, str]]], flips: dict[Bit, _Flip]
) -> dict[str, _Flip]:
    """Output pin to the flip-flop that can be moved into it; empty when one of the used outputs has none."""
    parameters, pins = ram["parameters"], ram["connections"]
    clocked = ports[-1]
    clock, inverted = pins[f"CLK{clocked}"][0], _word(parameters, f"CLK{clocked}MUX", f"CLK{clocked}") == "INV"
    always = pins.get(f"CE{clocked}") == ["1"] and _word(parameters, f"CE{clocked}MUX", f"CE{clocked}") != "INV"
    idle = all(pins.get(f"RST{port}", ["0"]) == ["0"] for port in ports)
    free = all(_word(parameters, f"REGMODE_{port}", "NOREG") == "NOREG" for port in ports)
    if not (always and idle and free):
        return {}
    found = {}
    for pin, bits in pins.items():
        output = _OUTPUT.fullmatch(pin)
        if output is None or output[1] not in ports or not loads[bits[0]]:
            continue
        flip = flips.get(bits[0])
        if flip is None or len(loads[bits[0]]) > 1 or (flip.clock, flip.inverted) != (clock, inverted):
            return {}
        found[pin] = flip
    return found


def _forget(module: Design, dead: set[Bit]) -> None:
    """Take nets that no longer are from the list of names."""
    names = module["netnames"]
    for name in [name for name, net in names.items() if dead & set(net["bits"])]:
        bits = ["x" if bit in dead else bit for bit in names[name]["bits"]]
        if set(bits) == {"x"}:
            del names[name]
        else:
            names[name]["bits"] = bits


def _word(parameters: dict[str, str], key: str, default: str) -> str:
    """A parameter that is a word; Yosys puts a blank behind words that could be taken for numbers."""
    return parameters.get(key, default).rstrip()


def _number(cell: Cell, key: str) -> int:
    return int(cell["parameters"][key], 2)
