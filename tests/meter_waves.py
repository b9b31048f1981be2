"""Known waveforms of power, with a marker: what a simulated instrument is given, and the energy that it must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hostctl.meters import Recording
from hostctl.meters.base import edges_of

IDLE_W, RIPPLE = 0.0066, 0.25
PARTS = 50


@dataclass(frozen=True)
class Wave:
    """Pulses of computing on top of an idle power, with a ripple of 40 periods on each: its integral is known."""

    count: int = 20
    high_s: float = 0.03
    low_s: float = 0.02
    idle_w: float = IDLE_W
    active_w: float = 0.066

    @property
    def length_s(self) -> float:
        return self.low_s + self.count * (self.high_s + self.low_s)

    def power(self, i: int) -> float:
        """Mean power of the pulse: they differ, as inferences do."""
        return self.active_w * (1 + 0.1 * np.sin(i))

    @property
    def joules(self) -> np.ndarray:
        return np.array([self.power(i) * self.high_s for i in range(self.count)])

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Watts and marker at each time."""
        phase = times - self.low_s
        index = np.floor(phase / (self.high_s + self.low_s)).astype(int)
        inside = phase - index * (self.high_s + self.low_s)
        high = (phase >= 0) & (inside < self.high_s) & (index < self.count)
        level = self.active_w * (1 + 0.1 * np.sin(index))
        active = level * (1 + RIPPLE * np.sin(2 * np.pi * 40 * inside / self.high_s))
        return np.where(high, active, self.idle_w), high

    def recording(self, hz: float = 100_000.0, change: Callable[[np.ndarray], np.ndarray] | None = None) -> Recording:
        times = np.arange(round(self.length_s * hz)) / hz + 0.37 / hz
        watts, high = self.at(times)
        keep = np.ones(len(times), bool) if change is None else change(times)
        return Recording("test meter", times[keep], watts[keep], *edges_of(times, high))


def stepped(samples: float, *, count: int = 2000, mean: bool = False, exact: bool = False) -> tuple[Recording, float]:
    """Pulses of so many ``samples`` (1 s apart) at chance phases; the power steps with the marker, from 0.1 W to 1 W
    with a ripple of three periods. And the energy of each pulse.

    ``mean``: a sample is the mean power of the second around it. ``exact``: edges are known exactly, not sampled.
    """
    random = np.random.default_rng(1)
    starts = np.cumsum(samples * 1.5 + random.uniform(3, 4, count)) - samples
    ends = starts + samples

    def at(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        index = np.searchsorted(starts, times, side="right") - 1
        high = (index >= 0) & (times < ends[index])
        active = 1 + RIPPLE * np.sin(2 * np.pi * 3 * (times - starts[index]) / samples)
        return np.where(high, active, 0.1), high

    times = np.arange(0, ends[-1] + 5, 1.0)
    watts, high = at(times)
    if mean:
        parts = (np.arange(len(times) * PARTS) + 0.5) / PARTS - 0.5
        watts = at(parts)[0].reshape(-1, PARTS).mean(axis=1)
    true = np.stack([starts, ends], 1).ravel(), np.arange(2 * count) % 2 == 0
    edges = true if exact else edges_of(times, high)
    return Recording("stepped", times, watts, *edges, reach=(0.5 if exact else 1.0) if mean else 0.0), samples
