"""Widths are proved, not hoped: from the weights, the fan-in and the steps follows the range of every membrane."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.ir import Layer, Network

WIDTHS = (16, 32)


@dataclass(frozen=True)
class WidthReport:
    """Why a layer's membranes have the width they have.

    ``low`` and ``high`` bound every membrane, every partial sum and every threshold of the layer, for any input;
    ``bits`` is the narrowest width that holds them all.
    """

    layer: str
    low: int
    high: int
    bits: int

    @property
    def margin(self) -> int:
        """How much further the nearer bound could go before the width would be too narrow."""
        return min((1 << (self.bits - 1)) - 1 - self.high, self.low + (1 << (self.bits - 1)))

    def __str__(self) -> str:
        return f"{self.layer}: {self.low} to {self.high}, held in {self.bits} bits (margin {self.margin})"


def prove_widths(network: Network) -> list[WidthReport | None]:
    """The width of every layer's membranes, None for pooling, which has none.

    A sound network always fits 32 bits (``ir.check`` sees to it).
    """
    return [None if layer.neuron is None else prove_width(layer, network.steps) for layer in network.layers]


def prove_width(layer: Layer, steps: int) -> WidthReport:
    """The width of one layer's membranes over that many steps.

    The threshold counts too: where it lies outside 16 bits, comparison and subtraction need 32.
    """
    bounds, theta = layer.membrane_range(steps), layer.theta
    low = min(int(bounds.low.min()), int(theta.min()))
    high = max(int(bounds.high.max()), int(theta.max()))
    bits = next(width for width in WIDTHS if -(2 ** (width - 1)) <= low and high < 2 ** (width - 1))
    return WidthReport(layer.name, low, high, bits)
