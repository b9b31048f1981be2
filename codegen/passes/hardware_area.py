"""What a network's hardware takes of a chip, estimated before any tool runs.

Block RAMs are counted as Yosys lays memories out. LUTs and flip-flops are sums over a design's parts (bits of lanes, of
rows of weights, of buffers), each times what such a bit took where designs were synthesised (docs/synthesis.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from codegen.fpga import Fpga
from codegen.ir import Affine, Conv2d, Layer, MaxPool2d, Network
from codegen.passes.hardware import Design, LayerDesign
from codegen.passes.hardware_fit import Estimate
from codegen.passes.lane_widths import LaneWidths, bits_for, lane_widths

_SHAPES = {
    4_096: ((16, 256), (8, 512), (4, 1024), (2, 2048)),
    10_240: ((40, 256), (20, 512), (10, 1024), (5, 2048)),
    18_432: ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
}
"""Bits of a block RAM to the widths and depths that it can have."""

_LUT_RAM = 64
"""Words up to which a memory that is written lies in LUTs, where a family's LUTs can do that (all but iCE40's)."""

_LEAST = {"ice40": 1_000, "gowin": 2_000, "ecp5": 2_000, "intel": 1_000, "xilinx": 8_000}
"""Bits a block RAM that a memory of constants has at the least; with fewer, Yosys makes it of LUTs."""

_LEAST_WRITTEN = 512
"""Bits of a memory that is written, below which an iCE40's is made of flip-flops."""

PARTS = ("device", "lanes", "rows", "turns", "buffers", "banks", "tables")
"""Of what LUTs and flip-flops are counted; ``parts`` says what each is."""

LUTS = dict(zip(PARTS, (3010, 2.67, 0, 1.16, 3.42, 1.67, 2.19), strict=True))
FFS = dict(zip(PARTS, (831, 0.73, 2.57, 0.47, 2.81, 18.4, 0), strict=True))
"""What one of each takes of an ECP5, by least squares over synthesised designs (docs/synthesis.md has them), ..."""

SCALES = {
    "ecp5": (1.0, 1.0),
    "gowin": (0.96, 1.08),
    "ice40": (1.03, 1.18),
    "intel": (0.96, 1.12),
    "xilinx": (0.70, 0.88),
}
"""... and how many LUTs and flip-flops of another family stand for one of an ECP5."""

LUT_ERROR, FF_ERROR = 0.17, 0.08
"""How far at most the estimate was off, in these designs."""


