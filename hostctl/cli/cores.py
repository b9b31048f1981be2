"""The options that give a network two cores, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from codegen.board import Board
    from codegen.ir import Network
    from codegen.passes.shares import Shares

_CORES = click.option(
    "--cores",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="How many of the board's cores share the layers.",
)
_FIRST = click.option(
    "--first-core",
    type=click.IntRange(min=0),
    metavar="LAYERS",
    help="With --cores 2: so many layers run on the first core [default: balanced by estimated work].",
)


def cores_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--cores`` and ``--first-core``, the arguments ``cores`` and ``first_core``."""
    return _CORES(_FIRST(function))


def shares_for(network: Network, path: Path, board: Board, cores: int, first: int | None) -> Shares | None:
    """How the layers are split, or None for one core; by the model card where one belongs to the network at ``path``.

    Raises SpikecError for a board with one core or a split that leaves a core without layers.
    """
    if cores == 1:
        if first is not None:
            raise click.UsageError("--first-core needs --cores 2")
        return None
    from codegen.passes.shares import share

    return share(network, board, first=first, synops=_measured(network, path))


def _measured(network: Network, path: Path) -> dict[str, float] | None:
    """Synaptic operations an inference by layer, from the card beside the network, if there is one of this network."""
    from codegen.card import load_card

    beside = path.with_suffix(".json")
    if not beside.is_file():
        return None
    card = load_card(beside)
    return dict(card.tests[0]["synops"]) if card.network["digest"] == network.digest else None
