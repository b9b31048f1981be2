"""Two runs over the same data, side by side: two boards, two versions, two options, or two networks."""

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
class RunFigures:
    """One of the runs: its folder's name, its board, and its figures.

    ``accuracy``, ``interval`` (Wilson, 95 %) and ``confusion`` (rows are labels, columns the device's answers) by head;
    None without labels.
    """

    folder: str
    tool: str
    network: str
    digest: str
    board: str
    samples: int
    different_from_reference: int
    accuracy: dict[str, float | None]
    interval: dict[str, tuple[float, float] | None]
    confusion: dict[str, tuple[tuple[int, ...], ...] | None]
    latency: float
    latency_unit: str
    latency_source: str
    layers: dict[str, float]


@dataclass(frozen=True)
class McNemar:
    """Whether one run's answers of a head are better: of the samples that both have, how many only one answers right.

    ``p``: exact, two-sided (binomial).
    """

    samples: int
    only_a_right: int
    only_b_right: int
    p: float


@dataclass(frozen=True)
class Comparison:
    """Both runs and what differs between them. ``latency_ratio`` is second by first, None for different units.

    ``same_network``: otherwise only answers are compared. ``labels`` and ``mcnemar`` by head.
    """

    schema: str
    network: str
    digest: str
    same_network: bool
    labels: dict[str, tuple[str, ...]]
    mcnemar: dict[str, McNemar]
    a: RunFigures
    b: RunFigures
    samples: int
    only_a: int
    only_b: int
    different: tuple[SampleDifference, ...]
    latency_ratio: float | None

    @property
    def agrees(self) -> bool:
        """Whether runs of one network agree; two networks need not."""
        return not (self.same_network and self.different)

    @property
    def differing(self) -> int:
        """How many samples differ."""
        return len(self.different)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {**asdict(self), "different": [asdict(sample) for sample in self.different]}


def compare_runs(folder_a: Path, folder_b: Path) -> Comparison:
    """Compare two run folders, sample by sample, in the samples that both have.

    Of different networks with the same heads, only the answers are compared. Raises SpikecError when a folder holds no
    sound results, or when the runs are of networks with other heads, of other data, or with options that change what
    the network gets to see, or have no sample in common; it names all that is wrong.
    """
    run_a, run_b = read_run(folder_a), read_run(folder_b)
    _check_same(run_a.header, run_b.header, folder_a, folder_b)
    samples_a, samples_b = ({s.index: s for s in run.samples} for run in (run_a, run_b))
    shared = sorted(samples_a.keys() & samples_b.keys())
    if not shared:
        where = f"{folder_a} and {folder_b}"
        raise SpikecError(Problem(where, "have no sample in common", "Let one go on: 'spikec stream --resume'"))
    same = run_a.header.network["digest"] == run_b.header.network["digest"]
    pairs = [_difference(samples_a[i], samples_b[i], same) for i in shared]
    labels = {str(head["name"]): tuple(map(str, head["labels"])) for head in run_a.header.network["heads"]}
    both = [(samples_a[i], samples_b[i]) for i in shared]
    a, b = (_figures(summarise(folder), folder) for folder in (folder_a, folder_b))
    comparable = a.latency_unit == b.latency_unit and a.latency > 0
    return Comparison(
        schema=SCHEMA,
        network=str(run_a.header.network["name"]),
        digest=str(run_a.header.network["digest"]),
        same_network=same,
        labels=labels,
        mcnemar={head: _mcnemar(head, both) for head in labels},
        a=a,
        b=b,
        samples=len(shared),
        only_a=len(samples_a) - len(shared),
        only_b=len(samples_b) - len(shared),
        different=tuple(pair for pair in pairs if pair is not None),
        latency_ratio=b.latency / a.latency if comparable else None,
    )


def _check_same(a: Header, b: Header, folder_a: Path, folder_b: Path) -> None:
    where, problems = f"{folder_a} and {folder_b}", list[Problem]()
    heads = [[(head["name"], list(head["labels"])) for head in h.network["heads"]] for h in (a, b)]
    if heads[0] != heads[1]:
        names = " and ".join(f"'{h.network['name']}' ({h.network['digest'][:16]})" for h in (a, b))
        hint = "Compare networks that tell the same classes apart"
        problems.append(Problem(where, f"are runs of networks with different heads: {names}", hint))
    if a.data["digest"] != b.data["digest"]:
        names = " and ".join(f"{h.data['folder']} {h.data['split']}, {h.data['samples']} samples" for h in (a, b))
        hint = "Run both with the same --data, --split and --limit"
        problems.append(Problem(where, f"are runs over different samples: {names}", hint))
    inputs = sorted((a.options.keys() | b.options.keys()) - {"trace", "cores", "first_core", "uart", "fast"})
    for name in (name for name in inputs if a.options.get(name) != b.options.get(name)):
        values = f"{a.options.get(name)} and {b.options.get(name)}"
        problems.append(
            Problem(where, f"have different values of the option '{name}': {values}", "Run both with the same")
        )
    if problems:
        raise SpikecError(problems)


def _mcnemar(head: str, pairs: Sequence[tuple[SampleRecord, SampleRecord]]) -> McNemar:
    known = [(a.answers[head][-1], b.answers[head][-1], a.labels.get(head)) for a, b in pairs]
    right = [(a == label, b == label) for a, b, label in known if label is not None]
    only_a, only_b = (right.count(case) for case in ((True, False), (False, True)))
    return McNemar(len(right), only_a, only_b, mcnemar(only_a, only_b))


