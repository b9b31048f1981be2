"""In which format each layer's weights are stored on a board: the fastest that its flash holds.

What a format costs was measured on the emulated cores (``benchmarks/kernels.py``, ``benchmarks/kernels_avr.py``);
``spikec tune`` measures it for a network and a board.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from codegen.board import Board
from codegen.ir import Conv2d, Layer, Network
from codegen.passes.footprint import Footprint, estimate
from codegen.passes.layouts import formats

Cost = Callable[[Layer, str], float | None]
"""What a layer costs in a format, in any unit; None where it is not known, and so not to be chosen."""

KINDS: Mapping[str, str] = MappingProxyType(
    {"cortex-m4": "dsp", "cortex-m7": "dsp", "cortex-m33": "dsp", "cortex-m55": "mve"}
)
"""Cores with kernels of their own, and which."""

COSTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "dsp": {"u7": 0.63, "u8": 0.76, "u4": 0.46, "p4": 0.71, "p2": 0.63},
        "mve": {"u7": 0.22, "u8": 0.29, "u4": 0.18, "p4": 0.38, "p2": 0.33},
        "avr": {"u7": 6.4, "u8": 7.0, "u4": 6.2, "p4": 5.2, "p2": 4.0},
        "avr, fast": {"u7": 5.2, "u8": 5.9, "u4": 4.6, "p4": 4.1, "p2": 3.7},
        "": {"u7": 0.81, "u8": 1.06, "u4": 0.52, "p4": 0.69, "p2": 0.50},
        "riscv": {"u7": 1.06, "u8": 1.45, "u4": 0.90, "p4": 1.06, "p2": 0.70},
    }
)
"""Instructions (AVR: cycles) a synaptic operation of dense layers, by kind of core; only their ratios matter.

Integration alone, as ``benchmarks/kernels.py`` and ``kernels_avr.py`` count it: on the Cortex-M4, the Cortex-M55, the
AVR with weights in flash and in RAM, an RV32IMC, and for all others on the Cortex-M3.
"""

WORDS_FROM = 33
"""Channels from which a RISC-V core convolves faster by words; with fewer, weights one by one are."""


def choose(network: Network, board: Board, fast: Collection[str] = ()) -> dict[str, str]:
    """Layer to format: the cheapest each by ``COSTS``, as far as the board's memory holds them.

    ``fast``: layers whose weights are copied to the board's fast memory.
    """

    def cost(layer: Layer, form: str) -> float:
        kind = _kind(board.core, layer.name in fast)
        if isinstance(layer.connection, Conv2d):
            return 0.0 if (form == "s8") == _one_by_one(kind, layer.connection) else 1.0
        return COSTS[kind].get(form, 0.0) * layer.connection.in_size * layer.size

    return choose_by(network, board, cost, fast)


def _kind(core: str, fast: bool) -> str:
    """Which of ``COSTS`` holds for a core, and for weights in fast memory."""
    if core.startswith("avr"):
        return "avr, fast" if fast else "avr"
    return "riscv" if core.startswith("rv") else KINDS.get(core, "")


def _one_by_one(kind: str, connection: Conv2d) -> bool:
    """Whether convolution adds weights with signs, or, on cores with ordinary words only, words of positive ones."""
    return kind != "" and not (kind == "riscv" and connection.out_shape[2] >= WORDS_FROM)


def choose_by(network: Network, board: Board, cost: Cost, fast: Collection[str] = ()) -> dict[str, str]:
    """Layer to format: the cheapest each; where the board's memory is too small for them, others that take less.

    Then the layer is changed first that pays least for a byte. A network that fits in no way gets the smallest.
    """
    costs = {layer.name: _known(layer, cost) for layer in network.layers}
    chosen = {name: min(known, key=known.__getitem__) for name, known in costs.items()}
    while not (now := estimate(network, board, chosen, fast=fast)).fits(board):
        smaller = []
        for name, known in costs.items():
            for form in known:
                saved = _saved(board, now, estimate(network, board, {**chosen, name: form}, fast=fast))
                if saved > 0:
                    smaller.append(((known[form] - known[chosen[name]]) / saved, name, form))
        if not smaller:
            break
        _, name, form = min(smaller)
        chosen[name] = form
    return chosen


def _saved(board: Board, now: Footprint, then: Footprint) -> int:
    """Bytes less of what is short."""
    short = (n for n, (_, need, there) in enumerate(now.compared(board)) if need > there)
    before, after = now.compared(board), then.compared(board)
    return sum(before[n][1] - after[n][1] for n in short)


def _known(layer: Layer, cost: Cost) -> dict[str, float]:
    """The formats whose cost is known, and that cost; where none is, the usual format."""
    found = {form: known for form in formats(layer) if (known := cost(layer, form)) is not None}
    return found or {formats(layer)[0]: 0.0}
