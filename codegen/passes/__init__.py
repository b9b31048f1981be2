"""What is decided about a network before any code is printed: one explicit pipeline of passes, in this order.

1. ``prove_widths``: the range of every membrane, hence 16 or 32 bits for it (``passes.widths``).
2. ``lay_out``: weights by input row, padded for the kernels; equal thresholds become one (``passes.layout``).

``passes.footprint`` then says what the result takes of a board's memory.
"""

from __future__ import annotations

from dataclasses import dataclass

from codegen.ir import Layer, Network
from codegen.passes.layout import LANES, Layout, lay_out
from codegen.passes.widths import WidthReport, prove_widths

__all__ = ["LANES", "Layout", "Lowered", "LoweredLayer", "WidthReport", "lower", "prove_widths"]


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


def lower(network: Network) -> Lowered:
    """Run all passes over a sound network. Raises SpikecError for a kind of connection that no layout is known for."""
    widths = prove_widths(network)
    layouts = [lay_out(layer) for layer in network.layers]
    return Lowered(network, tuple(map(LoweredLayer, network.layers, widths, layouts)))
