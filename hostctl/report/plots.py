"""The report's plots as SVG: plain lists in, markup out, no clock and no randomness in between."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from hostctl.report import words
from hostctl.report.svg import Axes, bar, drawing, line, path, tag, text, ticks

WIDTH = 460.0
LEAST_CELL = 13.0
"""Cells of a confusion matrix that are smaller have no figures in them."""
SHADES = 4
"""How many heads get a colour of their own before colours come again."""


def confusion(head: str, labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> Markup:
    """Truth by row, the device's answer by column; right answers in one colour, wrong ones in another."""
    longest = max((len(label) for label in labels), default=1)
    names = min(6.6 * longest, 110.0)
    cell = min((WIDTH - names - 40) / max(len(labels), 1), 52.0)
    edge = (WIDTH - names - 40 - cell * len(labels)) / 2  # A small matrix stands in the middle.
    left = edge + 34 + names
    top, turned = 40.0, cell < 6.6 * longest + 4
    top += min(6.0 * longest, 90.0) if turned else 0.0
    parts = [text(left + cell * len(labels) / 2, 13, "the device's answer", "axis")]
    middle = top + cell * len(labels) / 2
    parts.append(
        tag(
            "text",
            "label",
            transform=f"translate({edge + 12:.1f} {middle:.1f}) rotate(-90)",
            cls="axis",
            text_anchor="middle",
        )
    )
    every = math.ceil(LEAST_CELL / cell)  # A label where there is room for one.
    for i, label in enumerate(labels):
        parts += _confusion_row(labels, i, matrix[i], (left, top + i * cell), cell)
        if i % every:
            continue
        along = left + (i + 0.5) * cell
        turn = {"transform": f"translate({along + 4:.1f} {top - 6:.1f}) rotate(-60)"}
        parts.append(tag("text", label, cls="tick", **turn) if turned else text(along, top - 8, label))
        parts.append(text(left - 8, top + (i + 0.5) * cell + 4, label, anchor="end"))
    return drawing(WIDTH, top + cell * len(labels) + 6, _confusion_words(head, labels, matrix), parts)


def _confusion_row(
    labels: Sequence[str], row: int, values: Sequence[int], place: tuple[float, float], cell: float
) -> list[Markup]:
    (left, y), parts, total = place, list[Markup](), sum(values)
    for column, value in enumerate(values):
        share = value / total if total else 0.0
        cls, x = "right" if row == column else "wrong", left + column * cell
        tip = f"{labels[row]} answered as {labels[column]}: {value} of {total}"
        parts.append(bar(x + 1, y + 1, cell - 2, cell - 2, cls="empty", tip=tip))
        if value and cell < LEAST_CELL:
            parts.append(bar(x, y, cell, cell, cls=cls, tip=tip, opacity=_strength(share)))
        elif value:
            strength = _strength(share if row == column else min(2 * share, 1.0))
            parts.append(bar(x + 1, y + 1, cell - 2, cell - 2, cls=cls, tip=tip, opacity=strength))
            parts.append(text(x + cell / 2, y + cell / 2 + 4, str(value), "cell strong" if strength > 0.7 else "cell"))
    return parts


def _strength(share: float) -> float:
    """Opacity of a cell; the middle, on which neither dark nor light figures can be read well, is left out."""
    return round(0.14 + 0.7 * share if share < 0.5 else 0.6 + 0.4 * share, 3)


