"""What a report says: one JSON value, made from a run's summary and its sample lines. The page only prints it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from codegen.board import Energy
from hostctl.report.words import quantity
from hostctl.results import SampleRecord, Summary, read_run
from hostctl.results.energy import read_energy

SCHEMA = "spikec.report/1"
JSON = "report.json"
EMBEDDED = "embedded digits"
"""What a run's header calls the data that needs no ``--data``."""
BINS = 24
"""Columns of the latency distribution."""


def content(folder: Path, summary: Summary, command: str | None = None) -> dict[str, Any]:
    """Everything that the report says, as JSON values. Raises SpikecError when the folder holds no sound results.

    ``command``: what was typed to make the run; by default what an earlier report of this folder says, else it is put
    together from the header line.
    """
    samples = read_run(folder).samples
    return {
        "schema": SCHEMA,
        "summary": {**_plain(summary.to_json()), "folder": folder.resolve().name},
        "compared": compared(summary),
        "latency": _latency(summary, samples),
        "energy": _energy(summary, folder),
        "wrong": [_wrong(summary, sample) for sample in samples if _is_wrong(sample)],
        "differences": [_difference(sample) for sample in samples if sample.different],
        "command": command or _earlier_command(folder, summary) or rerun(summary),
    }


def compared(summary: Summary) -> dict[str, Any]:
    """How many spikes and membranes were held against the reference, and whether of every layer or the last only."""
    trace = bool(summary.options.get("trace"))
    layers = summary.network["layers"] if trace else summary.network["layers"][-1:]
    spikes = sum(layer["size"] for layer in layers)
    neurons = sum(layer["size"] for layer in layers if layer["neuron"] is not None)
    steps = int(summary.network["steps"])
    return {
        "every_layer": trace,
        "spikes": summary.samples * steps * spikes,
        "membranes": summary.samples * (steps * neurons if trace else neurons),
        "mismatching_membranes": summary.mismatching_membranes if trace else summary.mismatching_final_membranes,
    }


def counter_kind(board: Mapping[str, Any]) -> str:
    """``measured`` by a real counter, ``simulated`` or ``emulated``: a count is labelled as what it is."""
    if board.get("fpga") and board["fpga"]["family"] == "sim":
        return "simulated"
    real = not board["emulated"] or str(board["counter"]["source"]).startswith("measured")
    return "measured" if real else "emulated"


def assumed_time(board: Mapping[str, Any], cycles: float) -> str:
    """What simulated cycles are as time, and the clock that this takes for granted; '' for what is not simulated."""
    if counter_kind(board) != "simulated":
        return ""
    return (
        f"{quantity(cycles / board['clock_hz'], 's')} at {quantity(board['clock_hz'], 'Hz')}, a clock that is assumed"
    )


def side_by_side(board: Mapping[str, Any], options: Mapping[str, Any]) -> bool:
    """Whether the layers worked at the same time, so that their latencies overlap: on an FPGA that is not traced."""
    return bool(board.get("fpga")) and not options.get("trace")


def layers_note(board: Mapping[str, Any], options: Mapping[str, Any]) -> str:
    """What is to be known of an FPGA's latency by layer; '' for other boards."""
    if side_by_side(board, options):
        return "Layers work side by side: their cycles overlap."
    traced = "The run was traced, so layers took turns; without --trace they work side by side, in fewer cycles."
    return traced if board.get("fpga") else ""


def rerun(summary: Summary) -> str:
    """The command that repeats the run: the data folder by its name, the network by its file's usual name."""
    data, options = summary.data, summary.options
    words = ["spikec", "run", "--board", summary.board["id"], "--network", f"{summary.network['name']}.spk"]
    words += ["--data", data["folder"]] if data["folder"] != EMBEDDED else []
    words += ["--split", data["split"], "--limit", str(summary.planned)]
    words += ["--cores", "2", "--first-core", str(options["first_core"])] if options.get("cores") == 2 else []
    words += ["--uart"] if options.get("uart") else []
    words += ["--trace"] if options.get("trace") else []
    words += ["--seed", str(options["seed"])] if options.get("seed") else []
    return shlex.join(words)


def _earlier_command(folder: Path, summary: Summary) -> str:
    """The command that an earlier report of the same run in this folder names, or ''."""
    try:
        earlier = json.loads((folder / JSON).read_text(encoding="utf-8"))
        same = [earlier["summary"][key] for key in ("network", "board", "data")] == _plain(
            [summary.network, summary.board, summary.data]
        )
        return str(earlier["command"]) if same else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _latency(summary: Summary, samples: Sequence[SampleRecord]) -> dict[str, Any]:
    """The distribution, and what the layers leave over: binning of events and scheduling."""
    ticks = np.array([sample.ticks for sample in samples], float)
    counts, edges = np.histogram(ticks / float(summary.board["counter"]["ticks_per_unit"]), BINS)
    return {
        "kind": counter_kind(summary.board),
        "unit": summary.latency_unit,
        "counts": [int(n) for n in counts],
        "edges": [float(edge) for edge in edges],
        "side_by_side": side_by_side(summary.board, summary.options),
        "outside_layers": _outside(summary),
    }


def _outside(summary: Summary) -> float:
    """Mean latency that is in no layer, in counter units; 0 where layers work side by side."""
    return max(summary.latency.mean - sum(layer.latency.mean for layer in summary.layers), 0.0)


def _energy(summary: Summary, folder: Path) -> dict[str, Any]:
    """What a meter measured; else an estimate with its source, in all and by layer; or the reason why there is none."""
    if summary.energy is None:
        return {"kind": "not estimated", "reason": "the board's description names no figures"}
    if summary.energy.measured is not None:
        joules = {index: value for record in read_energy(folder) for index, value in record.joules.items()}
        counts, edges = np.histogram(list(joules.values()), BINS)
        return {
            "counts": [int(n) for n in counts],
            "edges": [float(edge) for edge in edges],
            "kind": "measured",
            "joules": summary.energy.joules_per_inference,
            "source": summary.energy.source,
            "estimate": summary.energy.estimate,
            **_plain(asdict(summary.energy.measured)),
        }
    figures = Energy(**summary.board["energy"])
    return {
        "kind": summary.energy.kind,
        "joules": summary.energy.joules_per_inference,
        "by_layer": [figures.joules(layer.latency.mean) for layer in summary.layers],
        "outside_layers": figures.joules(_outside(summary)),
        "source": summary.energy.source,
    }


def _is_wrong(sample: SampleRecord) -> bool:
    return any(label is not None and sample.answers[head][-1] != label for head, label in sample.labels.items())


def _wrong(summary: Summary, sample: SampleRecord) -> dict[str, Any]:
    """The sample with its label and both answers by their names, a head an entry."""
    heads = []
    for head in summary.heads:
        found = (sample.labels.get(head.name), sample.answers[head.name][-1], sample.reference_answers[head.name][-1])
        label, device, reference = (_name(head.labels, index) for index in found)
        heads.append({"name": head.name, "label": label, "device": device, "reference": reference})
    return {"index": sample.index, "id": sample.id, "heads": heads}


def _name(labels: Sequence[str], index: int | None) -> str | None:
    if index is None:
        return None
    return labels[index] if 0 <= index < len(labels) else str(index)


def _difference(sample: SampleRecord) -> dict[str, Any]:
    return {
        "index": sample.index,
        "id": sample.id,
        "spikes": sample.mismatching_spikes,
        "membranes": sample.mismatching_membranes,
        "text": sample.first_difference,
    }


def _plain(value: Any) -> Any:
    """Tuples to lists, so that the value equals what JSON gives back."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
