"""The few marks that plots are made of. Colours are classes: the page decides them for light, dark and print."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape


def number(value: float) -> str:
    """A coordinate with two decimals at most: equal input gives equal bytes."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def tag(name: str, *inner: str | Markup, **attributes: str | float) -> Markup:
    """One element; text is escaped. ``cls`` stands for ``class``, and ``_`` in names for ``-``."""
    spelled = []
    for key, value in attributes.items():
        name_ = "class" if key == "cls" else key.replace("_", "-")
        spelled.append(f' {name_}="{escape(value) if isinstance(value, str) else number(value)}"')
    content = Markup("").join(escape(part) for part in inner)
    return Markup(f"<{name}{''.join(spelled)}>{content}</{name}>")


def drawing(width: float, height: float, label: str, parts: Sequence[Markup]) -> Markup:
    """The whole picture; ``label`` says in words what it shows."""
    size = {"viewBox": f"0 0 {number(width)} {number(height)}"}
    return tag("svg", *parts, **size, role="img", aria_label=label, cls="plot")


def text(x: float, y: float, words: str, cls: str = "tick", anchor: str = "middle") -> Markup:
    """Words at a place."""
    return tag("text", words, x=x, y=y, cls=cls, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, cls: str = "grid") -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, cls=cls)


def bar(x: float, y: float, width: float, height: float, *, cls: str, tip: str, opacity: float = 1.0) -> Markup:
    """A filled rectangle that tells its value when pointed at."""
    fade = {} if opacity == 1.0 else {"fill_opacity": opacity}
    return tag("rect", tag("title", tip), x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), cls=cls, **fade)


def path(points: Sequence[tuple[float, float]], cls: str) -> Markup:
    """A line through points."""
    return tag("polyline", points=" ".join(f"{number(x)},{number(y)}" for x, y in points), cls=cls)


@dataclass(frozen=True)
class Axes:
    """A plot area inside a drawing and the values at its edges."""

    left: float
    top: float
    right: float
    bottom: float
    low: float
    high: float

    def y(self, value: float) -> float:
        """Height of a value."""
        span = (self.high - self.low) or 1.0
        return self.bottom - (value - self.low) / span * (self.bottom - self.top)

    def slot(self, index: int, count: int) -> tuple[float, float]:
        """Left edge and width of column ``index`` of ``count``."""
        width = (self.right - self.left) / max(count, 1)
        return self.left + index * width, width

    def rulers(self, values: Sequence[float], spell: Sequence[str]) -> list[Markup]:
        """Horizontal lines with their values."""
        parts = []
        for value, words in zip(values, spell, strict=True):
            parts.append(line(self.left, self.y(value), self.right, self.y(value)))
            parts.append(text(self.left - 6, self.y(value) + 4, words, anchor="end"))
        return parts


def ticks(high: float, count: int = 4) -> list[float]:
    """Round whole values from 0 up to at least ``high``."""
    if not high > 0:
        return [0.0, 1.0]
    raw = max(high / count, 1.0)
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= raw * (1 - 1e-9))
    return [i * step for i in range(math.ceil(high / step - 1e-9) + 1)]
