"""The sceptic's benchmark as CSVs, charts and tables, and in the page of the docs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures.chart import Chart
from codegen.ir import fail

Row = Mapping[str, Any]
SHOWN = (1, 4, 16)
"""Numbers of steps in the tables by density, of all that the CSV has."""
CROSSED = (1, 2, 4, 8, 16)
PERCENTS = {float(value): f"{value:g}" for value in (0.5, 1, 2, 5, 10, 20, 50, 100)}
THOUSANDS = {1000.0 * value: f"{value}k" for value in (1, 2, 5, 10, 20, 50, 100, 200, 500)}
ROUND = THOUSANDS | {1000 * value: words.replace("k", "M") for value, words in THOUSANDS.items()}


BEST_DENSE = "dense, packed"
AS_GOOD = 0.05
"""Points of accuracy, five of 10,000 images, that make no difference."""


@dataclass(frozen=True)
class Results:
    """All that was measured: spikes by density, one dense pass by network and kernel, crossovers, MNIST, targets."""

    swept: Sequence[Row]
    dense: Mapping[str, Mapping[str, float]]
    crossed: Sequence[Row]
    mnist: Sequence[Row]
    targets: Sequence[Row]


# ---- tables ----------------------------------------------------------------------------------------------------------


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    lines = [list(headings), *map(list, rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def sections(results: Results) -> dict[str, str]:
    """The tables by name, as they stand between the marks of the page."""
    parts = {"targets": targets_table(results), "dense": dense_table(results), "crossovers": crossover_table(results)}
    return parts | {"densities": density_tables(results), "mnist": mnist_table(results)}


def tables(results: Results) -> str:
    """All tables, for reading."""
    return "\n\n".join(sections(results).values())


def targets_table(results: Results) -> str:
    """What was to be reached, and whether it was."""
    headings = ("network, 1 step", "accuracy", "instructions", "against", "it takes", "times fewer", "wanted", "")
    return table(headings, map(_target, results.targets))


def _target(row: Row) -> Iterator[str]:
    yield f"`{row['network']}`"
    yield f"{row['accuracy']:.2f} %"
    yield f"{row['instructions']:,.0f}"
    yield row["opponent"]
    yield f"{row['opponent_instructions']:,.0f}"
    yield f"**{row['times']:.1f}**"
    yield f"{row['wanted']:g}"
    yield "reached" if row["reached"] else "**not reached**"


def dense_table(results: Results) -> str:
    """The dense kernels, by network: whole, a multiply-accumulate, and a multiply-accumulate of the first layer."""
    headings = ("dense network", "multiply-accumulates", "kernel", "instructions", "each", "each in the first layer")
    rows = [row for row in results.mnist if row["kind"] != "spikes"]
    return table(
        headings,
        (
            (
                row["network"],
                f"{row['macs']:,}",
                row["kind"].removeprefix("dense, "),
                f"{row['instructions']:,.0f}",
                f"{row['instructions'] / row['macs']:.2f}",
                f"{row['first_layer']:.2f}",
            )
            for row in rows
        ),
    )


def crossover_table(results: Results) -> str:
    """The density from which on dense wins, by steps."""
    groups = dict.fromkeys((row["network"], row["hidden"], row["opponent"]) for row in results.crossed)
    steps = [steps for steps in CROSSED if any(row["steps"] == steps for row in results.crossed)]

    def cells(group: tuple[str, str, str]) -> Iterator[str]:
        chosen = [row for row in results.crossed if (row["network"], row["hidden"], row["opponent"]) == group]
        yield from group
        yield f"{chosen[0]['dense']:,.0f}"
        yield from (spoken(row["density"]) for row in chosen if row["steps"] in steps)

    named = [f"{count} step{'s' if count > 1 else ''}" for count in steps]
    return table(("network", "hidden layers", "dense kernel", "its instructions", *named), map(cells, groups))


def spoken(density: float) -> str:
    """A crossover in words."""
    if density == 0:
        return "dense always"
    return "spikes always" if density == float("inf") else f"{100 * density:.1f} %"


def density_tables(results: Results) -> str:
    """Instructions by density, a table for each network and way that its hidden layers are set."""
    found = []
    for network, hidden in dict.fromkeys((row["network"], row["hidden"]) for row in results.swept):
        chosen = [row for row in results.swept if (row["network"], row["hidden"]) == (network, hidden)]
        opponents = ", ".join(f"{kernel} {cost:,.0f}" for kernel, cost in results.dense[network].items())
        headings = ["input density", *(f"spikec, {n}" for n in SHOWN), *(f"plain loop, {n}" for n in SHOWN)]
        values: dict[float, list[str]] = {}
        for what in ("spikec", "plain"):
            for row in chosen:
                if row["steps"] in SHOWN:
                    values.setdefault(row["density"], []).append(f"{row[what]:,.0f}")
        lines = ([f"{100 * density:g} %", *cells] for density, cells in values.items())
        title = f"**{network}**, hidden layers {hidden}: instructions by steps. One dense pass: {opponents}."
        found.append(f"{title}\n\n{table(headings, lines)}")
    return "\n\n".join(found)


def mnist_table(results: Results) -> str:
    """Accuracy and instructions, by instructions."""
    headings = ("network", "layers", "steps", "accuracy", "instructions", "least to most", "cheapest dense as good")
    shown = [row for row in results.mnist if row["kind"] != "dense, two rows"]

    def cells(row: Row) -> Iterator[str]:
        spikes = row["kind"] == "spikes"
        yield f"`{row['network']}`" if spikes else f"dense, {row['kind'].removeprefix('dense, ')}"
        yield row["shape"]
        yield f"{row['steps']}" if spikes else ""
        yield f"{row['accuracy']:.2f} %"
        yield f"{row['instructions']:,.0f}"
        yield f"{row['least']:,.0f} to {row['most']:,.0f}" if row["most"] - row["least"] > 10 else "always the same"
        yield cheapest_dense(row, results.mnist) if spikes else ""

    return table(headings, map(cells, sorted(shown, key=lambda row: float(row["instructions"]))))


def cheapest_dense(row: Row, rows: Sequence[Row]) -> str:
    """The dense network, by our best kernel, that takes least of those that are (nearly) as accurate, in words."""
    wanted = row["accuracy"] - AS_GOOD
    good = [one for one in rows if one["kind"] == BEST_DENSE and one["accuracy"] >= wanted]
    if not good:
        return "none here"
    best = min(good, key=lambda one: float(one["instructions"]))
    times = best["instructions"] / row["instructions"]
    compared = f"{times:.1f} times as many" if times >= 1 else f"{1 / times:.1f} times fewer"
    return f"{best['shape']}: {best['instructions']:,.0f}, {compared}"


# ---- charts ----------------------------------------------------------------------------------------------------------


def charts(results: Results) -> dict[str, Chart]:
    """The charts, by the name of their file."""
    found = {"sceptic_crossover": crossover_chart(results), "sceptic_mnist": mnist_chart(results)}
    for network in results.dense:
        found[f"sceptic_{'dc' if 'SNN-DC' in network else 'ct'}"] = density_chart(results, network)
    return found


def crossover_chart(results: Results) -> Chart:
    """The density from which on the best dense kernel wins, by steps."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in results.crossed:
        if row["opponent"] == "packed":
            kind, hidden = row["network"].split("(")[1].rstrip(")"), row["hidden"]
            name = kind if "CT" in kind else f"{kind}, hidden {hidden}"
            lines.setdefault(name, []).append((row["steps"], 100 * min(row["density"], 1.0)))
    ticks = {float(steps): str(steps) for steps in CROSSED}
    title = "Where a dense pass begins to win (our best dense kernel)"
    return Chart(title, "steps", "input density (%)", lines, "log", low=0, x_ticks=ticks)


