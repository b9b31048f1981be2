"""What a network takes of a board's memory, before anything is built: an estimate, and whether it fits.

The network's own part is counted from its layout, table by table. The firmware around it (protocol, runtime, start-up
code) is a fixed amount a board, measured with every kernel in it, and rounded up: 'spikec size' says by line what was
built, and its tests hold this estimate to it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from codegen.board import Board, board_ids, load_board
from codegen.ir import Layer, Network, Problem, SpikecError
from codegen.ir.layers.base import Shape
from codegen.ir.neurons.base import Neuron
from codegen.passes.fast import OPTION
from codegen.passes.layouts import lay_out, resized
from codegen.passes.widths import prove_widths

STAGE_FLASH = 160
"""Bytes of code and description that each layer adds to its tables."""

KIND_FLASH = MappingProxyType({"conv2d": 1536})
"""Bytes of code that kinds of connections add once, where the network has them: kernels larger than others."""

FAST_FLASH = 2048
"""Bytes of code that weights in RAM add where other instructions read it than flash: kernels of their own."""

STAGE_CONSTANTS = 40
"""Of these the bytes of description, which some boards copy to RAM."""


@dataclass(frozen=True)
class LayerFootprint:
    """Estimated bytes of one layer: ``flash`` its tables, ``ram`` its membranes, lists, buffers and counts.

    ``weights`` is that table's part of the flash; ``fast``: it is copied to fast memory, which ``ram`` does not count.
    """

    layer: str
    flash: int
    ram: int
    weights: int
    fast: bool = False


@dataclass(frozen=True)
class Footprint:
    """Estimated bytes of a firmware on a board, all in all, and the layers' part of them.

    ``fast``: of weights in fast memory; where that is the board's RAM, they are counted in ``ram``, too.
    """

    flash: int
    ram: int
    fast: int
    layers: tuple[LayerFootprint, ...]

    def fits(self, board: Board) -> bool:
        """Whether the board's memory holds it."""
        return all(need <= there for _, need, there in self.compared(board))

    def compared(self, board: Board) -> list[tuple[str, int, int]]:
        """What of the board's memory is needed, and how much is there, with its name."""
        compared = [("flash", self.flash, board.flash), ("RAM", self.ram, board.ram)]
        if board.fast and board.fast.bytes:
            compared.append((board.fast.name, self.fast, board.fast.bytes))
        if board.weights:
            in_flash = sum(layer.weights for layer in self.layers if not layer.fast)
            compared.append(("flash that weights can lie in", in_flash, board.weights))
        if board.table:
            largest = max(layer.weights for layer in self.layers)
            compared.append(("flash for one layer's weights", largest, board.table))
        return compared


def estimate(
    network: Network,
    board: Board,
    formats: Mapping[str, str] | None = None,
    *,
    fast: Collection[str] = (),
    cores: int = 1,
) -> Footprint:
    """Estimate what the network's firmware takes of the board's flash and RAM.

    ``formats``: see ``passes.lower``. ``fast``: layers whose weights are copied to the board's fast memory.
    """
    return _estimate(network, _bits(network), _with_stacks(board, cores), formats or {}, fast)


def check_fit(
    network: Network,
    board: Board,
    formats: Mapping[str, str] | None = None,
    *,
    fast: Collection[str] = (),
    cores: int = 1,
) -> None:
    """Raise SpikecError, saying what would make it fit, when the network is too large for the board.

    ``formats``, ``fast``: as ``estimate`` has them.
    """
    bits, board = _bits(network), _with_stacks(board, cores)
    need = _estimate(network, bits, board, formats or {}, fast)
    if need.fits(board):
        return
    without = _estimate(network, bits, board, formats or {})
    if without.fits(board):
        raise SpikecError(_too_fast(board, need, without))
    raise SpikecError(list(_problems(network, bits, board, without)))


def _with_stacks(board: Board, cores: int) -> Board:
    """The board with a stack for every core."""
    return replace(board, stack=board.stack * cores)


def _bits(network: Network) -> list[int]:
    """The width of every layer's membranes; 0 where there are none."""
    return [width.bits if width else 0 for width in prove_widths(network)]


