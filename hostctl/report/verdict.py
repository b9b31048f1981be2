"""The result of a run in words: the headline, and what exactly was compared. Page and terminal say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hostctl.report.words import count


def headline(report: Mapping[str, Any]) -> str:
    """One line that tells whether the device computes what the reference computes."""
    summary = report["summary"]
    if not summary["samples"]:
        return "No results"
    spikes = _number(summary["mismatching_spikes"], "mismatching spike")
    if summary["different"] and not summary["mismatching_spikes"]:
        return f"{spikes}, but {_number(summary['different'], 'sample')} differ{_s(summary['different'])}"
    if _worst_differs(summary):
        return f"{spikes}, but the all-ones input differs"
    return spikes


def sentences(report: Mapping[str, Any]) -> list[str]:
    """What was compared, what differs first, and whether the run is whole."""
    summary = report["summary"]
    if not summary["samples"]:
        return ["The run has not got a single result yet."]
    said = [_differing(report)] if summary["different"] else [_equal(report)]
    if _worst_differs(summary):
        said.append(f"The all-ones input differs: {summary['worst']['first_difference']}.")
    if summary["samples"] < summary["planned"]:
        rest = f"{count(summary['samples'])} of {count(summary['planned'])} samples"
        said.append(f"The run is not complete: {rest} have a result. --resume goes on with it.")
    return said


def _worst_differs(summary: Mapping[str, Any]) -> bool:
    return bool(summary["worst"] and summary["worst"]["first_difference"])


def state(report: Mapping[str, Any]) -> str:
    """'none' without results, else 'same' or 'different'."""
    summary = report["summary"]
    if not summary["samples"]:
        return "none"
    return "different" if summary["different"] or _worst_differs(summary) else "same"


def _equal(report: Mapping[str, Any]) -> str:
    compared = report["compared"]
    spikes, membranes = count(compared["spikes"]), count(compared["membranes"])
    if compared["every_layer"]:
        return (
            f"Device and reference agree in all {spikes} spikes and all {membranes} membranes: "
            "every layer, every step, every neuron."
        )
    return (
        f"Device and reference agree in all {spikes} output spikes, in the number of spikes of every layer and step, "
        f"in {membranes} final membranes, in synaptic operations and in answers. "
        "With --trace every neuron of every layer is compared."
    )


def _differing(report: Mapping[str, Any]) -> str:
    summary, compared = report["summary"], report["compared"]
    membranes = compared["mismatching_membranes"] or 0
    facts = [
        f"{count(summary['mismatching_spikes'])} of {count(compared['spikes'])} spikes",
        f"{count(membranes)} of {count(compared['membranes'])} membranes",
        f"{_number(summary['mismatching_answers'], 'answer')}",
    ]
    first = summary["first_differences"][0]
    samples = f"{count(summary['different'])} of {_number(summary['samples'], 'sample')}"
    return f"{samples} differ: {', '.join(facts)}. First: sample {first['index']} ({first['id']}), {first['text']}."


def _number(value: int, noun: str) -> str:
    return f"{count(value)} {noun}{'' if value == 1 else 's'}"


def _s(value: int) -> str:
    return "s" if value == 1 else ""