@dataclass(frozen=True)
class Memory:
    """A memory: bits of a word, words; ``constant``: it is never written."""

    width: int
    depth: int
    constant: bool = False

    def blocks(self, fpga: Fpga) -> int:
        """Block RAMs that it takes; 0 where it is made of LUTs or flip-flops."""
        bits, shapes = self.width * self.depth, _SHAPES[fpga.bram_bits]
        count = min(-(-self.width // width) * -(-self.depth // depth) for width, depth in shapes)
        if self.constant:
            worth = bits >= _LEAST[fpga.family] * count
        else:
            worth = bits >= _LEAST_WRITTEN if fpga.family == "ice40" else self.depth > _LUT_RAM
        return count if worth else 0


def estimate(network: Network, design: Design, fpga: Fpga) -> Estimate:
    """What the design takes of the chip, with the device around it."""
    found, memories = parts(network, design, fpga), list(_memories(network, design))
    luts, ffs = SCALES[fpga.family]
    brams = sum(memory.blocks(fpga) for memory in memories)
    return Estimate(round(luts * _total(LUTS, found)), round(ffs * _total(FFS, found)), brams)


def _total(each: dict[str, float], found: dict[str, int]) -> float:
    return sum(each[name] * count for name, count in found.items())


def parts(network: Network, design: Design, fpga: Fpga) -> dict[str, int]:
    """How much of each of ``PARTS`` a design has.

    ``device``: there is one. ``lanes``: bits of membranes and of what is added to them. ``rows``: bits of weights that
    are read in a cycle. ``turns``: bits of lanes that change their neuron. ``buffers``: bits between layers. ``banks``:
    bits of maps and words that schedulers hold. ``tables``: LUTs full of constants that no block RAM holds.
    """
    found = dict.fromkeys(PARTS, 0) | {"device": 1}
    for i, (layer, plan) in enumerate(zip(network.layers, design.layers, strict=True)):
        connection, turns = layer.connection, -(-layer.size // plan.lanes)
        if isinstance(connection, Affine):
            words = -(-connection.in_size // (32 * plan.banks))
            found["banks"] += plan.banks * (words + 32)
            found["buffers"] += 2 * connection.in_size if i else 0
        if isinstance(connection, MaxPool2d):
            continue
        widths = _widths(layer, plan, network.steps)
        found["lanes"] += plan.lanes * (widths.v + widths.add)
        found["rows"] += plan.lanes * plan.banks * widths.weight
        if turns > 1 or not isinstance(connection, Affine):
            found["turns"] += plan.lanes * (2 * widths.v + widths.constants * design.rom_latency)
    tables = [memory for memory in _memories(network, design) if memory.constant and not memory.blocks(fpga)]
    bits = 64 if fpga.family in ("intel", "xilinx") else 16
    found["tables"] = sum(memory.width * memory.depth for memory in tables) // bits
    return found


def _widths(layer: Layer, plan: LayerDesign, steps: int) -> LaneWidths:
    resident = isinstance(layer.connection, Affine) and plan.lanes == layer.size
    return lane_widths(layer, steps, banks=plan.banks, resident=resident)


def _memories(network: Network, design: Design) -> Iterator[Memory]:
    """All memories of the device and of the engine that could be block RAMs."""
    yield Memory(8, 2048)  # frames that have come
    yield Memory(8, 512)  # the answer that is being written
    for i, (layer, plan) in enumerate(zip(network.layers, design.layers, strict=True)):
        yield from _in_front(network, layer, plan, first=i == 0)
        if not isinstance(layer.connection, MaxPool2d):
            yield from _of_lanes(network, layer, plan, design)


def _in_front(network: Network, layer: Layer, plan: LayerDesign, *, first: bool) -> Iterator[Memory]:
    connection, steps = layer.connection, max(network.steps, 2)
    if not isinstance(connection, Affine):
        height, width, channels = connection.in_shape
        yield Memory(width * channels, (steps if first else 2) << bits_for(height))
    elif first:
        words = -(-connection.in_size // (32 * plan.banks))
        for _ in range(plan.banks):
            yield Memory(words, network.steps)
            yield Memory(32, steps << bits_for(words))


def _of_lanes(network: Network, layer: Layer, plan: LayerDesign, design: Design) -> Iterator[Memory]:
    connection, widths = layer.connection, _widths(layer, plan, network.steps)
    turns, groups = -(-layer.size // plan.lanes), -(-connection.out_shape[-1] // plan.lanes)
    inputs = connection.in_size
    if isinstance(connection, Conv2d):
        inputs = connection.kernel[0] * connection.kernel[1] * connection.in_shape[2]
    depth = -(-inputs // plan.banks) * groups
    pieces = [design.cut, depth - design.cut] if 0 < design.cut < depth else [depth]
    for start in range(0, plan.lanes, design.slice_lanes):
        lanes = min(design.slice_lanes, plan.lanes - start)
        for piece in pieces:
            yield from [Memory(lanes * widths.weight, piece, constant=True)] * plan.banks
        if turns > 1 or not isinstance(connection, Affine):
            yield Memory(lanes * (widths.v + 1), turns)
            if widths.constants:
                by_turn = layer.threshold_period > connection.out_shape[-1]
                yield Memory(lanes * widths.constants, turns if by_turn else groups, constant=True)
