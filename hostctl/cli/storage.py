"""The options that say how a network's weights are stored on a board."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hostctl.cli.options import PATH, fast_option

if TYPE_CHECKING:
    from codegen.board import Board
    from codegen.ir import Network
    from codegen.tuning import Storage

_TUNING = click.option("--tuning", type=PATH, help="File of 'spikec tune' [default: the usual formats of weights].")


def storage_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--tuning`` and ``--fast``, the arguments ``tuning`` and ``fast``."""
    return _TUNING(fast_option(function))


def storage_for(network: Network, board: Board, tuning: Path | None, fast: Sequence[str]) -> Storage:
    """What both options say together; a tuning brings the layers in fast memory that it was measured with.

    Raises SpikecError for layers that are not there, a board without fast memory, and a tuning that was made for
    another network or board, or with other layers in fast memory.
    """
    from codegen.ir import fail
    from codegen.passes.fast import fast_layers
    from codegen.tuning import Storage, read_tuning

    asked = fast_layers(network, fast, board)
    if tuning is None:
        return Storage(fast=asked)
    tuned = read_tuning(tuning, network, board)
    if asked and asked != tuned.fast:
        what = f"names {', '.join(asked)}, but {tuning} was measured with {', '.join(tuned.fast) or 'none'}"
        raise fail("--fast", what, "Leave it out, or tune again with it")
    return tuned
