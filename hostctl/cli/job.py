"""One run of a network on a board over a data set: what the user asked for, and the options that ask it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from codegen.board import Board, load_board
from codegen.ir import Network, load
from codegen.passes.hardware import Design
from codegen.passes.shares import Shares
from hostctl.cli.options import (
    PATH,
    board_option,
    data_option,
    limit_option,
    network_option,
    seed_option,
    split_option,
)
from hostctl.transport.chaos import Chaos

ALL = "all"
"""Instead of a port: all boards that answer."""


@dataclass(frozen=True)
class Job:
    """A network, a board, the data, and how to run. ``data`` None means the embedded digits.

    ``ports``: where the boards are. ``shares``: which layers run on the board's second core; None leaves all to the
    first. ``fast``: what ``--fast`` names. ``uart``: a simulated board's serial line is simulated, too. ``worst``: the
    all-ones input is run, too. ``design``: of an FPGA's hardware. ``chaos``: what shall go wrong on the line.
    ``stable``: the report says nothing that the host's clock and the line's luck decide. ``coding``: how samples go,
    see ``hostctl.stream.Coding``. ``meter``: the words of the meter that measures the board meanwhile; ``idle``: what
    is done with the idle power, 'keep' or 'subtract'.
    """

    network: Network
    network_path: Path
    board: Board
    folder: Path
    data: Path | None = None
    split: str = "Test"
    limit: int | None = None
    seed: int = 0
    ports: tuple[str, ...] = ()
    trace: bool = False
    uart: bool = False
    worst: bool = False
    resume: bool = False
    force: bool = False
    tuning: Path | None = None
    fast: tuple[str, ...] = ()
    shares: Shares | None = None
    design: Design | None = None
    chaos: Chaos | None = None
    stable: bool = False
    coding: str = "given"
    meter: str | None = None
    idle: str = "keep"

    @property
    def named_ports(self) -> tuple[str, ...]:
        """The ports that the user named, each once; none where they are to be found."""
        return () if ALL in self.ports else tuple(dict.fromkeys(self.ports))


_OPTIONS = (
    network_option,
    board_option,
    data_option,
    split_option,
    limit_option,
    seed_option,
    click.option(
        "--port",
        "-p",
        "ports",
        multiple=True,
        help="Serial port of a real board [default: the only one on USB that answers]; several share the samples; "
        "'all' is all that answer. An emulated board makes its own.",
    ),
    click.option(
        "--coding",
        type=click.Choice(["given", "smallest"]),
        default="given",
        show_default=True,
        help="How samples travel: as they are, or in the fewest bytes (then the device may have no events to bin).",
    ),
    click.option("--trace", is_flag=True, help="Compare every spike and membrane of every layer and step."),
    click.option("--uart", is_flag=True, help="On a simulated FPGA: every bit on the serial line's wires, too (slow)."),
    click.option(
        "--chaos",
        metavar="SPEC",
        help="Make the line worse on purpose, as in drop=1%,flip=0.1%,disconnect=20,reset=5,seed=3.",
    ),
    click.option(
        "--stable",
        is_flag=True,
        help="Leave out of the report what the host's clock and the line decide: equal numbers give an equal report.",
    ),
    click.option("--worst", is_flag=True, help="Run the all-ones input, too: every input in every step."),
    click.option("--out", "-o", "folder", type=PATH, help="Folder for the run [default: runs/<network>-<board>]."),
    click.option("--meter", metavar="KIND[:WHERE]", help="Measure the energy meanwhile; see docs/energy.md for kinds."),
    click.option(
        "--idle",
        type=click.Choice(["keep", "subtract"]),
        default="keep",
        show_default=True,
        help="With --meter: the power that the board takes while it does not compute.",
    ),
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
        ports: tuple[str, ...],
        trace: bool,
        uart: bool,
        stable: bool,
        coding: str,
        chaos: str | None,
        worst: bool,
        resume: bool,
        force: bool,
        meter: str | None,
        idle: str,
        **kwargs: Any,
    ) -> Any:
        description, net = load_board(board), load(network)
        folder = folder or Path("runs") / f"{net.name}-{board}"
        job = Job(net, network, description, folder, data, split, limit, seed, ports, trace, uart, worst, resume, force)
        job = replace(
            job,
            meter=meter,
            idle=idle,
            stable=stable,
            coding=coding,
            chaos=None if chaos is None else Chaos.parse(chaos),
        )
        return function(*args, job=job, **kwargs)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
