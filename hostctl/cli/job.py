"""One run of a network on a board over a data set: what the user asked for, and the options that ask it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from codegen.board import Board, load_board
from codegen.ir import Network, load
from codegen.passes.shares import Shares
from hostctl.cli.options import (
    PATH,
    board_option,
    data_option,
    idle_option,
    limit_option,
    meter_option,
    network_option,
    seed_option,
    split_option,
)

if TYPE_CHECKING:
    from hostctl.meters import Choice, Idle


@dataclass(frozen=True)
class Job:
    """A network, a board, the data, and how to run. ``data`` None means the embedded digits.

    ``shares``: which layers run on the board's second core; None leaves all to the first. ``uart``: a simulated board's
    serial line is simulated, too. ``meter``: what measures the energy, and what becomes of the ``idle`` power.
    """

    network: Network
    network_path: Path
    board: Board
    folder: Path
    data: Path | None = None
    split: str = "Test"
    limit: int | None = None
    seed: int = 0
    port: str | None = None
    trace: bool = False
    uart: bool = False
    resume: bool = False
    force: bool = False
    meter: Choice | None = None
    idle: Idle = "subtract"
    tuning: Path | None = None
    shares: Shares | None = None


_OPTIONS = (
    network_option,
    board_option,
    data_option,
    split_option,
    limit_option,
    seed_option,
    click.option("--port", "-p", help="Serial port of a real board (an emulated board makes its own)."),
    click.option("--trace", is_flag=True, help="Compare every spike and membrane of every layer and step."),
    click.option("--uart", is_flag=True, help="On a simulated FPGA: every bit on the serial line's wires, too (slow)."),
    meter_option,
    idle_option,
    click.option("--out", "-o", "folder", type=PATH, help="Folder for the run [default: runs/<network>-<board>]."),
    click.option("--resume", is_flag=True, help="Go on with an interrupted run in the same folder."),
    click.option("--force", is_flag=True, help="Replace earlier results and edited sources in the folder."),
)


def job_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add all options of a run, and hand the command the ``Job`` that they describe as its argument ``job``."""

    @functools.wraps(function)
    def wrapped(
        *args: Any,
        network: Path,
        board: str,
        folder: Path | None,
        data: Path | None,
        split: str,
        limit: int | None,
        seed: int,
        port: str | None,
        trace: bool,
        uart: bool,
        meter: str | None,
        idle: Idle,
        resume: bool,
        force: bool,
        **kwargs: Any,
    ) -> Any:
        description, net = load_board(board), load(network)
        folder = folder or Path("runs") / f"{net.name}-{board}"
        job = Job(
            net, network, description, folder, data, split, limit, seed, port, trace, uart, resume, force,
            meter=_meter(meter), idle=idle,
        )  # fmt: skip
        return function(*args, job=job, **kwargs)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _meter(text: str | None) -> Choice | None:
    """The meter that was typed. Raises SpikecError when there is no such kind."""
    if text is None:
        return None
    from hostctl.meters import parse_meter

    return parse_meter(text)
