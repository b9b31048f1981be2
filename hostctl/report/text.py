"""The result of a run for the terminal: aligned lines; colours where the terminal has them (click takes them out)."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from hostctl.fpga.text import hardware_lines
from hostctl.report import latency, verdict, words
from hostctl.report.cause import cause_lines
from hostctl.report.content import assumed_time, compared, counter_kind, layers_note
from hostctl.results import EnergySummary, Summary
from hostctl.size import memories, memory_lines

FIRST = 5
"""So many differences are listed; the report has more, results.jsonl all of them."""
WIDTH = 118
"""Sentences under tables are broken there."""


def summary_text(summary: Summary) -> str:
    """What a person wants to know of a run, without a final newline; ``click.unstyle`` makes it plain text."""
    report = {"summary": summary.to_json(), "compared": compared(summary)}
    headline = click.style(verdict.headline(report), fg="green" if summary.agrees else "red", bold=True)
    lines = [headline, *verdict.sentences(report), ""]
    lines += [f"{name:<12}{value}".rstrip() for name, value in _facts(summary)]
    if summary.samples:
        lines += ["", *_layer_table(summary)]
        note = layers_note(summary.board, summary.options)
        lines += [note] if note else []
        lines += ["", *_latency_table(report["summary"])]
    if summary.different:
        lines += ["", *_differences(summary)]
    return "\n".join(lines)


def _facts(summary: Summary) -> list[tuple[str, str]]:
    """Name and value of each line; a second line of the same kind has no name."""
    network = summary.network
    shape = words.shapes(network)
    facts = [
        ("board", f"{summary.board['name']} ({summary.board['id']})"),
        ("network", f"{network['name']} ({network['digest'][:16]}): {shape}, {network['steps']} steps"),
        ("data", f"{summary.data['folder']} {summary.data['split']}: {words.count(summary.samples)} samples"),
    ]
    if summary.options.get("chaos"):
        facts.append(("line", f"made worse on purpose: {summary.options['chaos']}"))
    if summary.samples:
        facts += [*_accuracy(summary), *_cost(summary)]
    return facts + _memory(summary)


def _accuracy(summary: Summary) -> list[tuple[str, str]]:
    lines = list[tuple[str, str]]()
    for head in summary.heads:
        values = (
            (head.accuracy_device, head.interval_device),
            (head.accuracy_reference, head.interval_reference),
        )
        shown = [words.sure(*value) for value in values]
        known = f"{shown[0]} on the device, {shown[1]} in the reference" if head.samples else "not known: no labels"
        lines.append(("" if lines else "accuracy", f"{head.name} {known}"))
    return lines


def _cost(summary: Summary) -> list[tuple[str, str]]:
    unit = summary.latency_unit
    mean, spread = (
        words.ticks_as(summary.latency.mean, unit),
        words.between(summary.latency.min, summary.latency.max, unit),
    )
    assumed = assumed_time(summary.board, summary.latency.mean)
    energy = "not estimated: the board's description names no figures"
    if summary.energy:
        energy = f"{words.quantity(summary.energy.joules_per_inference, 'J')} an inference, {summary.energy.kind}"
    return [
        ("latency", f"{mean} an inference (from {spread}), {counter_kind(summary.board)}"),
        ("", f"{summary.board['counter']['name']}: {summary.latency_source}"),
        *([("", assumed)] if assumed else []),
        ("synops", f"{words.count(round(summary.synops.mean))} an inference, counted by the device"),
        ("energy", energy),
        *([("", line) for line in _energy_notes(summary.energy)] if summary.energy else []),
        ("throughput", words.throughput(summary.samples_per_s, summary.options)),
    ]


def _energy_notes(energy: EnergySummary) -> list[str]:
    if energy.meter is None:
        return [energy.source]
    warnings = [f"warning: {text}" for text in energy.meter["warnings"]]
    return [f"by {energy.source}: {words.meter_words(energy.meter)}", *warnings]


def _memory(summary: Summary) -> list[tuple[str, str]]:
    build, lines = summary.build or {}, list[tuple[str, str]]()
    memory = build.get("memory")
    for key, name, used, of in memories(build, summary.board):
        least = memory[key]["least"] if memory else 0
        beside = f"; the network's minimum is {words.size(least)}" if least else ""
        lines.append((name, f"{words.size(used)} of {words.size(of)} ({words.percent(used / of)}){beside}"))
    lines += memory_lines(memory) if memory else []
    return lines + (hardware_lines(build["hardware"]) if "hardware" in build else [])


def _layer_table(summary: Summary) -> list[str]:
    rows = [("layer", "latency", "synops", "spikes a step")]
    for layer in summary.layers:
        spikes = sum(layer.spikes_per_step) / max(len(layer.spikes_per_step), 1)
        latency = words.ticks_as(layer.latency.mean, summary.latency_unit)
        synops = words.count(round(layer.synops.mean))
        rows.append((layer.name, latency, synops, f"{words.count(spikes)} of {layer.size}"))
    return aligned(rows)


def _latency_table(summary: Mapping[str, Any]) -> list[str]:
    lines = aligned(latency.latency_table(summary))
    bounds = latency.bounds(summary)
    lines += textwrap.wrap(latency.latency_caption(summary), WIDTH)
    if bounds:
        _, most, ones, bound = bounds[0]
        extreme = f", {ones} with all ones" if summary["worst"] else ""
        lines += textwrap.wrap(
            f"Synaptic operations: {most} at most{extreme}; no input can take more than {bound}.", WIDTH
        )
    return lines


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns side by side: the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _differences(summary: Summary) -> list[str]:
    shown = summary.first_differences[:FIRST]
    lines = [f"sample {first['index']} ({first['id']}): {first['text']}" for first in shown]
    led = cause_lines(shown[0].get("place"), shown[0].get("cause"))
    lines[1:1] = [line for sentence in led for line in textwrap.wrap(f"  {sentence}", WIDTH, subsequent_indent="    ")]
    rest = summary.different - len(shown)
    return [*lines, f"... and {words.count(rest)} more samples; results.jsonl has all of them"] if rest else lines
