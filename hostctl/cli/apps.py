"""The options that say what a board's firmware does with its network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from codegen.apps import APPS, STREAM
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


def app_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--app`` and ``--model``, the arguments ``app`` and ``model``."""
    return _APP(_MODEL(function))


def check_app(app: str, model: str | None, board: Board | None) -> None:
    """Raise SpikecError where the options have no meaning: for a library, an FPGA, or a model that nobody asks for."""
    if app != STREAM and (board is None or board.fpga is not None):
        where = "a library" if board is None else f"{board.id}, which has an FPGA"
        raise fail("--app", f"{app} is firmware, and has no meaning for {where}", "Name a board with a CPU")
    if app == STREAM and model is not None:
        raise fail("--model", f"has no meaning with --app {STREAM}", "Leave it out, or give --app mlperf_tiny")
