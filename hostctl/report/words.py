"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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


def meter_words(meter: Mapping[str, Any]) -> str:
    """How a meter's energy is to be read: over how many inferences, how sure, with or without idle power."""
    parts = [f"mean of {count(meter['inferences'])} inferences"]
    if meter["ci95"] is not None:
        low, high = (quantity(bound, "J") for bound in meter["ci95"])
        parts.append(f"95 % confidence {low} to {high}")
    idle = "idle power is not known, and in it"
    if meter["idle_watts"] is not None:
        of = "subtracted" if meter["idle"] == "subtract" else "in it"
        idle = f"idle power of {quantity(meter['idle_watts'], 'W')} is {of}"
    return ", ".join([*parts, idle])


def percent(value: float) -> str:
    """A share of one, in percent with as many decimals as matter."""
    if 0 < value < 0.0005:
        return "< 0.1 %"
    return "100 %" if value == 1 else f"{100 * value:.2f} %" if value >= 0.9995 else f"{100 * value:.1f} %"


def interval(bounds: Sequence[float]) -> str:
    """An interval of 95 % in words."""
    return f"95 % interval {100 * bounds[0]:.1f} to {100 * bounds[1]:.1f} %"


def sure(share: float | None, interval: Sequence[float] | None) -> str:
    """A share with its interval of 95 %: '95.9 % (94.5 to 97.0 %)'; '-' where there is none."""
    if share is None or interval is None:
        return "-"
    return f"{percent(share)} ({100 * interval[0]:.1f} to {100 * interval[1]:.1f} %)"


def size(value: int) -> str:
    """Bytes in kibibytes or mebibytes where that is shorter."""
    for factor, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if value >= factor:
            return f"{value / factor:.4g} {unit}"
    return f"{value} B"


def shapes(network: Mapping[str, Any]) -> str:
    """The way through a network as a run's header describes it: '28x28x1-24x24x12-10', or '784-256-10'."""
    sizes = [_shape(network, network["inputs"]), *(_shape(layer, layer["size"]) for layer in network["layers"])]
    return "-".join(sizes)


def layer(described: Mapping[str, Any]) -> str:
    """A layer as a run's header describes it: 'conv1 24x24x12, conv2d 5x5, snn_dc, 7 bits'."""
    bits = f"{described['bits']} bits" if "bits" in described else None
    parts = (described.get("label"), described["neuron"], bits)
    return ", ".join([f"{described['name']} {_shape(described, described['size'])}", *filter(None, parts)])


def _shape(described: Mapping[str, Any], size: int) -> str:
    """Runs of earlier versions name the size only."""
    return "x".join(str(n) for n in described.get("shape", [size]))


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


def throughput(samples_per_s: float, options: Mapping[str, Any]) -> str:
    """How fast a run was; one that is to be the same each time does not say."""
    if options.get("stable"):
        return "left out (--stable)"
    return f"{samples_per_s:.3g} samples a second, line and comparison included (host's clock)"