def _confusion_words(head: str, labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> str:
    wrong = [
        (matrix[i][j], f"{labels[i]} as {labels[j]}") for i in range(len(labels)) for j in range(len(labels)) if i != j
    ]
    total = sum(map(sum, matrix))
    right = sum(matrix[i][i] for i in range(len(labels)))
    worst = max(wrong, key=lambda item: item[0], default=(0, ""))
    tail = f" Most often mistaken: {worst[1]}, {worst[0]} times." if worst[0] else ""
    return f"Confusion matrix of head {head}: {right} of {total} answers are right.{tail}"


Curve = Sequence[float | None]


def anytime(curves: Mapping[str, tuple[Curve, Curve]]) -> Markup:
    """Accuracy after each step, a line a head: the device's thin with dots over the reference's broad one.

    None stands for a step after which the device did not tell its answer.
    """
    axes = Axes(44, 14, WIDTH - 10, 206, 0.0, 1.0)
    parts = axes.rulers([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    steps = max((len(device) for device, _ in curves.values()), default=0)
    parts += _step_labels(axes, steps)
    said = []
    for i, (head, (device, reference)) in enumerate(curves.items()):
        parts += _curve(axes, head, device, reference, f"s{i % SHADES}")
        first, last = (words.percent(v) if v is not None else "not told" for v in (device[0], device[-1]))
        said.append(f"{head} {first} after the first, {last} after the last")
    return drawing(WIDTH, 246, f"Accuracy after each of {steps} steps: {'; '.join(said)}.", parts)


def _curve(axes: Axes, head: str, device: Curve, reference: Curve, shade: str) -> list[Markup]:
    def points(curve: Curve) -> list[tuple[float, float, int]]:
        known = [(step, value) for step, value in enumerate(curve) if value is not None]
        return [(axes.slot(s, len(curve))[0] + axes.slot(s, len(curve))[1] / 2, axes.y(v), s) for s, v in known]

    parts = [path([(x, y) for x, y, _ in points(reference)], f"reference {shade}")]
    parts.append(path([(x, y) for x, y, _ in points(device)], f"device {shade}"))
    for x, y, step in points(device):
        tip = f"{head} after step {step + 1}: {words.percent(device[step] or 0.0)} on the device"
        parts.append(
            tag("circle", tag("title", tip), cx=x, cy=y, r=3.0 if len(device) <= 40 else 1.5, cls=f"dot {shade}")
        )
    return parts


def _step_labels(axes: Axes, steps: int, title: str = "step") -> list[Markup]:
    """1, and then every step whose number there is room for."""
    every = next(n for n in (1, 2, 4, 5, 10, 20, 25, 50, 100, 1000, steps + 1) if steps / n <= 16)
    parts = []
    for step in range(1, steps + 1):
        if step == 1 or step % every == 0:
            x, width = axes.slot(step - 1, steps)
            parts.append(text(x + width / 2, axes.bottom + 16, str(step)))
    parts.append(text((axes.left + axes.right) / 2, axes.bottom + 34, title, "axis"))
    return parts


def histogram(counts: Sequence[int], edges: Sequence[float], unit: str, mean: float) -> Markup:
    """How many inferences took how long, with the mean."""
    marks = ticks(max(counts, default=0), 3)
    axes = Axes(44, 22, WIDTH - 14, 196, 0.0, marks[-1])
    parts = axes.rulers(marks, [words.compact(value) for value in marks])
    for i, value in enumerate(counts):
        x, width = axes.slot(i, len(counts))
        tip = f"{value} inferences of {words.between(edges[i], edges[i + 1], unit)}"
        parts.append(_column(axes, x, width, value, tip))
    span = (edges[-1] - edges[0]) or 1.0
    at = axes.left + (mean - edges[0]) / span * (axes.right - axes.left)
    anchor = "end" if at > WIDTH * 0.7 else "start"
    parts.append(line(at, axes.top - 8, at, axes.bottom, "mark"))
    parts.append(
        text(at + (5 if anchor == "start" else -5), axes.top - 3, f"mean {words.ticks_as(mean, unit)}", "note", anchor)
    )
    for i, anchor in ((0, "start"), (len(edges) // 2, "middle"), (-1, "end")):
        x = axes.left + (edges[i] - edges[0]) / span * (axes.right - axes.left)
        parts.append(text(x, axes.bottom + 16, words.ticks_as(edges[i], unit).removesuffix(f" {unit}"), anchor=anchor))
    label = f"Distribution of {sum(counts)} latencies from {words.between(edges[0], edges[-1], unit)}."
    parts.append(text((axes.left + axes.right) / 2, axes.bottom + 34, "time" if unit == "ns" else unit, "axis"))
    return drawing(WIDTH, 236, label, parts)


def _column(axes: Axes, x: float, width: float, value: float, tip: str) -> Markup:
    gap = min(1.5, 0.2 * width)
    return bar(x + gap / 2, axes.y(value), width - gap, axes.bottom - axes.y(value), cls="s0 fill", tip=tip)


def bars(title: str, values: Mapping[str, tuple[float, str]]) -> Markup:
    """A bar a row: name to value and its words."""
    high = max((value for value, _ in values.values()), default=0.0) or 1.0
    row, parts = 46.0, list[Markup]()
    for i, (name, (value, said)) in enumerate(values.items()):
        y = i * row
        parts.append(text(0, y + 14, name, "name", "start"))
        parts.append(text(WIDTH, y + 14, said, "value", "end"))
        parts.append(bar(0, y + 21, WIDTH, 9, cls="empty", tip=f"{name}: {said}"))
        parts.append(bar(0, y + 21, WIDTH * value / high, 9, cls="s0 fill", tip=f"{name}: {said}"))
    said_all = "; ".join(f"{name} {said}" for name, (_, said) in values.items())
    return drawing(WIDTH, max(row * len(values) - 12, 1.0), f"{title}: {said_all}.", parts)


def activity(layers: Mapping[str, Sequence[float]], sizes: Mapping[str, int]) -> Markup:
    """A strip a layer, a bar a step: mean number of neurons (or pooled windows) that fire, each on its own scale."""
    strip, top, parts, said = 74.0, 0.0, list[Markup](), list[str]()
    steps = max((len(values) for values in layers.values()), default=0)
    for name, values in layers.items():
        peak = max(values, default=0.0)
        axes = Axes(0, top + 22, WIDTH, top + strip - 6, 0.0, peak or 1.0)
        mean = sum(values) / max(len(values), 1)
        of = f" of {sizes[name]}" if name in sizes else ""
        share = f" ({words.percent(mean / sizes[name])})" if sizes.get(name) else ""
        parts.append(text(0, top + 14, name, "name", "start"))
        parts.append(text(WIDTH, top + 14, f"{words.count(mean)}{of} a step{share}", "value", "end"))
        for step, value in enumerate(values):
            x, width = axes.slot(step, steps)
            tip = f"{name}, step {step + 1}: {words.count(value)}{of} fire"
            parts.append(_column(axes, x, width, value, tip))
        parts.append(line(0, axes.bottom, WIDTH, axes.bottom, "base"))
        said.append(f"{name} {words.count(mean)}{of}, at most {words.count(peak)}")
        top += strip
    parts += _step_labels(Axes(0, 0, WIDTH, top - 6, 0, 1), steps)
    return drawing(WIDTH, top + 34, f"Neurons that fire in a step, by layer: {'; '.join(said)}.", parts)
