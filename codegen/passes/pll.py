"""The clock of a design: the settings of the chip's PLL that make it from the board's oscillator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from codegen.fpga import Fpga
from codegen.ir.errors import fail

_MHZ = 1_000_000


@dataclass(frozen=True)
class Limits:
    """What a PLL can do.

    ``before``, ``feedback``: the largest dividers in front of the comparison. ``behind``: every value of the divider at
    the output. ``compare_hz``, ``vco_hz``: least and most, of the comparison and of the PLL's oscillator.
    ``output_feedback``: it is the output that is divided and compared, not the oscillator.
    """

    before: int
    feedback: int
    behind: tuple[int, ...]
    compare_hz: tuple[int, int]
    vco_hz: tuple[int, int]
    output_feedback: bool = False


@dataclass(frozen=True)
class Pll:
    """The dividers ``before``, ``feedback`` and ``behind``, and exactly what frequencies they make."""

    before: int
    feedback: int
    behind: int
    compare_hz: Fraction
    vco_hz: Fraction
    out_hz: Fraction


ECP5 = Limits(128, 128, tuple(range(1, 129)), (10 * _MHZ, 400 * _MHZ), (400 * _MHZ, 800 * _MHZ))
"""EHXPLLL: Lattice FPGA-DS-02012, sysCLOCK PLL timing. One output is fed back, undivided, the other is the clock."""

ICE40 = Limits(16, 128, (2, 4, 8, 16, 32, 64), (10 * _MHZ, 133 * _MHZ), (533 * _MHZ, 1066 * _MHZ))
"""SB_PLL40: Lattice FPGA-DS-02008, sysCLOCK PLL timing."""

_ODIV = (2, 4, 8, 16, 32, 48, 64, 80, 96, 112, 128)

GW2A = Limits(64, 64, _ODIV, (3 * _MHZ, 500 * _MHZ), (500 * _MHZ, 1250 * _MHZ), output_feedback=True)
"""rPLL of GW2A(R)-18 C8/I7: Gowin DS226, PLL switching characteristics."""

GW1N = Limits(64, 64, _ODIV, (3 * _MHZ, 400 * _MHZ), (400 * _MHZ, 1200 * _MHZ), output_feedback=True)
"""rPLL of GW1N(R)-9 C6/I5: Gowin DS117, PLL switching characteristics."""


def limits(fpga: Fpga) -> Limits | None:
    """What the chip's PLL can do; None for a chip whose PLL we do not use."""
    if fpga.family == "gowin":
        return GW2A if fpga.die.startswith("GW2A") else GW1N
    return {"ecp5": ECP5, "ice40": ICE40}.get(fpga.family)


def needs_pll(fpga: Fpga) -> bool:
    """Whether the design is to run with another clock than the oscillator's."""
    return fpga.clock_hz != fpga.clock_pin_hz


def pll(fpga: Fpga) -> Pll:
    """Settings that give exactly the board's clock, with the highest comparison frequency (the least jitter).

    Raises SpikecError when the chip cannot make it from its oscillator, with the nearest clocks that it can make.
    """
    found = limits(fpga)
    place, wanted = "fpga.clock_hz", f"{fpga.clock_hz / _MHZ:g} MHz"
    if found is None:
        what = f"{wanted} cannot be made from {fpga.clock_pin_hz / _MHZ:g} MHz: no PLL is known for '{fpga.family}'"
        raise fail(place, what, "Take the oscillator's clock")
    settings = list(_settings(fpga.clock_pin_hz, found))
    exact = [one for one in settings if one.out_hz == fpga.clock_hz]
    if not exact:
        near = sorted({one.out_hz for one in settings}, key=lambda hz: abs(hz - fpga.clock_hz))[:3]
        words = ", ".join(f"{float(hz) / _MHZ:.6g}" for hz in sorted(near))
        raise fail(place, f"{wanted} cannot be made from {fpga.clock_pin_hz / _MHZ:g} MHz", f"Nearest, in MHz: {words}")
    return max(exact, key=lambda one: (one.compare_hz, one.vco_hz))


def _settings(pin_hz: int, found: Limits) -> Iterator[Pll]:
    for before in range(1, found.before + 1):
        compare = Fraction(pin_hz, before)
        if not found.compare_hz[0] <= compare <= found.compare_hz[1]:
            continue
        for feedback in range(1, found.feedback + 1):
            for behind in found.behind:
                vco = compare * feedback * (behind if found.output_feedback else 1)
                if found.vco_hz[0] <= vco <= found.vco_hz[1]:
                    yield Pll(before, feedback, behind, compare, vco, vco / behind)
