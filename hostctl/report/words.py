"""Numbers as people read them."""

from __future__ import annotations

from collections.abc import Mapping
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
    """A latency in its counter's unit: times and energies get a prefix, counts stay counts."""
    if unit == "ns":
        return quantity(value * 1e-9, "s")
    if unit == "J":
        return quantity(value, unit)
    return f"{count(round(value))} {unit}"


def interval(low: float, high: float) -> str:
    """Two shares of one: '94.2 to 96.8 %'."""
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def spread_words(summary: Mapping[str, Any]) -> str:
    """A summary's latency: the steady state's percentiles, and the first inference, which finds everything cold."""
    steady, unit = summary["latency_steady"], summary["latency_unit"]
    first = f"first inference {ticks_as(summary['latency_first'], unit)}"
    if not steady["max"]:
        return f"{first}; there was no other"
    shares = (("median", "median"), ("p95", "95 % within"), ("p99", "99 % within"), ("max", "at most"))
    return f"{first}; then " + ", ".join(f"{word} {ticks_as(steady[key], unit)}" for key, word in shares)


def energy_words(energy: Mapping[str, Any]) -> str:
    """A summary's energy of an inference: how much, how surely, and how it is known."""
    text = f"{quantity(energy['joules_per_inference'], 'J')} an inference, {energy['kind']}"
    metered = energy["measured"]
    if metered is None:
        return text
    if metered["low"] is not None:
        bounds = f"{quantity(metered['low'], 'J')} to {quantity(metered['high'], 'J')}"
        text += f" (95 % of the mean: {bounds}; standard deviation {quantity(metered['deviation'], 'J')})"
    rest = "at rest an unknown power"
    if metered["idle_watts"] is not None:
        rest = f"idle power {quantity(metered['idle_watts'], 'W')}"
    taken = "subtracted" if metered["idle"] == "subtract" and metered["idle_watts"] is not None else "kept"
    return f"{text}; {rest} {taken}; {count(metered['inferences'])} inferences"


def energy_doubts(energy: Mapping[str, Any] | None) -> list[str]:
    """What is to be known before a measured energy is believed: warnings, the meter's faults, the estimate."""
    if energy is None or energy["measured"] is None:
        return []
    metered = energy["measured"]
    said = [f"WARNING: {warning}" for warning in metered["warnings"]]
    said += [f"WARNING: {f['kind']}: {f['text']} ({count(f['count'])})" for f in metered["faults"]]
    if energy["estimate"] is not None:
        said.append(f"the datasheet's estimate would be {quantity(energy['estimate'], 'J')}")
    return said
