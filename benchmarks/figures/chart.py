"""Line charts that stand alone: one SVG with its colours in it, readable on light pages and dark ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup

from hostctl.report.svg import Axes, line, tag, text
from hostctl.report.svg import number as written

WIDTH, HEIGHT = 720.0, 400.0
LEFT, TOP, BOTTOM = 64.0, 40.0, 340.0
SHADES = ("#2a5caa", "#b35c00", "#6b4fa0", "#00797a", "#b3261e", "#5b616a")
STYLE = """
text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #3c4148 }
.title { font-size: 15px; font-weight: 600; fill: #1c1e21 } .page { fill: #ffffff } .grid { stroke: #e1e2de }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round }
.dashed { stroke-dasharray: 7 4 } .dotted { stroke-dasharray: 2 3 }
"""
Point = tuple[float, float]


@dataclass(frozen=True)
class Chart:
    """What a chart shows: lines by name, each of points (x, y), some ``dashed`` or ``dotted``.

    ``shades``: numbers of the lines' colours, where these do not simply follow each other.
    ``low`` and ``high`` bound the values shown, by default around those of the lines; lines leave the chart below
    ``low``. ``x_ticks``: where the x axis has words, and which (default: the numbers of the points themselves).
    """

    title: str
    x_label: str
    y_label: str
    lines: Mapping[str, Sequence[Point]]
    x_scale: Literal["linear", "log"] = "linear"
    dashed: frozenset[str] = frozenset()
    dotted: frozenset[str] = frozenset()
    shades: Mapping[str, int] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    x_ticks: Mapping[float, str] = field(default_factory=dict)

    def svg(self) -> str:
        """The whole file."""
        axes = self._axes()
        inside = tag("rect", x=LEFT, y=TOP - 6, width=self._right - LEFT + 6, height=BOTTOM - TOP + 6)
        page = tag("rect", width=WIDTH, height=HEIGHT, cls="page", rx=8.0)
        parts = [tag("style", Markup(STYLE)), tag("clipPath", inside, id="inside"), page]
        parts.append(text(LEFT, 22, self.title, "title", "start"))
        values = steps(axes.low, axes.high)
        parts += axes.rulers(values, [f"{value:g}" for value in values])
        parts += [text(self._x(x), BOTTOM + 20, words) for x, words in self._ticks().items()]
        parts.append(line(LEFT, BOTTOM, self._right, BOTTOM))
        parts.append(text((LEFT + self._right) / 2, BOTTOM + 44, self.x_label, "axis"))
        turn = {"transform": f"translate(18 {(TOP + BOTTOM) / 2:.0f}) rotate(-90)"}
        parts.append(tag("text", self.y_label, **turn, cls="axis", text_anchor="middle"))
        for i, (name, points) in enumerate(self.lines.items()):
            parts += self._line(axes, name, points, i)
        size = {"viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}", "xmlns": "http://www.w3.org/2000/svg"}
        return str(tag("svg", *parts, **size, role="img", aria_label=self._words())) + "\n"

    @property
    def _right(self) -> float:
        """Where names of lines begin: behind the plot."""
        return WIDTH - 48 - 7.0 * max(map(len, self.lines))

    def _xs(self) -> list[float]:
        return sorted({x for points in self.lines.values() for x, _ in points})

    def _scaled(self, x: float) -> float:
        return math.log2(x) if self.x_scale == "log" else x

    def _x(self, x: float) -> float:
        first, last = self._scaled(self._xs()[0]), self._scaled(self._xs()[-1])
        return LEFT + 14 + (self._scaled(x) - first) / ((last - first) or 1.0) * (self._right - LEFT - 28)

    def _ticks(self) -> Mapping[float, str]:
        return self.x_ticks or {x: f"{x:g}" for x in self._xs()}

    def _axes(self) -> Axes:
        ys = [y for points in self.lines.values() for _, y in points]
        low, high = (min(ys) if self.low is None else self.low), (max(ys) if self.high is None else self.high)
        marks = steps(low, high, around=True)
        return Axes(LEFT, TOP, self._right, BOTTOM, marks[0], marks[-1])

    def _line(self, axes: Axes, name: str, points: Sequence[Point], number: int) -> list[Markup]:
        shade = SHADES[self.shades.get(name, number) % len(SHADES)]
        kind = "dashed" if name in self.dashed else "dotted" if name in self.dotted else "full"
        places = [(self._x(x), axes.y(y)) for x, y in sorted(points)]
        spelled = " ".join(f"{written(x)},{written(y)}" for x, y in places)
        inner = [tag("polyline", points=spelled, stroke=shade, cls=kind)]
        for (x, y), (at, up) in zip(sorted(points), places, strict=True):
            tip = tag("title", f"{name}: {y:.4g} at {x:g}")
            inner.append(tag("circle", tip, cx=at, cy=up, r=3.2, fill=shade))
        key = TOP + 8 + 22 * number
        ends = f"{written(self._right + 10)},{written(key - 4)} {written(self._right + 34)},{written(key - 4)}"
        mark = tag("polyline", points=ends, stroke=shade, cls=kind)
        return [tag("g", *inner, clip_path="url(#inside)"), mark, text(self._right + 40, key, name, "name", "start")]

    def _words(self) -> str:
        ends = [f"{name} {p[0][1]:.4g} to {p[-1][1]:.4g}" for name, p in self.lines.items() if p]
        return f"{self.title}. {self.y_label} by {self.x_label}: {'; '.join(ends)}."


def steps(low: float, high: float, *, around: bool = False) -> list[float]:
    """Four to eight round values from ``low`` to ``high``; with ``around``, the first and last lie outside of them."""
    span = (high - low) or 1.0
    unit = 10.0 ** math.floor(math.log10(span / 4))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if span / (factor * unit) <= 7)
    first, last = low / step, high / step
    start, stop = (math.floor(first), math.ceil(last)) if around else (math.ceil(first - 1e-9), math.floor(last + 1e-9))
    return [round(i * step, 10) for i in range(start, max(stop, start + 1) + 1)]
