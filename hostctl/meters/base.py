"""What a meter is, and what it hands over: power over time, the marker's edges, and all that went wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MIN_DRIFT_SPAN_S = 1.0
DRIFT_SLACK_S = 0.1
"""A host hears of samples late, by some hundredths of a second: shorter recordings say nothing about clocks."""
MAX_DRIFT = 0.01


@dataclass(frozen=True)
class Fault:
    """Something that a meter, or what it recorded, has wrong. ``fatal``: no energy may be told from it.

    ``kind``: ``overflow``, ``dropped``, ``edge``, ``drift``, ``slow`` or ``garbled``.
    """

    kind: str
    text: str
    fatal: bool = False


@dataclass(frozen=True, eq=False)
class Recording:
    """What a meter saw between start and stop.

    ``times``: (n,) seconds on the meter's clock, ascending; ``watts``: (n,) power at these times. ``edge_times``: (m,)
    seconds, ascending, at which the marker pin changed, and ``edge_levels``: (m,) whether it went high. ``reach``: a
    sample that is less than so many seconds from an edge may be a mean of the power on both sides; 0 where samples are
    the power of a moment.
    """

    instrument: str
    times: Floats
    watts: Floats
    edge_times: Floats
    edge_levels: Bools
    faults: tuple[Fault, ...] = ()
    reach: float = 0.0


class Meter(ABC):
    """An instrument that measures a board's power while it works; ``instrument`` names it in reports."""

    instrument: str

    @abstractmethod
    def start(self) -> None:
        """Begin to record. Raises SpikecError when the instrument refuses or is silent."""

    @abstractmethod
    def stop(self) -> Recording:
        """End the recording and hand it over. Raises SpikecError when nothing was recorded."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the instrument; allowed at any time, and twice."""


def edges_of(times: Floats, levels: Bools) -> tuple[Floats, Bools]:
    """Edges of a marker that is sampled with the power: each lies halfway between the samples around it."""
    at = np.flatnonzero(levels[1:] != levels[:-1])
    return (times[at] + times[at + 1]) / 2, levels[at + 1]


def clock_fault(meter_s: float, host_s: float) -> Fault | None:
    """A fault when the meter's clock and the host's say too different things about the length of a recording."""
    if host_s < MIN_DRIFT_SPAN_S or abs(meter_s - host_s) <= DRIFT_SLACK_S + MAX_DRIFT * host_s:
        return None
    text = f"the meter's samples span {meter_s:.3f} s, but {host_s:.3f} s went by on the host's clock"
    return Fault("drift", f"{text}: its clock drifts, or samples were lost")
