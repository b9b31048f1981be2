"""The plan that an emulator counts by, and what it has counted: the formats of ``firmware/emulators/counts.h``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from codegen.ir.errors import fail
from hostctl.profile.phases import Kind, layer_of, number, phase_of
from hostctl.profile.program import Function, Program

_CALLS = ("call", "rcall", "icall", "eicall", "bl", "blx", "jal", "jalr")


@dataclass(frozen=True)
class Count:
    """What one instruction did in the whole run, for one layer (0: none, else its place from 1) and phase.

    ``followed``: how often the instruction before it in memory ran right before it. ``loads``, ``stores``: accesses to
    memory. ``cycles``: true ones, 0 from an emulator that knows none.
    """

    layer: int
    phase: int
    address: int
    executed: int
    followed: int
    loads: int
    stores: int
    cycles: int


@dataclass(frozen=True)
class Counts:
    """Everything that ran; ``elsewhere``: instructions that belong to no function."""

    counts: tuple[Count, ...]
    elsewhere: int


def write_plan(path: Path, program: Program, layers: Sequence[str]) -> None:
    """Write the plan for a program with these layers.

    Raises AssertionError when generated code or the firmware no longer fit this file: a layer without a step, or an
    interrupt that calls functions (``counts.h`` would take them for those that it interrupts).
    """
    place = {name: i + 1 for i, name in enumerate(layers)}
    lines, seen = [str(len(program.functions))], set()
    for function in program.functions:
        kind, phase = phase_of(function)
        layer = place.get(layer_of(function), 0) if kind is Kind.STEP else 0
        seen.add(layer)
        assert kind is not Kind.INTERRUPT or not _calls(program, function), f"the interrupt {function.name} makes calls"
        lines.append(f"{kind.value} {layer} {number(phase)} {function.start:x} {function.end:x}")
    missing = [name for name in layers if place[name] not in seen]
    assert not missing, f"the firmware has no step of layer {', '.join(missing)}"
    path.write_text("\n".join(lines) + "\n")


def _calls(program: Program, function: Function) -> bool:
    inside = range(function.start, function.end)
    return any(program.instructions[a].mnemonic in _CALLS for a in inside if a in program.instructions)


def read_counts(path: Path) -> Counts:
    """Read what an emulator has counted. Raises SpikecError when it wrote nothing, or not all of it."""
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        hint = "Did it crash? Try again; 'spikec run' on the same board shows whether it works"
        raise fail(str(path), f"has no counts of the emulator ({error.strerror})", hint) from error
    if not lines or not lines[-1].startswith("end "):
        raise fail(str(path), "is not whole: the emulator was ended while it wrote", "Try again")
    return Counts(tuple(map(_count, lines[:-1])), int(lines[-1].split()[1]))


def _count(line: str) -> Count:
    layer, phase, address, *numbers = line.split()
    executed, followed, loads, stores, cycles = map(int, numbers)
    return Count(int(layer), int(phase), int(address, 16), executed, followed, loads, stores, cycles)


def jumps(counts: Sequence[Count], program: Program) -> Mapping[tuple[int, int, int], int]:
    """How often each instruction did not go on with the one behind it, by (layer, phase, address).

    That is what branches taken are: all other instructions go on with the next one.
    """
    on = {(each.layer, each.phase, each.address): each.followed for each in counts}
    left = {}
    for each in counts:
        behind = each.address + program.instructions[each.address].size
        left[each.layer, each.phase, each.address] = each.executed - on.get((each.layer, each.phase, behind), 0)
    return left
