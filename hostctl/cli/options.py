"""Options that several commands share, so that they are called and explained alike everywhere."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from codegen.zoo import network_path
from hostctl.cli.output import Output

PATH = click.Path(path_type=Path)

NETWORK = network_path
"""Type of a network that is named by its file, or by its name in the zoo: a Path either way."""

network_option = click.option(
    "--network",
    "-n",
    required=True,
    type=NETWORK,
    metavar="NETWORK",
    help="The network: a .spk file, or a name that 'spikec zoo' lists.",
)
board_option = click.option("--board", "-b", required=True, help="The board's id; 'spikec boards' lists them.")
data_option = click.option(
    "--data",
    "-d",
    type=PATH,
    default=lambda: os.environ.get("SPIKEC_DATA"),
    show_default="$SPIKEC_DATA, else the embedded digits",
    help="Folder with N-MNIST (or MNIST) data.",
)
split_option = click.option(
    "--split", type=click.Choice(["Train", "Test"]), default="Test", show_default=True, help="Which part of the data."
)
limit_option = click.option("--limit", type=click.IntRange(min=1), help="Use at most this many samples.")
seed_option = click.option("--seed", type=int, default=0, show_default=True, help="Seed of the Bernoulli rate coding.")
tuning_option = click.option(
    "--tuning", type=PATH, help="File of 'spikec tune' [default: the usual formats of weights]."
)
meter_option = click.option(
    "--meter",
    metavar="KIND[:WHERE][,NAME=VALUE]",
    help="Power meter that measures the energy, as in ppk2:/dev/ttyACM1,volts=3.3 (docs/energy.md).",
)
idle_option = click.option(
    "--idle",
    type=click.Choice(["subtract", "keep"]),
    default="subtract",
    show_default=True,
    help="What becomes of the power that the board takes at rest.",
)
port_option = click.option("--port", "-p", help="Serial port of the board.")
force_option = click.option("--force", is_flag=True, help="Overwrite files even where a person edited them.")


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--json`` and hand the command its ``Output`` as the argument ``out``."""

    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON on stdout.")
    @functools.wraps(function)
    def wrapped(*args: Any, as_json: bool, **kwargs: Any) -> Any:
        name = click.get_current_context().info_name or ""
        return function(*args, out=Output(name, as_json), **kwargs)

    return wrapped
