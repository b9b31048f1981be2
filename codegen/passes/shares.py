"""Which layers run on which of two cores: the first layers on the first, the rest on the second, balanced by work.

The work is an estimate in synaptic operations. What each layer does on real data is best known from its model card;
else an input is taken to be active in a tenth of the steps. The choice changes how long an inference takes, never its
result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from codegen.board import Board, board_ids, load_board
from codegen.ir import Layer, Network, fail

DENSITY = 0.1
"""Share of a layer's inputs that are active in a step, where nothing is known."""

FIRE = 7.0
"""What a neuron takes in each step beside its sums, in synaptic operations (Cortex-M4, measured)."""


@dataclass(frozen=True)
class Shares:
    """``first``: how many layers the first core runs. ``work``: each core's estimated share of the work, sum 1.

    ``source`` says what the estimate rests on.
    """

    first: int
    work: tuple[float, float]
    source: str

    def text(self, network: Network) -> str:
        """One line for people: the layers of either core, and their estimated shares."""
        names = [layer.name for layer in network.layers]
        sides = (names[: self.first], names[self.first :])
        cores = " | ".join(
            f"{', '.join(side) or 'input only'} ({w:.0%})" for side, w in zip(sides, self.work, strict=True)
        )
        return f"{cores}; estimated from {self.source}"


def share(
    network: Network, board: Board, *, first: int | None = None, synops: Mapping[str, float] | None = None
) -> Shares:
    """Split a network's layers over the two cores of a board: behind ``first`` layers, or where it balances best.

    ``synops``: synaptic operations an inference by layer, where they are known. Raises SpikecError for a board of one
    core, and for a split behind which no layer is left.
    """
    if board.cores < 2:
        able = [other for other in board_ids() if load_board(other).cores > 1]
        raise fail(f"board {board.id}", "has one core that we can use", f"Boards with two: {', '.join(able)}")
    layers = len(network.layers)
    if first is not None and not 0 <= first < layers:
        what = f"{first} layers on the first core leave none for the second: network '{network.name}' has {layers}"
        raise fail("--first-core", what, f"Give 0 to {layers - 1}, or nothing to have the work balanced")
    work = [_work(layer, network.steps, synops) for layer in network.layers]
    chosen = _balanced(work) if first is None else first
    total = sum(work)
    source = "the card's synaptic operations" if synops else f"inputs that are active in {DENSITY:.0%} of the steps"
    return Shares(chosen, (sum(work[:chosen]) / total, sum(work[chosen:]) / total), source)


def _balanced(work: Sequence[float]) -> int:
    """Where the busier core has least to do. A single layer goes to the second core: the first has the input."""
    if len(work) == 1:
        return 0
    return min(range(1, len(work)), key=lambda first: max(sum(work[:first]), sum(work[first:])))


def _work(layer: Layer, steps: int, synops: Mapping[str, float] | None) -> float:
    """A layer's work for an inference, in synaptic operations."""
    if synops is not None:
        sums = synops[layer.name]
    else:
        everything = np.ones((1, 1, layer.connection.in_size), np.bool_)
        sums = DENSITY * steps * float(layer.connection.synops(everything)[0])
    return sums + steps * layer.size * (FIRE if layer.neuron else 1.0)
