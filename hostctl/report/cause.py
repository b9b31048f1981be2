"""What led to a difference, in words: the spikes that came, and what the reference made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hostctl.report.words import count

NAMED = 12
"""So many spikes are named; results.jsonl has up to 64."""
EARLIER = 4
"""So many earlier steps are told."""


def cause_lines(place: Mapping[str, Any] | None, cause: Mapping[str, Any] | None) -> list[str]:
    """Sentences for a difference's ``place`` and ``cause``, the step itself first; [] where nothing is known."""
    if place is None:
        return []
    if cause is None:
        return [] if place["neuron"] is not None else ["Only spike counts were compared: --trace finds the neuron."]
    step, history = place["step"], cause["history"]
    start = max(0, step - EARLIER)
    lines = [f"in step {step} {_arrived(cause)}; {_made(history[step], cause['threshold'])}"]
    lines += [f"in step {k} {_spikes(history[k]['arrived'])}; {_made(history[k])}" for k in range(start, step)][::-1]
    return [*lines, f"and {start} steps before"] if start else lines


def _arrived(cause: Mapping[str, Any]) -> str:
    """The spikes of a step by their source and weight."""
    whole, weighted = cause["arrived_in_all"], cause["bias"] is not None
    named = [f"{source} ({weight:+d})" if weighted else str(source) for source, weight in cause["arrived"][:NAMED]]
    more = f" and {count(whole - len(named))} more" if whole > len(named) else ""
    spikes = f"{_spikes(whole)} from {'the ' if cause['source'] == 'input' else ''}{cause['source']}"
    bias = f"; bias {cause['bias']:+d}" if weighted else ""
    return f"{spikes}{': ' + ', '.join(named) if named else ''}{more}{bias}"


def _spikes(number: int) -> str:
    return f"{count(number)} {'spike' if number == 1 else 'spikes'} came"


def _made(step: Mapping[str, Any], threshold: int | None = None) -> str:
    """What the reference made of a step."""
    fired = "it spiked" if step["spike"] else "no spike"
    if step["sum"] is None:
        return fired
    limit = "" if threshold is None else f", threshold {threshold}"
    return f"sum {step['sum']:+d}{limit}; membrane then {step['membrane']}, {fired} (reference)"
