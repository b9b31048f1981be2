"""Which layers' weights are copied to a board's fast memory: those that the user names.

Weights stay in flash unless somebody asks: RAM is short, and what it is better used for only the user knows.
"""

from __future__ import annotations

from collections.abc import Iterable

from codegen.board import Board, board_ids, load_board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.ir.layers.base import Synapses

ALL = "all"
"""The name that stands for every layer with weights."""

OPTION = "--fast"
"""What problems name as their place."""


def fast_layers(network: Network, names: Iterable[str], board: Board | None = None) -> tuple[str, ...]:
    """The layers that ``names`` name, each once and in the network's order; ``all`` names every layer with weights.

    ``board`` None: a library's, which says itself where fast memory is. Raises SpikecError for names of no layer with
    weights, all of them at once, and for a board without fast memory.
    """
    asked = set(names)
    if not asked:
        return ()
    able = [layer.name for layer in network.layers if isinstance(layer.connection, Synapses)]
    if board is not None and board.fast is None:
        boards = [other for other in board_ids() if load_board(other).fast]
        what = f"{board.id} has no fast memory that weights could be copied to"
        raise fail(OPTION, what, f"Leave it out, or take one of {', '.join(boards)}")
    everything = ALL in asked and ALL not in able
    unknown = sorted(asked.difference(able, [ALL] if everything else []))
    if unknown:
        hint = f"It has {', '.join(able)}; '{ALL}' names every one"
        raise SpikecError(
            [Problem(OPTION, f"network '{network.name}' has no layer '{name}' with weights", hint) for name in unknown]
        )
    return tuple(able) if everything else tuple(name for name in able if name in asked)
