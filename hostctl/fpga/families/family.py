"""What the flow needs to know of a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from codegen.fpga import Fpga
from hostctl.fpga.cells import Cells
from hostctl.fpga.tool import Tool

LUT, FF, BRAM, SPRAM = "LUT", "flip-flop", "block RAM", "SPRAM"
"""Names of resources, as results call them."""


@dataclass(frozen=True)
class Takes:
    """Cells whose type matches ``pattern`` wholly take ``amount`` of a resource each."""

    pattern: str
    resource: str
    amount: int = 1


@dataclass(frozen=True)
class Doubt:
    """Why nextpnr's timing of a family is not to be believed, and by how much its clocks are lowered for that."""

    percent: float
    why: str


@dataclass(frozen=True)
class Place:
    """Place and route, and the way from there to a bitstream. File names are relative to where the tools run.

    ``arguments``: of nextpnr, from the chip, the netlist, the constraint file and where the placed design goes.
    ``reports``: resource to the names under which nextpnr counts it. ``pack_arguments``: of the packer, from the chip,
    the placed design and the bitstream. ``doubt``: about its timing.
    """

    tool: Tool
    arguments: Callable[[Fpga, str, str, str], list[str]]
    reports: Mapping[str, tuple[str, ...]]
    packer: Tool
    pack_arguments: Callable[[Fpga, str, str], list[str]]
    suffix: str
    doubt: Doubt | None = None


@dataclass(frozen=True)
class Family:
    """``synthesise``: the Yosys commands, from the chip, the top module and the JSON file of the netlist.

    ``place`` None: the vendor's tools do that, from a project. ``rework``: changes the netlist (Yosys's JSON) in place
    and returns how many flip-flops it moved into block RAMs. ``cells``: for simulation; None where there are no models.
    """

    synthesise: Callable[[Fpga, str, str], str]
    takes: tuple[Takes, ...]
    place: Place | None = None
    rework: Callable[[dict[str, Any]], int] | None = None
    cells: Cells | None = None
