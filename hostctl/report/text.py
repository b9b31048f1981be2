"""The result of a run for the terminal: aligned lines; colours where the terminal has them (click takes them out)."""

from __future__ import annotations

from collections.abc import Sequence

import click

from hostctl.fpga.text import hardware_lines
from hostctl.report import verdict, words
from hostctl.report.content import assumed_time, compared, counter_kind, layers_note
from hostctl.report.words import energy_doubts, energy_words, spread_words
from hostctl.results import Summary
from hostctl.size import memory_lines

FIRST = 5
"""So many differences are listed; the report has more, results.jsonl all of them."""


def summary_text(summary: Summary) -> str:
    """What a person wants to know of a run, without a final newline; ``click.unstyle`` makes it plain text."""
    report = {"summary": summary.to_json(), "compared": compared(summary)}
    headline = click.style(verdict.headline(report), fg="red" if summary.different else "green", bold=True)
    lines = [headline, *verdict.sentences(report), ""]
    lines += [f"{name:<12}{value}".rstrip() for name, value in _facts(summary)]
    if summary.samples:
        lines += ["", *_layer_table(summary)]
        note = layers_note(summary.board, summary.options)
        lines += [note] if note else []
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
    if summary.samples:
        facts += [*_accuracy(summary), *_cost(summary)]
    return facts + _memory(summary)


def _accuracy(summary: Summary) -> list[tuple[str, str]]:
    lines = list[tuple[str, str]]()
    for head in summary.heads:
        shown = [words.percent(a) if a is not None else "-" for a in (head.accuracy_device, head.accuracy_reference)]
        known = f"{shown[0]} on the device, {shown[1]} in the reference" if head.samples else "not known: no labels"
        if head.samples and head.interval_device:
            known += f" (95 %: {words.interval(*head.interval_device)})"
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
        energy = energy_words(summary.to_json()["energy"])
    return [
        ("latency", f"{mean} an inference (from {spread}), {counter_kind(summary.board)}"),
        ("", f"{summary.board['counter']['name']}: {summary.latency_source}"),
        ("", spread_words(summary.to_json())),
        *([("", assumed)] if assumed else []),
        ("synops", f"{words.count(round(summary.synops.mean))} an inference, counted by the device"),
        ("energy", energy),
        *([("", summary.energy.source)] if summary.energy else []),
        *(("", line) for line in energy_doubts(summary.to_json()["energy"])),
        ("throughput", f"{summary.samples_per_s:.3g} samples a second, line and comparison included (host's clock)"),
    ]


def _memory(summary: Summary) -> list[tuple[str, str]]:
    build, lines = summary.build or {}, list[tuple[str, str]]()
    memory = build.get("memory")
    for name, key in (("flash", "flash"), ("RAM", "ram")):
        if build.get(key) is not None:
            used, of = build[key], summary.board[key]
            least = f"; the network's minimum is {words.size(memory[key]['least'])}" if memory else ""
            lines.append((name, f"{words.size(used)} of {words.size(of)} ({words.percent(used / of)}){least}"))
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
    rest = summary.different - len(shown)
    return [*lines, f"... and {words.count(rest)} more samples; results.jsonl has all of them"] if rest else lines
