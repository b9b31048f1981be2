"""Passes: facts and choices about a sound network, made in one order before a backend prints it.

1. ``widths`` proves how wide the membranes must be;
2. ``formats`` chooses for a board how the weights of each layer are stored;
3. ``layouts`` bring weights, biases and thresholds into the order that the kernels read.

``fast`` says which layers' weights are copied to fast memory, because the user asks; ``footprint`` says what the result
takes of a board's memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen.ir import Layer, Network
from codegen.passes.layouts import lay_out
from codegen.passes.layouts.base import LANES, Layout, Table
from codegen.passes.widths import WidthReport, prove_widths

__all__ = ["LANES", "Layout", "Lowered", "LoweredLayer", "Table", "WidthReport", "lower", "prove_widths"]


@dataclass(frozen=True)
class LoweredLayer:
    """A layer and what the passes decided about it; ``width`` is None where there are no membranes."""

    layer: Layer
    width: WidthReport | None
    layout: Layout


@dataclass(frozen=True)
class Lowered:
    """A network that is ready to be printed."""

    network: Network
    layers: tuple[LoweredLayer, ...]


def lower(network: Network, formats: Mapping[str, str] | None = None) -> Lowered:
    """Run all passes over a sound network. Raises SpikecError for a kind of connection that no layout is known for.

    ``formats``: layer to the format of its weights; others have the usual one, which suits every machine.
    """
    widths = prove_widths(network)
    layouts = [
        lay_out(layer, width.bits if width else 0, (formats or {}).get(layer.name, ""))
        for layer, width in zip(network.layers, widths, strict=True)
    ]
    return Lowered(network, tuple(map(LoweredLayer, network.layers, widths, layouts)))
