"""What a run came to, computed from its folder alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from codegen.board import Energy
from hostctl.results.energy import EnergyRecord, read_energy
from hostctl.results.records import Header, RunFile, SampleRecord, SessionRecord, read_run
from hostctl.results.statistics import mean_interval, wilson

SCHEMA = "spikec.summary/1"
MAX_FIRST = 20
"""So many differing samples are described in the summary; results.jsonl holds all of them."""


@dataclass(frozen=True)
class Spread:
    """How a quantity is spread over the samples."""

    min: float
    median: float
    mean: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True)
class HeadSummary:
    """One answer of the network. Accuracies are None when no sample has a label for this head.

    ``interval_*``: 95 % interval of the accuracy (Wilson). ``curve_*``: accuracy after each step ('anytime', Yin et
    al. 2017, Fig. 4); an entry is None where the device did not tell enough to know its answer then (membrane readout
    without trace). ``confusion_*``: rows are labels, columns the answers after the last step.
    """

    name: str
    labels: tuple[str, ...]
    samples: int
    accuracy_device: float | None
    accuracy_reference: float | None
    interval_device: tuple[float, float] | None
    interval_reference: tuple[float, float] | None
    curve_device: tuple[float | None, ...]
    curve_reference: tuple[float | None, ...]
    confusion_device: tuple[tuple[int, ...], ...]
    confusion_reference: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class LayerSummary:
    """One layer: latency in counter units, synaptic operations an inference, mean spikes after each step."""

    name: str
    size: int
    latency: Spread
    synops: Spread
    spikes_per_step: tuple[float, ...]


@dataclass(frozen=True)
class MeteredEnergy:
    """What a power meter says of an inference (J): mean, standard deviation, 95 % interval of the mean (None: too few).

    ``inferences``: how many it rests on; ``excluded``: those with lost samples; ``idle``: whether the idle power
    ``idle_watts`` was subtracted or kept; ``seconds``: mean time with the marker high; ``warnings``: why not to trust
    it.
    """

    meter: str
    rate_hz: float
    inferences: int
    excluded: int
    mean: float
    deviation: float | None
    low: float | None
    high: float | None
    seconds: float
    idle: str
    idle_watts: float | None
    samples: int
    lost: int
    faults: tuple[dict[str, Any], ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class EnergySummary:
    """Energy of one inference: 'measured' by a power meter, or 'estimated' from datasheet figures and the counter.

    ``estimate``: what the datasheet would say, beside what was measured.
    """

    kind: str
    joules_per_inference: float
    source: str
    measured: MeteredEnergy | None = None
    estimate: float | None = None


@dataclass(frozen=True)
class Summary:
    """A run in numbers. ``network``, ``board``, ``greeting``, ``data``, ``options``, ``build``: as in the header line.

    ``latency`` and the layers' are in ``latency_unit`` (cycles, instructions, ns; ``latency_source`` says where they
    come from), ``latency_first`` is the first inference, ``latency_steady`` all others but the first after a
    resumption; ``seconds_per_unit`` turns them into seconds by the counter's rate. All mismatches are sums over
    samples; ``mismatching_membranes`` is None without trace. ``different`` counts samples in which anything differed.
    ``samples_per_s`` is measured on the host's clock, line and comparison included.
    """

    schema: str
    folder: str
    tool: str
    network: dict[str, Any]
    board: dict[str, Any]
    greeting: dict[str, Any]
    data: dict[str, Any]
    options: dict[str, Any]
    build: dict[str, Any] | None
    samples: int
    planned: int
    heads: tuple[HeadSummary, ...]
    layers: tuple[LayerSummary, ...]
    different: int
    mismatching_spikes: int
    mismatching_counts: int
    mismatching_membranes: int | None
    mismatching_final_membranes: int
    mismatching_synops: int
    mismatching_answers: int
    first_differences: tuple[dict[str, Any], ...]
    latency: Spread
    latency_first: float | None
    latency_steady: Spread
    latency_unit: str
    latency_source: str
    seconds_per_unit: float
    synops: Spread
    samples_per_s: float
    wall_s: float
    energy: EnergySummary | None
    link: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def summarise(folder: Path | str) -> Summary:
    """Compute the summary of a run folder. Raises SpikecError when it holds no (sound) results."""
    run = read_run(Path(folder))
    header, samples = run.header, run.samples
    ticks_per_unit = float(header.board["counter"]["ticks_per_unit"])
    latency = np.array([sample.ticks for sample in samples], float) / ticks_per_unit
    synops = np.array([sum(sample.synops) for sample in samples], float)
    wall_s = _wall(samples, run.sessions)
    return Summary(
        schema=SCHEMA,
        folder=str(folder),
        tool=header.tool,
        network=header.network,
        board=header.board,
        greeting=header.greeting,
        data=header.data,
        options=header.options,
        build=header.build,
        samples=len(samples),
        planned=int(header.data["samples"]),
        heads=tuple(_head(head, samples, int(header.network["steps"])) for head in header.network["heads"]),
        layers=tuple(_layer(i, layer, samples, ticks_per_unit) for i, layer in enumerate(header.network["layers"])),
        different=sum(sample.different for sample in samples),
        **_mismatches(samples),
        first_differences=_first_differences(samples),
        latency=spread(latency),
        latency_first=_first(samples, ticks_per_unit),
        latency_steady=spread(_steady(samples) / ticks_per_unit),
        latency_unit=str(header.board["counter"]["unit"]),
        latency_source=str(header.board["counter"]["source"]),
        seconds_per_unit=ticks_per_unit / float(header.greeting["counter_hz"]),
        synops=spread(synops),
        samples_per_s=len(samples) / wall_s if wall_s > 0 else 0.0,
        wall_s=wall_s,
        energy=_energy(Path(folder), header, latency),
        link=_link(run),
    )


def spread(values: Sequence[float] | np.ndarray[Any, Any]) -> Spread:
    """Minimum, median, mean, 95th and 99th percentile and maximum; zeros for no values."""
    if not len(values):
        return Spread(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    low, median, p95, p99, high = (float(value) for value in np.percentile(values, (0, 50, 95, 99, 100)))
    return Spread(low, median, float(np.mean(values)), p95, p99, high)


def _arrived(samples: Sequence[SampleRecord]) -> list[SampleRecord]:
    """In the order in which the device answered."""
    return sorted(samples, key=lambda sample: (sample.session, sample.at_s))


def _first(samples: Sequence[SampleRecord], ticks_per_unit: float) -> float | None:
    """Latency of the first inference after the device was greeted, when caches and pipelines are cold."""
    return _arrived(samples)[0].ticks / ticks_per_unit if samples else None


def _steady(samples: Sequence[SampleRecord]) -> np.ndarray[Any, Any]:
    """Ticks of all inferences but the first of each stretch of streaming."""
    row = _arrived(samples)
    return np.array([now.ticks for before, now in pairwise(row) if now.session == before.session], float)


def _mismatches(samples: Sequence[SampleRecord]) -> dict[str, Any]:
    membranes = [s.mismatching_membranes for s in samples if s.mismatching_membranes is not None]
    return {
        "mismatching_spikes": sum(s.mismatching_spikes for s in samples),
        "mismatching_counts": sum(s.mismatching_counts for s in samples),
        "mismatching_membranes": sum(membranes) if membranes else None,
        "mismatching_final_membranes": sum(s.mismatching_final_membranes for s in samples),
        "mismatching_synops": sum(s.mismatching_synops for s in samples),
        "mismatching_answers": sum(s.mismatching_answers for s in samples),
    }


def _first_differences(samples: Sequence[SampleRecord]) -> tuple[dict[str, Any], ...]:
    wrong = [sample for sample in samples if sample.different][:MAX_FIRST]
    return tuple({"index": s.index, "id": s.id, "text": s.first_difference} for s in wrong)


def _head(head: dict[str, Any], samples: Sequence[SampleRecord], steps: int) -> HeadSummary:
    name, labels = str(head["name"]), tuple(str(label) for label in head["labels"])
    known = [sample for sample in samples if sample.labels.get(name) is not None]
    truth = np.array([sample.labels[name] for sample in known], int)
    reference = np.array([sample.reference_answers[name] for sample in known], int).reshape(-1, steps)
    device = [sample.answers[name] for sample in known]
    return HeadSummary(
        name=name,
        labels=labels,
        samples=len(known),
        accuracy_device=_accuracy([answers[-1] for answers in device], truth),
        accuracy_reference=_accuracy(list(reference[:, -1]), truth),
        interval_device=_interval([answers[-1] for answers in device], truth),
        interval_reference=_interval(list(reference[:, -1]), truth),
        curve_device=tuple(_accuracy([answers[step] for answers in device], truth) for step in range(steps)),
        curve_reference=tuple(_accuracy(list(reference[:, step]), truth) for step in range(steps)),
        confusion_device=_confusion(truth, [int(answers[-1] or 0) for answers in device], len(labels)),
        confusion_reference=_confusion(truth, list(reference[:, -1]), len(labels)),
    )


def _accuracy(answers: Sequence[int | None], truth: np.ndarray[Any, Any]) -> float | None:
    if not len(answers) or any(answer is None for answer in answers):
        return None
    return float(np.mean(np.array(answers, int) == truth))


def _interval(answers: Sequence[int | None], truth: np.ndarray[Any, Any]) -> tuple[float, float] | None:
    share = _accuracy(answers, truth)
    return None if share is None else wilson(round(share * len(truth)), len(truth))


def _confusion(truth: np.ndarray[Any, Any], answers: Sequence[int], classes: int) -> tuple[tuple[int, ...], ...]:
    matrix = np.zeros((classes, classes), int)
    inside = [(t, a) for t, a in zip(truth, answers, strict=True) if 0 <= t < classes and 0 <= a < classes]
    for label, answer in inside:
        matrix[label, answer] += 1
    return tuple(tuple(int(n) for n in row) for row in matrix)


def _layer(i: int, layer: dict[str, Any], samples: Sequence[SampleRecord], ticks_per_unit: float) -> LayerSummary:
    spikes = np.array([sample.layer_spikes[i] for sample in samples], float)
    return LayerSummary(
        name=str(layer["name"]),
        size=int(layer["size"]),
        latency=spread([sample.layer_ticks[i] / ticks_per_unit for sample in samples]),
        synops=spread([float(sample.synops[i]) for sample in samples]),
        spikes_per_step=tuple(float(n) for n in spikes.mean(axis=0)) if samples else (),
    )


def _wall(samples: Sequence[SampleRecord], sessions: Sequence[SessionRecord]) -> float:
    """Seconds spent streaming: of each session, until its last result (a killed one left no record of its own)."""
    ends: dict[int, float] = {session.session: session.wall_s for session in sessions}
    for sample in samples:
        ends[sample.session] = max(ends.get(sample.session, 0.0), sample.at_s)
    return sum(ends.values())


def _energy(folder: Path, header: Header, latency: np.ndarray[Any, Any]) -> EnergySummary | None:
    fields = header.board.get("energy")
    estimate = None
    if fields is not None and latency.size:
        figures = Energy(**fields)
        estimate = EnergySummary("estimated", figures.joules(float(latency.mean())), figures.source)
    measured = _metered(read_energy(folder))
    if measured is None:
        return estimate
    known = None if estimate is None else estimate.joules_per_inference
    return EnergySummary("measured", measured.mean, measured.meter, measured, known)


def _metered(records: Sequence[EnergyRecord]) -> MeteredEnergy | None:
    """All captures of a run together; an inference that was metered twice counts as it was last."""
    joules = {index: value for record in records for index, value in record.joules.items()}
    seconds = {index: value for record in records for index, value in record.seconds.items()}
    if not joules:
        return None
    last, idle = records[-1], [r.idle_watts for r in records if r.idle_watts is not None]
    mean, deviation, low, high = (
        None if math.isnan(value) else value for value in mean_interval(list(joules.values()))
    )
    assert mean is not None
    return MeteredEnergy(
        meter=last.meter,
        rate_hz=last.rate_hz,
        inferences=len(joules),
        excluded=sum(record.excluded for record in records),
        mean=mean,
        deviation=deviation,
        low=low,
        high=high,
        seconds=float(np.mean(list(seconds.values()))),
        idle=last.idle,
        idle_watts=float(np.mean(idle)) if idle else None,
        samples=sum(record.samples for record in records),
        lost=sum(record.lost for record in records),
        faults=tuple(fault for record in records for fault in record.faults),
        warnings=tuple(warning for record in records for warning in record.warnings),
    )


def _link(run: RunFile) -> dict[str, int]:
    total: dict[str, int] = {}
    for session in run.sessions:
        for name, count in session.link.items():
            total[name] = total.get(name, 0) + count
    return total
