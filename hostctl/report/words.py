"""Numbers as people read them."""

from __future__ import annotations

_PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"), (1e-12, "p"))


def count(value: float) -> str:
    """A whole number with thousands apart; small fractions keep what matters."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2g}"


def compact(value: float) -> str:
    """For axes: 12 k instead of 12,000."""
    factor, prefix = next((p for p in _PREFIXES[:4] if abs(value) >= p[0]), (1.0, ""))
    return f"{value / factor:.4g}" + (f" {prefix}" if prefix else "")


def quantity(value: float, unit: str) -> str:
    """With the prefix that fits: ``quantity(2.5e-6, 'J')`` is '2.5 µJ'."""
    factor, prefix = next((p for p in _PREFIXES if abs(value) >= p[0]), (1.0, ""))
    return f"{value / factor:.3g} {prefix}{unit}"


def percent(value: float) -> str:
    """A share of one, in percent with as many decimals as matter."""
    if 0 < value < 0.0005:
        return "< 0.1 %"
    return "100 %" if value == 1 else f"{100 * value:.2f} %" if value >= 0.9995 else f"{100 * value:.1f} %"


def size(value: int) -> str:
    """Bytes in kibibytes or mebibytes where that is shorter."""
    for factor, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= factor:
            return f"{value / factor:.4g} {unit}"
    return f"{value} B"


def between(low: float, high: float, unit: str) -> str:
    """Two latencies, with the unit said once where it can be."""
    first, last = ticks_as(low, unit), ticks_as(high, unit)
    number, _, same = first.partition(" ")
    return f"{number} to {last}" if last.endswith(f" {same}") else f"{first} to {last}"


def ticks_as(value: float, unit: str) -> str:
    """A latency in its counter's unit: times get a prefix, counts stay counts."""
    if unit == "ns":
        return quantity(value * 1e-9, "s")
    return f"{count(round(value))} {unit}"
