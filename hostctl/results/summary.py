"""What a run came to, computed from its folder alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from codegen.board import Energy
from hostctl.results.energy import read_energy
from hostctl.results.records import Header, RunFile, SampleRecord, SessionRecord, WorstRecord, read_run
from hostctl.results.statistics import wilson

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

    ``interval_*``: Wilson's interval of 95 % for the accuracy.
    ``curve_*``: accuracy after each step ('anytime', Yin et al. 2017, Fig. 4); an entry is None where the device did
    not tell enough to know its answer then (membrane readout without trace). ``confusion_*``: rows are labels,
    columns the answers after the last step.
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
    """One layer: latency in counter units, synaptic operations an inference, mean spikes after each step.

    ``latency_first``, ``latency_steady``: as in the Summary. ``most_synops``: the bound, when all that the layer
    listens to spikes in every step; None for runs of versions that did not compute it.
    """

    name: str
    size: int
    latency: Spread
    latency_first: tuple[float, ...]
    latency_steady: Spread
    synops: Spread
    most_synops: int | None
    spikes_per_step: tuple[float, ...]


@dataclass(frozen=True)
class EnergySummary:
    """Energy of one inference. ``kind``: 'estimated', from a datasheet's figures and the counter; or 'measured', by the
    meter that ``source`` names, with ``meter`` as in energy.json (see docs/results-format.md).
    """

    kind: str
    joules_per_inference: float
    source: str
    meter: dict[str, Any] | None = None


@dataclass(frozen=True)
class WorstSummary:
    """The all-ones input, by the board's counter: latency in counter units and synaptic operations, whole and by layer.

    It is the largest input, not a bound: another input can make an inner layer spike more.
    """

    latency: float
    layer_latency: tuple[float, ...]
    synops: int
    layer_synops: tuple[int, ...]
    first_difference: str | None


@dataclass(frozen=True)
class Summary:
    """A run in numbers. ``network``, ``board``, ``greeting``, ``data``, ``options``, ``build``: as in the header line.

    ``latency`` and the layers' are in ``latency_unit`` (cycles, instructions, ns; ``latency_source`` says where they
    come from). ``latency_first`` is that of the first inference of each stretch of streaming, in order,
    ``latency_steady`` all others'. ``most_synops`` bounds ``synops`` for every input, ``worst`` is the device's
    all-ones input; None where there is none. ``seconds_per_unit`` turns units into seconds by the counter's rate. All
    mismatches are sums over samples; ``mismatching_membranes`` is None without trace. ``different`` counts samples in
    which anything differed. ``samples_per_s`` is measured on the host's clock, line and comparison included. In a run
    with the option ``stable`` it, ``wall_s`` and ``link`` are 0 and empty, and the first inference is that of the first
    stretch: what they say differs from one run to the next.
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
    latency_first: tuple[float, ...]
    latency_steady: Spread
    latency_unit: str
    latency_source: str
    seconds_per_unit: float
    synops: Spread
    most_synops: int | None
    worst: WorstSummary | None
    samples_per_s: float
    wall_s: float
    energy: EnergySummary | None
    link: dict[str, int]

    @property
    def agrees(self) -> bool:
        """Whether device and reference agree in everything that was compared, the all-ones input included."""
        return not self.different and (self.worst is None or self.worst.first_difference is None)

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
    stable = bool(header.options.get("stable"))
    wall_s = 0.0 if stable else _wall(samples, run.sessions)
    first = _first_of_each(samples)[: 1 if stable else None]
    layers = tuple(_layer(i, x, samples, first, ticks_per_unit) for i, x in enumerate(header.network["layers"]))
    bounds = [layer.most_synops for layer in layers if layer.most_synops is not None]
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
        layers=layers,
        different=sum(sample.different for sample in samples),
        **_mismatches(samples),
        first_differences=_first_differences(samples),
        latency=spread(latency),
        latency_first=tuple(latency[first].tolist()),
        latency_steady=spread(np.delete(latency, first)),
        latency_unit=str(header.board["counter"]["unit"]),
        latency_source=str(header.board["counter"]["source"]),
        seconds_per_unit=ticks_per_unit / float(header.greeting["counter_hz"]),
        synops=spread(synops),
        most_synops=sum(bounds) if len(bounds) == len(layers) else None,
        worst=None if run.worst is None else _worst(run.worst, ticks_per_unit),
        samples_per_s=len(samples) / wall_s if wall_s > 0 else 0.0,
        wall_s=wall_s,
        energy=_energy(Path(folder), header, latency),
        link={} if stable else _link(run),
    )


