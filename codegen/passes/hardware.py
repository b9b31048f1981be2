"""How a network becomes hardware: lanes, banks and pipeline of each layer.

A layer has ``lanes`` neurons that work at once, and takes as many turns as it needs for all; ``banks`` inputs (and so
spikes) are worked on in a cycle. See docs/fpga.md, and Yin et al. 2017, section IV, for the structure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from codegen.ir import Network, Pooling, Problem, SpikecError
from codegen.ir.layers.affine import Affine

BANKS = (1, 2, 4, 8)
"""How many spikes a layer may take in a cycle."""


@dataclass(frozen=True)
class LayerDesign:
    """One layer's hardware: ``lanes`` neurons and ``banks`` spikes at once."""

    lanes: int
    banks: int = 1


@dataclass(frozen=True)
class Design:
    """The hardware of a network.

    ``short``: as few cycles as possible from spikes to spikes, for fewer cycles of a slower clock. ``rom_latency``:
    cycles from an address to its weights, 1 to 3; more cycles allow a faster clock. ``slice_lanes``: how many lanes
    share a memory and, unless ``short``, a copy of the control signals. ``cut``: words after which deep weight memories
    are cut in two (0: never), as suits the block RAM. ``probe``: every layer's spikes are ports, for simulation.
    """

    layers: tuple[LayerDesign, ...]
    short: bool = False
    rom_latency: int = 1
    slice_lanes: int = 36
    cut: int = 0
    probe: bool = False

    def text(self, network: Network) -> str:
        """The design in a line, for people."""
        parts = [
            f"{layer.name} {plan.lanes}x{plan.banks}" for layer, plan in zip(network.layers, self.layers, strict=True)
        ]
        pipeline = "short pipeline" if self.short else f"weights after {self.rom_latency} cycles"
        return f"lanes x spikes a cycle: {', '.join(parts)}; {pipeline}"


def full_design(network: Network, *, banks: int = 1, rom_latency: int = 1, cut: int = 0, short: bool = False) -> Design:
    """All neurons of dense layers, and all channels of others, at once, as in the paper; ``banks`` for dense layers."""
    layers = []
    for layer in network.layers:
        dense = isinstance(layer.connection, Affine)
        layers.append(LayerDesign(layer.connection.out_shape[-1], banks if dense else 1))
    return Design(tuple(layers), rom_latency=rom_latency, cut=cut, short=short)


def make_design(
    network: Network, lanes: Mapping[str, int] | int | None = None, banks: Mapping[str, int] | int = 1, **others: Any
) -> Design:
    """A design with these ``lanes`` and ``banks``: numbers for all layers, or a number by layer's name.

    Numbers for all are brought down to what each layer can use. Raises SpikecError as ``check_design``.
    """
    layers = []
    for layer in network.layers:
        most = layer.connection.out_shape[-1]
        wanted = lanes.get(layer.name, most) if isinstance(lanes, Mapping) else lanes or most
        spikes = banks.get(layer.name, 1) if isinstance(banks, Mapping) else banks
        if not isinstance(lanes, Mapping):
            wanted = _usable_lanes(layer.connection.kind, most, wanted)
        if not isinstance(banks, Mapping) and not isinstance(layer.connection, Affine):
            spikes = 1
        layers.append(LayerDesign(wanted, spikes))
    return check_design(network, Design(tuple(layers), **others))


def _usable_lanes(kind: str, most: int, wanted: int) -> int:
    """The nearest number not above ``wanted`` that the kind can use: convolutions need divisors of their channels."""
    wanted = min(wanted, most)
    if kind == "max_pool2d":
        return most
    if kind == "conv2d":
        return next(lanes for lanes in range(wanted, 0, -1) if most % lanes == 0)
    return wanted


def check_design(network: Network, design: Design) -> Design:
    """Return the design, or raise SpikecError with everything that cannot be built."""
    problems = list(_problems(network, design))
    if problems:
        raise SpikecError(problems)
    return design


def _problems(network: Network, design: Design) -> Iterator[Problem]:
    for i, (layer, plan) in enumerate(zip(network.layers, design.layers, strict=True)):
        where, connection = f"layer {layer.name}", layer.connection
        most = connection.out_shape[-1]
        if not 1 <= plan.lanes <= most:
            yield Problem(where, f"{plan.lanes} lanes", f"Use 1 to {most}")
        elif not isinstance(connection, Affine) and most % plan.lanes:
            divisors = ", ".join(str(n) for n in range(1, most + 1) if most % n == 0)
            yield Problem(where, f"{plan.lanes} lanes for {most} channels", f"Use a divisor: {divisors}")
        elif isinstance(connection, Pooling) and plan.lanes != most:
            yield Problem(where, f"{plan.lanes} lanes for pooling", f"Pooling takes all {most} channels at once")
        if plan.banks not in BANKS:
            hint = f"Use {', '.join(map(str, BANKS[:-1]))} or {BANKS[-1]}"
            yield Problem(where, f"{plan.banks} spikes a cycle", hint)
        elif plan.banks > 1 and not isinstance(connection, Affine):
            yield Problem(where, f"{plan.banks} spikes a cycle", f"A {connection.kind} layer takes one")
        elif plan.banks > connection.in_size:
            yield Problem(where, f"{plan.banks} spikes a cycle of {connection.in_size} inputs", "Use fewer")
        elif i and plan.banks > 1:
            before = network.layers[i - 1]
            lanes = design.layers[i - 1].lanes
            if lanes < before.size and lanes % plan.banks:
                what = f"{plan.banks} spikes a cycle, but {before.name} before it has {lanes} lanes"
                hint = f"Give {before.name} a multiple of {plan.banks} lanes, or {where} fewer spikes"
                yield Problem(where, what, hint)