def _difference(a: SampleRecord, b: SampleRecord, same_network: bool) -> SampleDifference | None:
    answers = {head: [a.answers[head][-1], b.answers[head][-1]] for head in a.answers}
    changed = {head: pair for head, pair in answers.items() if pair[0] != pair[1]}
    if not same_network:
        return SampleDifference(a.index, a.id, changed, 0, 0) if changed else None
    outputs = sum(x != y for x, y in zip(a.counts, b.counts, strict=True))
    steps = sum(x != y for p, q in zip(a.layer_spikes, b.layer_spikes, strict=True) for x, y in zip(p, q, strict=True))
    return SampleDifference(a.index, a.id, changed, outputs, steps) if changed or outputs or steps else None


def _figures(summary: Summary, folder: Path) -> RunFigures:
    return RunFigures(
        folder=folder.resolve().name,
        tool=summary.tool,
        board=str(summary.board["id"]),
        samples=summary.samples,
        different_from_reference=summary.different,
        network=str(summary.network["name"]),
        digest=str(summary.network["digest"]),
        interval={head.name: head.interval_device for head in summary.heads},
        confusion={head.name: head.confusion_device if head.samples else None for head in summary.heads},
        accuracy={head.name: head.accuracy_device for head in summary.heads},
        latency=summary.latency.mean,
        latency_unit=summary.latency_unit,
        latency_source=summary.latency_source,
        layers={layer.name: layer.latency.mean for layer in summary.layers},
    )


def headline(comparison: Comparison) -> str:
    """One line that tells whether the runs agree."""
    if not comparison.same_network:
        same = comparison.samples - len(comparison.different)
        return f"Two networks: equal answers in {words.count(same)} of {words.count(comparison.samples)} samples"
    if not comparison.different:
        return f"Equal answers and spike counts in all {words.count(comparison.samples)} samples"
    return f"{words.count(len(comparison.different))} of {words.count(comparison.samples)} samples differ"


def comparison_text(comparison: Comparison) -> str:
    """The comparison for the terminal."""
    colour = "green" if comparison.agrees else "red"
    lines = [click.style(headline(comparison), fg=colour, bold=True), *notes(comparison), ""]
    lines += aligned([("", comparison.a.folder, comparison.b.folder), *table(comparison)])
    lines += ["", *tests(comparison)]
    shown = comparison.different[:FIRST]
    lines += ["", *(f"sample {d.index} ({d.id}): {describe(d)}" for d in shown)] if shown else []
    if len(comparison.different) > len(shown):
        lines.append(f"... and {words.count(len(comparison.different) - len(shown))} more; --json names all of them")
    return "\n".join(lines)


def notes(comparison: Comparison) -> list[str]:
    """What is to be known about the figures: samples that one run lacks, and where latencies come from."""
    a, b, said = comparison.a, comparison.b, list[str]()
    for run, extra in ((a, comparison.only_a), (b, comparison.only_b)):
        if extra:
            said.append(f"{words.count(extra)} samples are in {run.folder} only and were not compared.")
    if comparison.latency_ratio is None:
        said.append(f"Latencies have different units ({a.latency_unit}, {b.latency_unit}) and no ratio.")
    elif a.latency_source != b.latency_source:
        said.append(f"Latencies come from different counters: {a.latency_source}; {b.latency_source}.")
    return said


def table(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Rows of (name, first run, second run)."""
    a, b = comparison.a, comparison.b

    def row(name: str, figure: Callable[[RunFigures], str]) -> tuple[str, str, str]:
        return name, figure(a), figure(b)

    rows = [
        *([] if comparison.same_network else [row("network", lambda run: run.network)]),
        row("board", lambda run: run.board),
        row("spikec", lambda run: run.tool),
        row("samples", lambda run: words.count(run.samples)),
        row("differ from reference", lambda run: words.count(run.different_from_reference)),
        *(row(f"accuracy {head}", partial(_share, head)) for head in a.accuracy),
        row("latency", lambda run: words.ticks_as(run.latency, run.latency_unit)),
        *(row(f"latency {layer}", partial(_layer_latency, layer)) for layer in a.layers if layer in b.layers),
    ]
    if comparison.latency_ratio is not None:
        rows.append(("latency ratio", "1", f"{comparison.latency_ratio:.4g}"))
    return rows


def _layer_latency(layer: str, run: RunFigures) -> str:
    return words.ticks_as(run.layers[layer], run.latency_unit)


def tests(comparison: Comparison) -> list[str]:
    """What McNemar's test says, a sentence a head that has labels."""
    said = []
    for head, test in comparison.mcnemar.items():
        if test.samples:
            one, other = words.count(test.only_a_right), words.count(test.only_b_right)
            counts = f"{one} samples are right in {comparison.a.folder} only, {other} in {comparison.b.folder} only"
            said.append(f"{head}: {counts}; exact McNemar test p = {test.p:.3g} ({words.count(test.samples)} samples)")
    return said


def _confusions(comparison: Comparison) -> list[tuple[str, list[tuple[str, Markup]]]]:
    """Of each head with labels, both runs' matrices by their folders."""
    found = []
    for head, labels in comparison.labels.items():
        matrices = [(run.folder, run.confusion[head]) for run in (comparison.a, comparison.b)]
        drawn = [(name, plots.confusion(head, labels, matrix)) for name, matrix in matrices if matrix is not None]
        if drawn:
            found.append((head, drawn))
    return found


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
        state="same" if comparison.agrees else "different",
        notes=notes(comparison),
        tests=tests(comparison),
        confusions=_confusions(comparison),
        table=table(comparison),
        **values,
    )


def _share(head: str, run: RunFigures) -> str:
    return words.sure(run.accuracy[head], run.interval[head])
