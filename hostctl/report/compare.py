"""Two runs of the same network over the same data, side by side: two boards, two versions, two options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
from markupsafe import Markup

from codegen.ir.errors import Problem, SpikecError
from hostctl.report import plots, words
from hostctl.report.html import render, save
from hostctl.report.text import aligned
from hostctl.results import Header, SampleRecord, Summary, read_run, summarise
from hostctl.results.statistics import mcnemar

SCHEMA = "spikec.comparison/1"
FIRST = 5


@dataclass(frozen=True)
class SampleDifference:
    """A sample in which the runs differ.

    ``answers``: after the last step, first run's and second run's, of the heads that differ. ``outputs``: how many
    output neurons spiked another number of times. ``layer_steps``: in how many (layer, step) pairs another number of
    neurons fired.
    """

    index: int
    id: str
    answers: dict[str, list[int | None]]
    outputs: int
    layer_steps: int


@dataclass(frozen=True)
class HeadComparison:
    """One head in the samples that both runs have and that have a label: ``only_a``, ``only_b``: right in one run only;
    ``p``: McNemar's exact test, how probable such a difference is between equals.
    """

    name: str
    samples: int
    both: int
    only_a: int
    only_b: int
    p: float


@dataclass(frozen=True)
class RunFigures:
    """One of the runs: its folder's name, its board, and its figures. ``accuracy`` by head with its 95 % ``intervals``,
    None without labels; ``confusion``: labels, and the matrix (rows: label; columns: answer).
    """

    folder: str
    tool: str
    board: str
    samples: int
    different_from_reference: int
    accuracy: dict[str, float | None]
    intervals: dict[str, tuple[float, float] | None]
    confusion: dict[str, tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]]
    latency: float
    latency_unit: str
    latency_source: str
    layers: dict[str, float]


@dataclass(frozen=True)
class Comparison:
    """Both runs and what differs between them. ``latency_ratio`` is second by first, None for different units."""

    schema: str
    network: str
    digest: str
    a: RunFigures
    b: RunFigures
    samples: int
    only_a: int
    only_b: int
    different: tuple[SampleDifference, ...]
    heads: tuple[HeadComparison, ...]
    latency_ratio: float | None

    @property
    def differing(self) -> int:
        """How many samples differ."""
        return len(self.different)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "different": [asdict(sample) for sample in self.different]}


def compare_runs(folder_a: Path, folder_b: Path) -> Comparison:
    """Compare two run folders, sample by sample, in the samples that both have.

    Raises SpikecError when a folder holds no sound results, or when the runs are of another network, of other data, or
    with options that change what the network gets to see, or have no sample in common; it names all that is wrong.
    """
    run_a, run_b = read_run(folder_a), read_run(folder_b)
    _check_same(run_a.header, run_b.header, folder_a, folder_b)
    samples_a, samples_b = ({s.index: s for s in run.samples} for run in (run_a, run_b))
    shared = sorted(samples_a.keys() & samples_b.keys())
    if not shared:
        where = f"{folder_a} and {folder_b}"
        raise SpikecError(Problem(where, "have no sample in common", "Let one go on: 'spikec stream --resume'"))
    pairs = [_difference(samples_a[i], samples_b[i]) for i in shared]
    a, b = (_figures(summarise(folder), folder) for folder in (folder_a, folder_b))
    comparable = a.latency_unit == b.latency_unit and a.latency > 0
    return Comparison(
        schema=SCHEMA,
        network=str(run_a.header.network["name"]),
        digest=str(run_a.header.network["digest"]),
        a=a,
        b=b,
        samples=len(shared),
        only_a=len(samples_a) - len(shared),
        only_b=len(samples_b) - len(shared),
        different=tuple(pair for pair in pairs if pair is not None),
        heads=tuple(_head(name, [(samples_a[i], samples_b[i]) for i in shared]) for name in a.accuracy),
        latency_ratio=b.latency / a.latency if comparable else None,
    )


def _check_same(a: Header, b: Header, folder_a: Path, folder_b: Path) -> None:
    where, problems = f"{folder_a} and {folder_b}", list[Problem]()
    if a.network["digest"] != b.network["digest"]:
        names = " and ".join(f"'{h.network['name']}' ({h.network['digest'][:16]})" for h in (a, b))
        problems.append(Problem(where, f"are runs of different networks: {names}", "Run both with the same .spk file"))
    if a.data["digest"] != b.data["digest"]:
        names = " and ".join(f"{h.data['folder']} {h.data['split']}, {h.data['samples']} samples" for h in (a, b))
        hint = "Run both with the same --data, --split and --limit"
        problems.append(Problem(where, f"are runs over different samples: {names}", hint))
    inputs = sorted((a.options.keys() | b.options.keys()) - {"trace", "cores", "first_core", "uart"})
    for name in (name for name in inputs if a.options.get(name) != b.options.get(name)):
        values = f"{a.options.get(name)} and {b.options.get(name)}"
        problems.append(
            Problem(where, f"have different values of the option '{name}': {values}", "Run both with the same")
        )
    if problems:
        raise SpikecError(problems)


def _difference(a: SampleRecord, b: SampleRecord) -> SampleDifference | None:
    answers = {head: [a.answers[head][-1], b.answers[head][-1]] for head in a.answers}
    changed = {head: pair for head, pair in answers.items() if pair[0] != pair[1]}
    outputs = sum(x != y for x, y in zip(a.counts, b.counts, strict=True))
    steps = sum(x != y for p, q in zip(a.layer_spikes, b.layer_spikes, strict=True) for x, y in zip(p, q, strict=True))
    return SampleDifference(a.index, a.id, changed, outputs, steps) if changed or outputs or steps else None


def _head(name: str, pairs: Sequence[tuple[SampleRecord, SampleRecord]]) -> HeadComparison:
    labelled = [(a, b) for a, b in pairs if a.labels.get(name) is not None]
    right = [tuple(run.answers[name][-1] == run.labels[name] for run in pair) for pair in labelled]
    only_a, only_b = right.count((True, False)), right.count((False, True))
    return HeadComparison(name, len(right), right.count((True, True)), only_a, only_b, mcnemar(only_a, only_b))


def _figures(summary: Summary, folder: Path) -> RunFigures:
    return RunFigures(
        folder=folder.resolve().name,
        tool=summary.tool,
        board=str(summary.board["id"]),
        samples=summary.samples,
        different_from_reference=summary.different,
        accuracy={head.name: head.accuracy_device for head in summary.heads},
        intervals={head.name: head.interval_device for head in summary.heads},
        confusion={head.name: (head.labels, head.confusion_device) for head in summary.heads if head.samples},
        latency=summary.latency.mean,
        latency_unit=summary.latency_unit,
        latency_source=summary.latency_source,
        layers={layer.name: layer.latency.mean for layer in summary.layers},
    )


def headline(comparison: Comparison) -> str:
    """One line that tells whether the runs agree."""
    if not comparison.different:
        return f"Equal answers and spike counts in all {words.count(comparison.samples)} samples"
    return f"{words.count(len(comparison.different))} of {words.count(comparison.samples)} samples differ"


def comparison_text(comparison: Comparison) -> str:
    """The comparison for the terminal."""
    colour = "red" if comparison.different else "green"
    lines = [click.style(headline(comparison), fg=colour, bold=True), *notes(comparison), ""]
    lines += aligned([("", comparison.a.folder, comparison.b.folder), *table(comparison)])
    shown = comparison.different[:FIRST]
    lines += ["", *(f"sample {d.index} ({d.id}): {describe(d)}" for d in shown)] if shown else []
    if len(comparison.different) > len(shown):
        lines.append(f"... and {words.count(len(comparison.different) - len(shown))} more; --json names all of them")
    return "\n".join(lines)


def notes(comparison: Comparison) -> list[str]:
    """What is to be known about the figures: samples that one run lacks, and where latencies come from."""
    a, b, said = comparison.a, comparison.b, list[str]()
    said += [_tested(head) for head in comparison.heads if head.only_a or head.only_b]
    for run, extra in ((a, comparison.only_a), (b, comparison.only_b)):
        if extra:
            said.append(f"{words.count(extra)} samples are in {run.folder} only and were not compared.")
    if comparison.latency_ratio is None:
        said.append(f"Latencies have different units ({a.latency_unit}, {b.latency_unit}) and no ratio.")
    elif a.latency_source != b.latency_source:
        said.append(f"Latencies come from different counters: {a.latency_source}; {b.latency_source}.")
    return said


def _tested(head: HeadComparison) -> str:
    """McNemar's test in words."""
    verdict = "more than chance (p < 0.05)" if head.p < 0.05 else "no more than chance may do"
    return (
        f"{head.name}: {words.count(head.only_a)} samples are right in the first run only, {words.count(head.only_b)} "
        f"in the second only: {verdict}; McNemar's exact test, p = {head.p:.2g}."
    )


