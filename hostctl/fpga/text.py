"""What a network takes of an FPGA, in words; from the JSON value, so that reports of earlier runs print as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CONSTANTS, STATE = ("weights", "biases", "thresholds"), ("membranes", "spikes")
"""Kinds of numbers that a network has, of which ``minimum`` says the bits."""


def hardware_lines(hardware: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of each line: how the network is laid out, what it takes of the chip, and its size."""
    clocks = [("Fmax", clock_words(clock)) for clock in hardware["clocks"]]
    size = ("size", size_words(hardware["minimum"]))
    return [("design", hardware["design"]), *resource_lines(hardware), *clocks, size]


def resource_lines(hardware: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A line for each kind of resource; one that says why where nothing is known."""
    if not hardware["resources"]:
        return [("hardware", "simulated, not synthesised: LUTs, flip-flops and block RAMs are not known")]
    return [
        (one["name"], f"{one['used']:,} of {one['there']:,} ({100 * one['used'] / max(one['there'], 1):.1f} %)")
        for one in hardware["resources"]
    ]


def clock_words(clock: Mapping[str, Any]) -> str:
    """How fast the chip can be clocked, by the timing analysis of place and route."""
    fmax, wanted = clock["fmax_hz"], clock["wanted_hz"]
    words = f"{fmax / 1e6:.1f} MHz, {wanted / 1e6:.1f} MHz wanted (margin {100 * (fmax / wanted - 1):+.1f} %)"
    return f"{words}, by timing analysis"


def size_words(minimum: Mapping[str, int]) -> str:
    """How large the network is, whoever stores it."""
    constants, state = (sum(minimum[kind] for kind in kinds) for kinds in (CONSTANTS, STATE))
    return f"{constants:,} bits of constants and {state:,} bits of state at the least"
