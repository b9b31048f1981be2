"""What a network takes of a board's memory, before anything is built: an estimate, and whether it fits.

The network's own part is counted from the generated declarations, table by table. The firmware around it (protocol,
runtime, start-up code) is a fixed amount, measured once on the emulated Cortex-M4 and rounded up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from codegen.board import Board, board_ids, load_board
from codegen.ir import Network, Problem, SpikecError
from codegen.passes.layout import padded, shared_threshold
from codegen.passes.widths import prove_widths

FIRMWARE_FLASH = 9 * 1024
"""Bytes of code and constants beside the network's tables."""

FIRMWARE_RAM = 20 * 1024
"""Bytes of static buffers of the protocol, and a stack of 16 KiB."""

STAGE_FLASH = 160
"""Bytes of code and description that each layer adds to its tables."""


@dataclass(frozen=True)
class LayerFootprint:
    """Estimated bytes of one layer: ``flash`` its tables, ``ram`` its membranes, row list, buffers and counts."""

    layer: str
    flash: int
    ram: int


@dataclass(frozen=True)
class Footprint:
    """Estimated bytes of a firmware on a board, all in all, and the layers' part of them."""

    flash: int
    ram: int
    layers: tuple[LayerFootprint, ...]

    def fits(self, board: Board) -> bool:
        """Whether the board's memory holds it."""
        return self.flash <= board.flash and self.ram <= board.ram


@dataclass(frozen=True)
class _Shape:
    """All that a layer's memory depends on; ``member``: bytes of a membrane."""

    name: str
    inputs: int
    size: int
    member: int
    theta_each: bool

    def footprint(self, steps: int, pointer: int) -> LayerFootprint:
        width = padded(self.size)
        thresholds = self.size * self.member if self.theta_each else 0
        flash = self.inputs * width + width * self.member + thresholds + STAGE_FLASH
        rows, counts = (self.inputs + 1) * pointer, 2 * steps + 8 + 4
        return LayerFootprint(self.name, flash, width * self.member + rows + _slots(self.size) + counts)


def estimate(network: Network, board: Board) -> Footprint:
    """Estimate what the network's firmware takes of the board's flash and RAM."""
    return _sum(network, _shapes(network), board)


def check_fit(network: Network, board: Board) -> None:
    """Raise SpikecError, saying what would make it fit, when the network is too large for the board."""
    shapes = _shapes(network)
    need = _sum(network, shapes, board)
    if not need.fits(board):
        raise SpikecError(list(_problems(network, shapes, board, need)))


def _shapes(network: Network) -> list[_Shape]:
    layers = zip(network.layers, prove_widths(network), strict=True)
    return [
        _Shape(
            layer.name,
            layer.connection.in_size,
            layer.size,
            width.bits // 8,
            not isinstance(shared_threshold(layer.theta), int),
        )
        for layer, width in layers
        if width is not None
    ]


def _sum(network: Network, shapes: list[_Shape], board: Board) -> Footprint:
    pointer = 8 if board.core == "host" else 4
    layers = tuple(shape.footprint(network.steps, pointer) for shape in shapes)
    results = network.steps * 4 * -(-network.out_size // 32)
    flash = FIRMWARE_FLASH + sum(layer.flash for layer in layers)
    ram = FIRMWARE_RAM + _slots(network.in_size) + results + sum(layer.ram for layer in layers)
    return Footprint(flash, ram, layers)


def _slots(size: int) -> int:
    """A double buffer of spike words, and its counters."""
    return 2 * 4 * -(-size // 32) + 16


def _problems(network: Network, shapes: list[_Shape], board: Board, need: Footprint) -> Iterator[Problem]:
    hint = "; ".join(_ways_out(network, shapes, board, need))
    for name, wanted, there in (("flash", need.flash, board.flash), ("RAM", need.ram, board.ram)):
        if wanted > there:
            what = f"network '{network.name}' needs about {wanted:,} bytes of {name}, {board.id} has {there:,}"
            yield Problem(f"board {board.id}", what, hint)


def _ways_out(network: Network, shapes: list[_Shape], board: Board, need: Footprint) -> Iterator[str]:
    """What would make it fit: smaller layers, fewer bits where they narrow membranes, another board."""
    yield _smaller_layers(network, shapes, board)
    if need.ram > board.ram and _sum(network, [replace(shape, member=2) for shape in shapes], board).ram <= board.ram:
        wide = ", ".join(shape.name for shape in shapes if shape.member > 2)
        yield f"or use fewer bits or steps, so that the membranes of {wide} fit 16 bits"
    larger = [other.id for other in map(load_board, board_ids()) if _sum(network, shapes, other).fits(other)]
    yield f"or take another board: it fits {', '.join(larger)}" if larger else "no known board holds it as it is"


def _smaller_layers(network: Network, shapes: list[_Shape], board: Board) -> str:
    """The largest share of every hidden layer that fits, in steps of 5 %."""
    for percent in range(95, 0, -5):
        sizes = [max(1, shape.size * percent // 100) for shape in shapes[:-1]]
        if sizes and _sum(network, _resized(shapes, sizes), board).fits(board):
            return (
                f"Train it with hidden layers of about {percent} % of the size ({', '.join(map(str, sizes))} neurons)"
            )
    return "Smaller hidden layers alone do not help: use fewer inputs (downsample) or fewer steps"


def _resized(shapes: list[_Shape], sizes: list[int]) -> list[_Shape]:
    """The same layers with other numbers of hidden neurons."""
    outputs = [*sizes, shapes[-1].size]
    inputs = [shapes[0].inputs, *sizes]
    return [replace(shape, inputs=i, size=o) for shape, i, o in zip(shapes, inputs, outputs, strict=True)]
