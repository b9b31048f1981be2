"""Power to energy: trapezoids between the edges of the marker pin, in one pass over samples that come in chunks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hostctl.meters.meter import Chunk, Values

LEVEL = 0.5
"""Where a marker's level counts as high."""
GAP = 1.6
"""A step of time so many periods long is a gap: samples are missing in it."""
QUIET_S = 0.1
"""The board's rest before the first inference gives its idle power if it is at least so long."""


@dataclass(frozen=True)
class Interval:
    """The marker was high from ``start`` to ``end`` (s, the meter's clock) and took ``joules`` meanwhile, idle
    included.

    ``samples``: how many lie between; ``sound``: none of them was lost.
    """

    start: float
    end: float
    joules: float
    samples: int
    sound: bool

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.end - self.start


class Integrator:
    """Takes chunks and keeps intervals.

    An edge lies where the marker's level crosses one half on the straight line between two samples: halfway between
    them where the meter only tells high from low. The power of the sample within goes on to
    the edge.
    """

    def __init__(self, period: float) -> None:
        self.intervals: list[Interval] = []
        self.samples = self.lost = 0
        self.first = self.last = float("nan")
        self.period = period
        self._tail: tuple[float, float, float] | None = None  # Time, power and level of the last sample.
        self._joules = 0.0  # Since the first sample.
        self._bad = 0  # Steps of time with lost samples so far.
        self._open: tuple[float, float, int, int] | None = None  # Rise: time, joules, sample, bad steps.
        self._low = {"before": [0.0, 0.0], "all": [0.0, 0.0]}  # Joules and seconds with the marker low.
        self._high_before = False

    def feed(self, chunk: Chunk) -> None:
        """Go on with the next samples. Raises ValueError when times do not rise."""
        if not len(chunk.times):
            return
        times, watts, level = self._joined(chunk)
        steps = np.diff(times)
        if (steps <= 0).any():
            raise ValueError("the meter's times do not rise")
        bad = np.isnan(watts[1:]) | np.isnan(watts[:-1]) | (steps > GAP * self.period)
        area = np.where(bad, 0.0, (watts[1:] + watts[:-1]) / 2 * steps)
        missing = np.rint(steps[steps > GAP * self.period] / self.period) - 1
        self.lost += int(np.isnan(chunk.watts).sum()) + int(missing.sum())
        high = level > LEVEL
        edges = np.flatnonzero(high[1:] != high[:-1])
        self._rest(area, steps, bad, high)
        total = self._joules + np.concatenate([[0.0], np.cumsum(area)])
        broken = self._bad + np.concatenate([[0], np.cumsum(bad)])
        behind = self.samples - int(self._tail is not None)  # The number of the first sample here.
        for k in edges:
            self._edge(int(k), behind, (times, watts, level, total), broken, bool(high[k + 1]))
        self._joules, self._bad = float(total[-1]), int(broken[-1])
        self.samples += len(chunk.times)
        self._tail = (float(times[-1]), float(watts[-1]), float(level[-1]))
        if np.isnan(self.first):
            self.first = float(times[0])
            self._high_before = bool(high[0])
        self.last = float(times[-1])

    def _joined(self, chunk: Chunk) -> tuple[Values, Values, Values]:
        if self._tail is None:
            return chunk.times, chunk.watts, chunk.marker
        parts = zip(self._tail, (chunk.times, chunk.watts, chunk.marker), strict=True)
        times, watts, level = (np.concatenate([[last], values]) for last, values in parts)
        return times, watts, level

    def _rest(self, area: Values, steps: Values, bad: NDArray[np.bool_], high: NDArray[np.bool_]) -> None:
        """Add up power while the marker is low, but for the steps next to an edge."""
        touched = high[1:] | high[:-1]
        near = touched.copy()
        near[1:] |= touched[:-1]
        near[:-1] |= touched[1:]
        low = ~near & ~bad
        first = int(np.argmax(high)) if high.any() else len(high)
        before = low & (np.arange(len(low)) < first) if not self.intervals and self._open is None else low & False
        for name, which in (("before", before), ("all", low)):
            self._low[name][0] += float(area[which].sum())
            self._low[name][1] += float(steps[which].sum())

    def _edge(
        self, k: int, behind: int, rows: tuple[Values, Values, Values, Values], broken: NDArray[np.int64], rises: bool
    ) -> None:
        times, watts, level, total = rows
        share = (LEVEL - level[k]) / (level[k + 1] - level[k])
        at = float(times[k] + share * (times[k + 1] - times[k]))
        inner = (
            k + 1 if rises else k
        )  # The board's power changes with its marker: what lies within goes on to the edge.
        power = 0.0 if np.isnan(watts[inner]) else watts[inner]
        joules = float(total[inner] + power * (at - times[inner]))
        number = behind + k
        if rises:
            self._open = (at, joules, number, int(broken[k]))
        elif self._open is not None:
            start, before, first, was = self._open
            sound = int(broken[k + 1]) == was
            self.intervals.append(Interval(start, at, joules - before, number - first, sound))
            self._open = None

    @property
    def unfinished(self) -> int:
        """Edges without a partner: the marker was high when sampling began, or still is."""
        return int(self._high_before) + int(self._open is not None)

    @property
    def idle_watts(self) -> float | None:
        """Mean power at rest: before the first inference, else between inferences; None when there was no rest."""
        for name, least in (("before", QUIET_S), ("all", 0.0)):
            joules, seconds = self._low[name]
            if seconds > least:
                return joules / seconds
        return None
