"""From a recording to joules an inference: power integrated between the marker's edges, and nowhere else."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from codegen.ir import Problem, SpikecError, fail
from hostctl.meters.base import Bools, Fault, Floats, Recording

KEEP, SUBTRACT = "keep", "subtract"
"""What is done with the power that the board takes while it does not compute."""

SLOW = 10
"""With fewer samples in a pulse of the marker there is a warning; below ``TOO_SLOW`` nothing is told."""
TOO_SLOW = 2
GAP = 1.5
"""So many sample intervals without a sample are a gap."""
WARN_MARKER, MAX_MARKER = 0.005, 0.05
"""How far the marker's time may be from the device's counter: for a warning, and for the refusal of a result."""
GUARD = 2
"""Sample intervals next to the marker's edges that do not count as idle."""

_T_975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)


@dataclass(frozen=True)
class EnergyResult:
    """Energy of an inference, measured. Energies in joules, powers in watts, times in seconds.

    ``joules``: mean over ``inferences``; ``std``: their standard deviation (n - 1); ``ci95``: the 95 % confidence
    interval of the mean (Student's t); both None for one inference. ``idle_watts``: mean power while the marker is low,
    None when that was never seen; ``idle``: 'keep' or 'subtract', what was done with it. ``watts``: mean power while it
    is high, before that; ``seconds``: mean time that it is high in an inference. ``sampling_hz``: median rate.
    ``warnings``: every fault that is not fatal, in words.
    """

    instrument: str
    inferences: int
    joules: float
    std: float | None
    ci95: tuple[float, float] | None
    watts: float
    seconds: float
    idle_watts: float | None
    idle: str
    sampling_hz: float
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"ci95": None if self.ci95 is None else list(self.ci95), "warnings": list(self.warnings)}


def measure(recording: Recording, seconds: Floats | None = None, *, idle: str = KEEP) -> EnergyResult:
    """Energy of the inferences in a recording.

    ``seconds``: (inferences,) the time that the device's own counter says for each, in order; an inference may then be
    several pulses of the marker. Without it each pulse is an inference. ``idle``: 'subtract' takes the idle power off.

    Raises SpikecError with every fault that forbids a result.
    """
    interval = _interval(recording)
    starts, ends, faults = pulses(recording)
    faults = [*recording.faults, *faults, *_gaps(recording, interval), *_speed(starts, ends, interval)]
    owner, count, more = _owners(ends - starts, seconds)
    faults += more
    _refuse(recording, faults)
    touched = _touches_gap(recording, interval, starts, ends)
    spent = pulse_joules(recording, starts, ends)
    watts = float(spent.sum() / (ends - starts).sum())
    idle_watts = _idle(recording, interval, starts, ends)
    if idle == SUBTRACT:
        if idle_watts is None:
            raise fail(
                recording.instrument, "the marker was never low, so the idle power is not known", "Give --idle keep"
            )
        spent = spent - idle_watts * (ends - starts)
    whole = np.bincount(owner[touched], minlength=count) == 0
    if not whole.any():
        raise fail(recording.instrument, "samples are missing in every inference", "Use a lower sampling rate")
    if not whole.all():
        text = f"{count - int(whole.sum())} of {count} inferences are left out, because samples are missing in them"
        faults.append(Fault("dropped", text))
    joules = np.bincount(owner, spent, minlength=count)[whole]
    time = np.bincount(owner, ends - starts, minlength=count)[whole]
    std, ci95 = _spread(joules)
    return EnergyResult(
        instrument=recording.instrument,
        inferences=len(joules),
        joules=float(joules.mean()),
        std=std,
        ci95=ci95,
        watts=watts,
        seconds=float(time.mean()),
        idle_watts=idle_watts,
        idle=idle,
        sampling_hz=1 / interval,
        warnings=tuple(fault.text for fault in faults),
    )


def pulses(recording: Recording) -> tuple[Floats, Floats, list[Fault]]:
    """Starts and ends (each (pulses,) seconds) of the times in which the marker is high, and faults of its edges.

    A pulse that was under way at the start or the end of the recording is none. Two edges in the same direction mean
    that the one between them was missed: a rise without its fall, and a fall without its rise, are no pulse either.
    """
    times, levels = recording.edge_times, recording.edge_levels
    chosen = levels[:-1] & ~levels[1:]
    chosen &= (times[:-1] >= recording.times[0]) & (times[1:] <= recording.times[-1])
    twice = int((levels[1:] == levels[:-1]).sum())
    faults = []
    if twice:
        faults.append(Fault("edge", f"{twice} edges of the marker are missing: it went the same way twice in a row"))
    if len(times) and (not levels[0] or levels[-1]):
        faults.append(Fault("edge", "the marker was high when the recording began or ended: that pulse is left out"))
    return times[:-1][chosen], times[1:][chosen], faults


def integral(times: Floats, watts: Floats, at: Floats) -> Floats:
    """Energy in joules from the first sample up to each time ``at``: trapezoids, with the power interpolated there."""
    steps = np.diff(times)
    sums = np.concatenate([[0.0], np.cumsum(steps * (watts[1:] + watts[:-1]) / 2)])
    left = np.clip(np.searchsorted(times, at, side="right") - 1, 0, len(times) - 2)
    past = at - times[left]
    power = watts[left] + (watts[left + 1] - watts[left]) * past / steps[left]
    found: Floats = sums[left] + past * (watts[left] + power) / 2
    return found