def spread(values: Sequence[float] | np.ndarray[Any, Any]) -> Spread:
    """Minimum, median, mean, 95th and 99th percentile and maximum; zeros for no values."""
    if not len(values):
        return Spread(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    median, p95, p99 = (float(value) for value in np.percentile(values, (50, 95, 99)))
    return Spread(float(np.min(values)), median, float(np.mean(values)), p95, p99, float(np.max(values)))


def _first_of_each(samples: Sequence[SampleRecord]) -> list[int]:
    """Places of the first result of each stretch of streaming, in the order of the stretches."""
    earliest: dict[int, int] = {}
    for place, sample in enumerate(samples):
        if sample.session not in earliest or sample.at_s < samples[earliest[sample.session]].at_s:
            earliest[sample.session] = place
    return [earliest[session] for session in sorted(earliest)]


def _worst(record: WorstRecord, ticks_per_unit: float) -> WorstSummary:
    return WorstSummary(
        latency=record.ticks / ticks_per_unit,
        layer_latency=tuple(ticks / ticks_per_unit for ticks in record.layer_ticks),
        synops=sum(record.synops),
        layer_synops=tuple(record.synops),
        first_difference=record.first_difference,
    )


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
    return tuple(
        {"index": s.index, "id": s.id, "text": s.first_difference, "place": s.place, "cause": s.cause} for s in wrong
    )


def _head(head: dict[str, Any], samples: Sequence[SampleRecord], steps: int) -> HeadSummary:
    name, labels = str(head["name"]), tuple(str(label) for label in head["labels"])
    known = [sample for sample in samples if sample.labels.get(name) is not None]
    truth = np.array([sample.labels[name] for sample in known], int)
    reference = np.array([sample.reference_answers[name] for sample in known], int).reshape(-1, steps)
    device = [sample.answers[name] for sample in known]
    confusions = (
        _confusion(truth, [int(answers[-1] or 0) for answers in device], len(labels)),
        _confusion(truth, list(reference[:, -1]), len(labels)),
    )
    intervals = [wilson(sum(row[i] for i, row in enumerate(matrix)), len(known)) for matrix in confusions]
    return HeadSummary(
        name=name,
        labels=labels,
        samples=len(known),
        accuracy_device=_accuracy([answers[-1] for answers in device], truth),
        accuracy_reference=_accuracy(list(reference[:, -1]), truth),
        interval_device=intervals[0],
        interval_reference=intervals[1],
        curve_device=tuple(_accuracy([answers[step] for answers in device], truth) for step in range(steps)),
        curve_reference=tuple(_accuracy(list(reference[:, step]), truth) for step in range(steps)),
        confusion_device=confusions[0],
        confusion_reference=confusions[1],
    )


def _accuracy(answers: Sequence[int | None], truth: np.ndarray[Any, Any]) -> float | None:
    if not len(answers) or any(answer is None for answer in answers):
        return None
    return float(np.mean(np.array(answers, int) == truth))


def _confusion(truth: np.ndarray[Any, Any], answers: Sequence[int], classes: int) -> tuple[tuple[int, ...], ...]:
    matrix = np.zeros((classes, classes), int)
    inside = [(t, a) for t, a in zip(truth, answers, strict=True) if 0 <= t < classes and 0 <= a < classes]
    for label, answer in inside:
        matrix[label, answer] += 1
    return tuple(tuple(int(n) for n in row) for row in matrix)


def _layer(
    i: int, layer: dict[str, Any], samples: Sequence[SampleRecord], first: Sequence[int], ticks_per_unit: float
) -> LayerSummary:
    latency = np.array([sample.layer_ticks[i] for sample in samples], float) / ticks_per_unit
    spikes = np.array([sample.layer_spikes[i] for sample in samples], float)
    return LayerSummary(
        name=str(layer["name"]),
        size=int(layer["size"]),
        latency=spread(latency),
        latency_first=tuple(latency[list(first)].tolist()),
        latency_steady=spread(np.delete(latency, list(first))),
        synops=spread([float(sample.synops[i]) for sample in samples]),
        most_synops=layer.get("most_synops"),
        spikes_per_step=tuple(float(n) for n in spikes.mean(axis=0)) if samples else (),
    )


def _wall(samples: Sequence[SampleRecord], sessions: Sequence[SessionRecord]) -> float:
    """Seconds spent streaming: of each session, until its last result (a killed one left no record of its own)."""
    ends: dict[int, float] = {session.session: session.wall_s for session in sessions}
    for sample in samples:
        ends[sample.session] = max(ends.get(sample.session, 0.0), sample.at_s)
    return sum(ends.values())


def _energy(folder: Path, header: Header, latency: np.ndarray[Any, Any]) -> EnergySummary | None:
    meter = read_energy(folder)
    if meter is not None:
        return EnergySummary("measured", meter["joules"], meter["instrument"], meter)
    fields = header.board.get("energy")
    if fields is None or not latency.size:
        return None
    energy = Energy(**fields)
    return EnergySummary("estimated", energy.joules(float(latency.mean())), energy.source)


def _link(run: RunFile) -> dict[str, int]:
    total: dict[str, int] = {}
    for session in run.sessions:
        for name, count in session.link.items():
            total[name] = total.get(name, 0) + count
    return total