def density_chart(results: Results, network: str) -> Chart:
    """Instructions by density, for one network with hidden layers as in the zoo."""
    rows = [row for row in results.swept if row["network"] == network and row["hidden"] == "as in the zoo"]
    lines: dict[str, list[tuple[float, float]]] = {}
    for steps in SHOWN:
        lines[f"spikes, {steps}"] = [
            (100 * row["density"], row["spikec"] / 1000) for row in rows if row["steps"] == steps
        ]
    lines["plain loop, 1"] = [(100 * row["density"], row["plain"] / 1000) for row in rows if row["steps"] == 1]
    ends = [x for x, _ in lines["plain loop, 1"]]
    dense = {f"dense, {kernel}": cost / 1000 for kernel, cost in results.dense[network].items()}
    lines |= {name: [(x, cost) for x in ends] for name, cost in dense.items()}
    title = f"{network}: instructions by density, after 1, 4 and 16 steps"
    labels = ("active inputs in a step (%)", "instructions (thousands)")
    high = 1.2 * max(dense.values())
    ticks = {x: words for x, words in PERCENTS.items() if min(ends) <= x <= max(ends)}
    return Chart(title, *labels, lines, "log", frozenset(dense), low=0, high=high, x_ticks=ticks)


def front(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points (cost, value) that are worth more than all that cost less."""
    found: list[tuple[float, float]] = []
    for cost, value in sorted(points):
        if not found or value > found[-1][1]:
            found.append((cost, value))
    return found


def mnist_chart(results: Results) -> Chart:
    """Accuracy by instructions."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for row in results.mnist:
        if row["kind"] in ("spikes", BEST_DENSE):
            name = row["network"] if row["kind"] == "spikes" else BEST_DENSE
            lines.setdefault(name, []).append((row["instructions"], row["accuracy"]))
    lines[BEST_DENSE] = front(lines[BEST_DENSE])
    dashed = frozenset({BEST_DENSE})
    lowest, highest = (f(x for points in lines.values() for x, _ in points) for f in (min, max))
    ticks = {x: words for x, words in ROUND.items() if lowest <= x <= highest}
    title = "MNIST: accuracy by instructions of an inference"
    return Chart(title, "instructions, emulated", "right (%)", lines, "log", dashed, low=95, high=100, x_ticks=ticks)


# ---- files -----------------------------------------------------------------------------------------------------------


def write(results: Results, out: Path) -> None:
    """Write CSVs, charts and tables into one folder."""
    out.mkdir(parents=True, exist_ok=True)
    write_csvs(results, out)
    write_charts(results, out)
    (out / "tables.md").write_text(tables(results) + "\n", encoding="utf-8")


def write_csvs(results: Results, out: Path) -> None:
    """Write one CSV each for densities, crossovers and MNIST."""
    dense = [{"network": network, **costs} for network, costs in results.dense.items()]
    files = {"densities": results.swept, "dense": dense, "crossovers": results.crossed, "mnist": results.mnist}
    for name, rows in files.items():
        with (out / f"sceptic_{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n")
            writer.writeheader()
            writer.writerows({key: _rounded(value) for key, value in row.items()} for row in rows)


def _rounded(value: Any) -> Any:
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def write_charts(results: Results, out: Path) -> None:
    """Write the charts as SVG."""
    for name, chart in charts(results).items():
        (out / f"{name}.svg").write_text(chart.svg(), encoding="utf-8")


def write_docs(results: Results, docs: Path) -> None:
    """Write CSVs and charts where the docs have theirs, and the tables into ``sceptic.md``, between its marks.

    Raises SpikecError when a mark is not there.
    """
    write_csvs(results, docs / "figures")
    write_charts(results, docs / "images")
    page = docs / "sceptic.md"
    text = page.read_text(encoding="utf-8")
    for name, part in sections(results).items():
        pattern = re.compile(rf"(<!-- sceptic: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not pattern.search(text):
            hint = f"Add '<!-- sceptic: {name} -->' and '<!-- end -->'"
            raise fail(str(page), f"has no place for the table '{name}'", hint)
        text = pattern.sub(lambda found, part=part: f"{found[1]}{part}\n{found[2]}", text)  # type: ignore[misc]
    page.write_text(text, encoding="utf-8")
