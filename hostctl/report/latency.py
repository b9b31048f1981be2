"""Latencies as a table: the first inference and the steady state apart, whole and by layer, and the largest input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hostctl.report import words

SPREAD = ("min", "median", "p95", "p99", "max")
COLUMNS = ("first", "min", "median", "95 %", "99 %", "max")
ALL_ONES = "all ones"
WHOLE = "whole inference"


def latency_table(summary: Mapping[str, Any]) -> list[list[str]]:
    """A heading and a row for the whole inference and each layer, of a summary's JSON value.

    'first' is the first inference of the (first) stretch of streaming; the spread is over all but the first of each
    stretch; 'all ones' only where that input was run.
    """
    unit, worst = summary["latency_unit"], summary["worst"]
    rows = [["", *COLUMNS, *([ALL_ONES] if worst else [])]]
    layers = summary["layers"]
    extremes = [worst["latency"], *worst["layer_latency"]] if worst else [None] * (1 + len(layers))
    for name, figures, extreme in zip(
        (WHOLE, *(layer["name"] for layer in layers)), (summary, *layers), extremes, strict=True
    ):
        steady = [words.ticks_as(figures["latency_steady"][key], unit) for key in SPREAD]
        first = words.ticks_as(figures["latency_first"][0], unit)
        spread = steady if summary["samples"] > len(figures["latency_first"]) else ["-"] * len(SPREAD)
        row = [name, first, *spread, *([] if extreme is None else [words.ticks_as(extreme, unit)])]
        rows.append(row if unit == "ns" else [row[0], *(cell.removesuffix(f" {unit}") for cell in row[1:])])
    return rows


def bounds(summary: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Rows of (name, most of the samples, all ones, bound) of synaptic operations; [] where no bound was computed."""
    if summary["most_synops"] is None:
        return []
    worst, layers = summary["worst"], summary["layers"]
    ones = [worst["synops"], *worst["layer_synops"]] if worst else [None] * (1 + len(layers))
    return [
        (
            name,
            words.count(figures["synops"]["max"]),
            "-" if extreme is None else words.count(extreme),
            words.count(figures["most_synops"]),
        )
        for name, figures, extreme in zip(
            (WHOLE, *(layer["name"] for layer in layers)), (summary, *layers), ones, strict=True
        )
    ]


def latency_caption(summary: Mapping[str, Any]) -> str:
    """What the table's columns are."""
    unit = "" if summary["latency_unit"] == "ns" else f"{summary['latency_unit'].capitalize()}. "
    firsts = len(summary["latency_first"])
    stretches = "" if firsts == 1 else f" (each of {firsts} stretches of streaming has one; this is that of the first)"
    ones = " All ones: the same with every input spiking in every step, the largest input; it is no bound."
    steady = f"First: the first inference{stretches}; the others are the steady state."
    return f"{unit}{steady}{ones if summary['worst'] else ''}"