def pulse_joules(recording: Recording, starts: Floats, ends: Floats) -> Floats:
    """Energy in joules between each start and end of a pulse.

    The board's power steps with its marker, so a line from a sample outside to one inside would go astray: the
    outermost samples of the pulse that do not reach over its edges hold up to these. Where there is no such sample it
    is interpolated.
    """
    times, watts = recording.times, recording.watts
    first = np.searchsorted(times, starts + recording.reach)
    last = np.searchsorted(times, ends - recording.reach) - 1
    across = integral(times, watts, ends) - integral(times, watts, starts)
    within = first <= last
    first, last = first[within], last[within]
    inner = integral(times, watts, times[last]) - integral(times, watts, times[first])
    rims = watts[first] * (times[first] - starts[within]) + watts[last] * (ends[within] - times[last])
    across[within] = inner + rims
    return across


def t_975(freedom: int) -> float:
    """The 97.5 % quantile of Student's t: a table, then its expansion (Abramowitz and Stegun 26.7.5)."""
    if freedom <= len(_T_975):
        return _T_975[freedom - 1]
    z = 1.959964
    g1, g2 = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + g1 / freedom + g2 / freedom**2 + g3 / freedom**3


def _interval(recording: Recording) -> float:
    if len(recording.times) < 2:
        raise fail(recording.instrument, "recorded fewer than two samples", "Check its wires, and that it was started")
    if not np.isfinite(recording.watts).all() or not np.isfinite(recording.times).all():
        raise fail(recording.instrument, "has samples that are no numbers", "Look for what is damaged in the recording")
    if (np.diff(recording.times) <= 0).any() or (np.diff(recording.edge_times) < 0).any():
        raise fail(recording.instrument, "has times that run backwards", "Sort the recording by its time")
    return float(np.median(np.diff(recording.times)))


def _gaps(recording: Recording, interval: float) -> list[Fault]:
    steps = np.diff(recording.times)
    lost = int(np.rint(steps[steps > GAP * interval] / interval - 1).sum())
    return [Fault("dropped", f"{lost:,} samples are missing between others")] if lost else []


def _touches_gap(recording: Recording, interval: float, starts: Floats, ends: Floats) -> Bools:
    """Which pulses have a gap in them."""
    bad = np.concatenate([[0], np.cumsum(np.diff(recording.times) > GAP * interval)])
    first = np.searchsorted(recording.times, starts, side="right") - 1
    last = np.minimum(np.searchsorted(recording.times, ends, side="left"), len(bad) - 1)
    touched: Bools = bad[last] > bad[np.maximum(first, 0)]
    return touched


def _speed(starts: Floats, ends: Floats, interval: float) -> list[Fault]:
    if not len(starts):
        return []
    lengths = np.sort(ends - starts)
    half = np.searchsorted(np.cumsum(lengths), lengths.sum() / 2)
    inside = float(lengths[min(half, len(lengths) - 1)]) / interval  # Short pulses are many, but little time.
    if inside >= SLOW:
        return []
    text = f"sampling is slow for this: half of the time is in pulses of {inside:.1f} samples or fewer"
    return [Fault("slow", f"{text}; {SLOW} or more are needed to trust its energy", fatal=inside < TOO_SLOW)]


def _owners(lengths: Floats, seconds: Floats | None) -> tuple[Any, int, list[Fault]]:
    """Which inference each pulse belongs to, how many there are, and whether the marker agrees with the counter."""
    if not len(lengths):
        return np.zeros(0, int), 0, [Fault("edge", "the marker never went high and low again", fatal=True)]
    if seconds is None:
        return np.arange(len(lengths)), len(lengths), []
    ratio = float(lengths.sum() / seconds.sum())
    faults = []
    if abs(ratio - 1) > WARN_MARKER:
        text = f"the marker was high for {lengths.sum():.6g} s, the device counted {seconds.sum():.6g} s"
        why = "edges are missing, samples were sent twice, or a clock drifts"
        faults.append(Fault("drift", f"{text} ({100 * (ratio - 1):+.2f} %): {why}", fatal=abs(ratio - 1) > MAX_MARKER))
    if len(lengths) == len(seconds):
        return np.arange(len(lengths)), len(seconds), faults
    middle = np.cumsum(lengths) - lengths / 2
    owner = np.minimum(np.searchsorted(np.cumsum(seconds) * ratio, middle), len(seconds) - 1)
    missing = len(seconds) - len(np.unique(owner))
    if missing:
        text = f"{missing} of {len(seconds)} inferences have no pulse of the marker"
        faults.append(Fault("edge", text, fatal=True))
    return owner, len(seconds), faults


def _refuse(recording: Recording, faults: list[Fault]) -> None:
    hint = "Check the marker's wire, and that the meter samples fast enough (docs/energy.md)"
    problems = [Problem(recording.instrument, fault.text, hint) for fault in faults if fault.fatal]
    if problems:
        raise SpikecError(problems)


def _idle(recording: Recording, interval: float, starts: Floats, ends: Floats) -> float | None:
    """Mean power between pulses, away from their edges."""
    begins, stops = ends[:-1] + GUARD * interval, starts[1:] - GUARD * interval
    long = stops - begins > interval
    long &= ~_touches_gap(recording, interval, begins, stops)
    if not long.any():
        return None
    begins, stops = begins[long], stops[long]
    spent = integral(recording.times, recording.watts, stops) - integral(recording.times, recording.watts, begins)
    return float(spent.sum() / (stops - begins).sum())


def _spread(joules: Floats) -> tuple[float | None, tuple[float, float] | None]:
    if len(joules) < 2:
        return None, None
    mean, std = float(joules.mean()), float(joules.std(ddof=1))
    half = t_975(len(joules) - 1) * std / len(joules) ** 0.5
    return std, (mean - half, mean + half)