def table(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Rows of (name, first run, second run)."""
    a, b = comparison.a, comparison.b

    def row(name: str, figure: Callable[[RunFigures], str]) -> tuple[str, str, str]:
        return name, figure(a), figure(b)

    rows = [
        row("board", lambda run: run.board),
        row("spikec", lambda run: run.tool),
        row("samples", lambda run: words.count(run.samples)),
        row("differ from reference", lambda run: words.count(run.different_from_reference)),
        *((f"accuracy {head}", _share(a, head), _share(b, head)) for head in a.accuracy),
        *((f"right in one only, {h.name}", words.count(h.only_a), words.count(h.only_b)) for h in comparison.heads),
        row("latency", lambda run: words.ticks_as(run.latency, run.latency_unit)),
        *(row(f"latency {layer}", partial(_layer_latency, layer)) for layer in a.layers),
    ]
    if comparison.latency_ratio is not None:
        rows.append(("latency ratio", "1", f"{comparison.latency_ratio:.4g}"))
    return rows


def _layer_latency(layer: str, run: RunFigures) -> str:
    return words.ticks_as(run.layers[layer], run.latency_unit)


def describe(difference: SampleDifference) -> str:
    """A sample's differences in words."""
    facts = [f"{head} answered {a} and {b}" for head, (a, b) in difference.answers.items()]
    facts += [f"{difference.outputs} output spike counts"] if difference.outputs else []
    facts += [f"{difference.layer_steps} layer-step spike counts"] if difference.layer_steps else []
    return ", ".join(facts)


def write_comparison(comparison: Comparison, target: Path) -> Path:
    """Write the comparison as one self-contained HTML page to the file ``target``; returns its path.

    Raises SpikecError when it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        where = str(target.parent)
        raise SpikecError(Problem(where, f"cannot be made ({error.strerror})", "Choose another --out")) from error
    save(target, comparison_page(comparison))
    return target


def comparison_page(comparison: Comparison) -> str:
    """The page's text."""
    values: Mapping[str, Any] = {"different": [(d.index, d.id, describe(d)) for d in comparison.different[:50]]}
    return render(
        "comparison.html.j2",
        c=comparison,
        headline=headline(comparison),
        state="different" if comparison.different else "same",
        notes=notes(comparison),
        table=table(comparison),
        confusions=_confusions(comparison),
        **values,
    )


def _confusions(comparison: Comparison) -> list[tuple[str, str, Markup]]:
    """Head, run's name, and its matrix; both runs' one after the other."""
    runs = (comparison.a, comparison.b)
    return [
        (head, run.folder, plots.confusion(head, labels, matrix))
        for head in comparison.a.confusion
        for run in runs
        for labels, matrix in [run.confusion[head]]
    ]


def _share(run: RunFigures, head: str) -> str:
    value, between = run.accuracy[head], run.intervals[head]
    if value is None or between is None:
        return "-"
    return f"{words.percent(value)} (95 %: {words.interval(*between)})"
