"""In which format each layer's weights are stored on a board: the fastest that its flash holds.

What a format costs was measured on the emulated cores (``benchmarks/kernels_m4.py``); ``spikec tune`` measures it for a
network and a board.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from codegen.board import Board
from codegen.ir import Layer, Network
from codegen.passes.footprint import estimate
from codegen.passes.layouts import formats

DSP_CORES = ("cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55")

COSTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "dsp": {"u7": 0.63, "u8": 0.79, "u4": 0.45, "p4": 0.70, "p2": 0.64},
        "": {"u7": 1.0, "u8": 1.0, "u4": 1.1, "p4": 2.0, "p2": 2.0},
    }
)
"""Instructions a synaptic operation of dense layers, by kind of core; only their order and ratios matter."""


def choose(network: Network, board: Board) -> dict[str, str]:
    """Layer to format: the cheapest each; where the board's flash is too small for them, others that take less.

    Then the layer is changed first that pays least for a byte. A network that fits in no way gets the smallest.
    """
    chosen = {layer.name: min(formats(layer), key=lambda form: _cost(board, form)) for layer in network.layers}
    while not estimate(network, board, chosen).fits(board):
        smaller = [
            (_price(network, board, layer, chosen, form), layer.name, form)
            for layer in network.layers
            for form in formats(layer)
            if _flash(network, board, layer, chosen, form) < _flash(network, board, layer, chosen)
        ]
        if not smaller:
            break
        _, name, form = min(smaller)
        chosen[name] = form
    return chosen


def _cost(board: Board, form: str) -> float:
    """Instructions a synaptic operation, where there is a choice."""
    return COSTS["dsp" if board.core in DSP_CORES else ""].get(form, 0.0)


def _price(network: Network, board: Board, layer: Layer, chosen: Mapping[str, str], form: str) -> float:
    """What a byte less costs: more instructions for all the layer's synaptic operations, by the bytes saved."""
    more = (_cost(board, form) - _cost(board, chosen[layer.name])) * layer.connection.in_size * layer.size
    return more / (_flash(network, board, layer, chosen) - _flash(network, board, layer, chosen, form))


def _flash(network: Network, board: Board, layer: Layer, chosen: Mapping[str, str], form: str | None = None) -> int:
    """Bytes of the whole firmware, with another format of one layer."""
    return estimate(network, board, dict(chosen) if form is None else {**chosen, layer.name: form}).flash