def _estimate(
    network: Network,
    bits: Sequence[int],
    board: Board,
    formats: Mapping[str, str] = MappingProxyType({}),
    fast: Collection[str] = (),
) -> Footprint:
    each = zip(network.layers, bits, strict=True)
    layers = tuple(
        replace(_layer(layer, width, formats.get(layer.name, ""), network.steps, board), fast=layer.name in fast)
        for layer, width in each
    )
    results = network.steps * 4 * -(-network.out_size // 32)
    kinds = {layer.connection.kind for layer in network.layers}
    flash = board.flash_beside + sum(KIND_FLASH.get(kind, 0) for kind in kinds) + sum(layer.flash for layer in layers)
    if fast and board.constants_in_ram:
        flash += FAST_FLASH
    ram = board.ram_beside + board.stack + _slots(network.in_size) + results + sum(layer.ram for layer in layers)
    copied = sum(layer.weights for layer in layers if layer.fast)
    return Footprint(flash, ram if board.fast and board.fast.bytes else ram + copied, copied, layers)


def _layer(layer: Layer, bits: int, form: str, steps: int, board: Board) -> LayerFootprint:
    layout = lay_out(layer, bits, form)
    membranes, lists, counts = (
        layout.membranes * bits // 8,
        layout.pointers * board.pointer + layout.words * 4,
        2 * steps,
    )
    ram = membranes + lists + _slots(layer.size) + counts + 8 + 4
    tables = sum(table.values.nbytes for table in layout.tables)
    weights = sum(table.values.nbytes for table in layout.tables if table.name == "weight")
    if board.constants_in_ram:
        ram += tables - weights + STAGE_CONSTANTS
    return LayerFootprint(layer.name, tables + STAGE_FLASH, ram, weights)


def _slots(size: int) -> int:
    """A double buffer of spike words, and its counters."""
    return 2 * 4 * -(-size // 32) + 16


def _too_fast(board: Board, need: Footprint, without: Footprint) -> Problem:
    """The network fits, but not with so many weights in fast memory: what is left for them, and what it would hold."""
    assert board.fast is not None
    left = board.fast.bytes or board.ram - without.ram
    wanted = sorted((layer for layer in need.layers if layer.fast), key=lambda layer: layer.weights, reverse=True)
    fitting, room = [], left
    for layer in wanted:
        if layer.weights <= room:
            fitting.append(layer)
            room -= layer.weights
    where = f"the {left:,} that {board.id} has left for them in its {board.fast.name}"
    what = f"{need.fast:,} bytes of weights do not fit {where}"
    if fitting:
        names = " ".join(f"{OPTION} {layer.layer}" for layer in fitting)
        return Problem(OPTION, what, f"{names} would fit ({sum(layer.weights for layer in fitting):,} bytes)")
    least = wanted[-1]
    return Problem(OPTION, what, f"Leave it out: the smallest, {least.layer}, has {least.weights:,} bytes")


def _problems(network: Network, bits: Sequence[int], board: Board, need: Footprint) -> Iterator[Problem]:
    hint = "; ".join(_ways_out(network, bits, board, need))
    for name, wanted, there in need.compared(board):
        if wanted > there:
            what = f"network '{network.name}' needs about {wanted:,} bytes of {name}, {board.id} has {there:,}"
            yield Problem(f"board {board.id}", what, hint)


def _ways_out(network: Network, bits: Sequence[int], board: Board, need: Footprint) -> Iterator[str]:
    """What would make it fit: smaller layers, fewer bits where they narrow membranes, another board."""
    yield _smaller_layers(network, bits, board)
    narrow = [min(16, width) for width in bits]
    if need.ram > board.ram and _estimate(network, narrow, board).ram <= board.ram:
        wide = ", ".join(layer.name for layer, width in zip(network.layers, bits, strict=True) if width > 16)
        yield f"or use fewer bits or steps, so that the membranes of {wide} fit 16 bits"
    larger = [other.id for other in map(load_board, board_ids()) if _estimate(network, bits, other).fits(other)]
    yield f"or take another board: it fits {', '.join(larger)}" if larger else "no known board holds it as it is"


def _smaller_layers(network: Network, bits: Sequence[int], board: Board) -> str:
    """The largest share of every hidden layer that fits, in steps of 5 %."""
    if any(layer.neuron for layer in network.layers[:-1]):
        for percent in range(95, 0, -5):
            smaller = _resized(network, percent)
            if _estimate(smaller, bits, board).fits(board):
                return f"Train it with hidden layers of about {percent} % of the size ({_hidden(smaller)})"
    return "Smaller hidden layers alone do not help: use fewer inputs (downsample) or fewer steps"


def _hidden(network: Network) -> str:
    """The sizes of the hidden layers: channels of convolutions, neurons of dense layers."""
    hidden = [layer.connection.out_shape for layer in network.layers[:-1] if layer.neuron]
    groups = {
        "channels": [str(shape[-1]) for shape in hidden if len(shape) > 1],
        "neurons": [str(shape[-1]) for shape in hidden if len(shape) == 1],
    }
    return " and ".join(f"{', '.join(sizes)} {what}" for what, sizes in groups.items() if sizes)


def _resized(network: Network, percent: int) -> Network:
    """The same network with other numbers of hidden neurons or channels, and weights that mean nothing."""
    layers: list[Layer] = []
    shape: Shape = network.encoding.shape
    for layer in network.layers:
        old = layer.connection.out_shape[-1]
        channels = old if layer is network.layers[-1] else max(1, old * percent // 100)
        connection = resized(layer.connection, shape, channels)
        shape = connection.out_shape
        layers.append(Layer(layer.name, connection, _neurons(layer, connection.out_size, channels)))
    return replace(network, layers=tuple(layers))


def _neurons(layer: Layer, size: int, channels: int) -> Neuron | None:
    """So many neurons of the same kind, whose thresholds are shared as the layer's are."""
    if layer.neuron is None:
        return None
    kept = min(channels, layer.threshold_period) if layer.threshold_period < layer.size else size
    return replace(layer.neuron, theta=np.resize(layer.theta[:kept], size))
