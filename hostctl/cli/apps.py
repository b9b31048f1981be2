"""The options that say what a board's firmware does with its network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from codegen.apps import APPS, STREAM, check_modes
from codegen.board import Board
from codegen.ir import fail

_APP = click.option(
    "--app",
    type=click.Choice(list(APPS)),
    default=STREAM,
    show_default=True,
    help="What the firmware does: answer 'spikec stream', or MLPerf Tiny's runner (docs/mlperf-tiny.md).",
)
_MODEL = click.option(
    "--model", metavar="NAME", help="What the firmware calls its network to MLPerf Tiny's runner [the network's name]."
)
_ENERGY = click.option(
    "--energy",
    is_flag=True,
    help="MLPerf Tiny's energy mode: timestamps are pulses on the board's marker pin, and the line has 9,600 baud.",
)


def app_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--app``, ``--model`` and ``--energy``, the arguments ``app``, ``model`` and ``energy``."""
    return _APP(_MODEL(_ENERGY(function)))


def check_app(app: str, model: str | None, energy: bool, board: Board | None) -> None:
    """Raise SpikecError where the options have no meaning: for a library, an FPGA, or an app that asks for none."""
    if app != STREAM and (board is None or board.fpga is not None):
        where = "a library" if board is None else f"{board.id}, which has an FPGA"
        raise fail("--app", f"{app} is firmware, and has no meaning for {where}", "Name a board with a CPU")
    check_modes(app, marker=False, energy=energy)
    if app == STREAM and model is not None:
        raise fail("--model", f"has no meaning with --app {STREAM}", "Leave it out, or give --app mlperf_tiny")
