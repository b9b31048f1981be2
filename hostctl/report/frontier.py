"""Designs as points of area and time: one SVG that stands alone, readable on light pages and dark ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hostctl.report.svg import drawing, line, path, tag, text, ticks

WIDTH, HEIGHT = 720.0, 420.0
LEFT, TOP, RIGHT, BOTTOM = 78.0, 46.0, 696.0, 356.0
STYLE = """
text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #3c4148 }
.title { font-size: 15px; font-weight: 600; fill: #1c1e21 } .page { fill: #ffffff } .grid { stroke: #e1e2de }
.front { fill: none; stroke: #2a5caa; stroke-width: 2 } .best { fill: #2a5caa } .other { fill: #a9adb3 }
.chosen { fill: #b35c00 }
"""


@dataclass(frozen=True)
class Mark:
    """A design: the share of the chip that it takes (percent), its cycles, and how it is called.

    ``front``: no other design is better in both. ``chosen``: it is the one that is proposed.
    """

    area: float
    cycles: float
    name: str
    front: bool = False
    chosen: bool = False


def frontier(title: str, x_label: str, y_label: str, marks: Sequence[Mark]) -> str:
    """The plot: area by cycles, these on a logarithmic scale, with a line through the front.

    Raises ValueError without a mark, or for cycles that are not above 0.
    """
    if not marks or min(mark.cycles for mark in marks) <= 0:
        raise ValueError("a plot needs designs, and these take cycles")
    across = ticks(max(mark.area for mark in marks), 5)
    up = _powers(min(mark.cycles for mark in marks), max(mark.cycles for mark in marks))

    def x(area: float) -> float:
        return LEFT + (RIGHT - LEFT) * area / across[-1]

    def y(cycles: float) -> float:
        low, high = math.log(up[0]), math.log(up[-1])
        return BOTTOM - (BOTTOM - TOP) * (math.log(cycles) - low) / (high - low)

    parts = [tag("style", Markup(STYLE)), tag("rect", width=WIDTH, height=HEIGHT, cls="page", rx=8.0)]
    parts.append(text(LEFT, 24, title, "title", "start"))
    for value in up:
        parts += [line(LEFT, y(value), RIGHT, y(value)), text(LEFT - 8, y(value) + 4, f"{value:,}", anchor="end")]
    parts += [text(x(value), BOTTOM + 20, f"{value:g} %") for value in across]
    parts.append(text((LEFT + RIGHT) / 2, BOTTOM + 46, x_label, "axis"))
    turn = {"transform": f"translate(18 {(TOP + BOTTOM) / 2:.0f}) rotate(-90)"}
    parts.append(tag("text", y_label, **turn, cls="axis", text_anchor="middle"))
    best = sorted((mark for mark in marks if mark.front), key=lambda mark: mark.area)
    parts.append(path([(x(mark.area), y(mark.cycles)) for mark in best], "front"))
    for mark in sorted(marks, key=lambda mark: (mark.front, mark.chosen)):
        kind = "chosen" if mark.chosen else "best" if mark.front else "other"
        tip = tag("title", f"{mark.name}: {mark.cycles:,.1f} cycles, {mark.area:.1f} %")
        parts.append(tag("circle", tip, cx=x(mark.area), cy=y(mark.cycles), r=5.0 if mark.front else 3.5, cls=kind))
        if mark.front:  # Below and to the left of the front there is no design, so there is room.
            side, anchor = (9, "start") if x(mark.area) < LEFT + 70 else (-9, "end")
            parts.append(text(x(mark.area) + side, y(mark.cycles) + 16, mark.name, "name", anchor))
    said = "; ".join(f"{mark.name} {mark.cycles:,.1f} cycles at {mark.area:.1f} %" for mark in best)
    label = f"{title}. The Pareto front: {said}."
    return (
        str(drawing(WIDTH, HEIGHT, label, parts)).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1) + "\n"
    )


def _powers(low: float, high: float) -> list[int]:
    """1, 2 and 5 times powers of ten, from below ``low`` to above ``high``."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1
    values = [factor * 10**power for power in range(max(first, 0), last + 1) for factor in (1, 2, 5)]
    start = max((i for i, value in enumerate(values) if value <= low), default=0)
    stop = next(i for i, value in enumerate(values) if value >= high and i > start)
    return values[start : stop + 1]
