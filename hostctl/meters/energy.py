"""What intervals of a meter are for a run: energy by inference, with the doubts that belong to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np

from codegen.ir import fail
from hostctl.meters.integrate import Integrator, Interval
from hostctl.meters.meter import Chunk, Fault
from hostctl.results.energy import FILE, EnergyRecord, write_energy
from hostctl.results.records import RunFile, SampleRecord, read_run

Idle = Literal["subtract", "keep"]

FEW = 20
"""Fewer samples in an inference than this, and where its edges fall decides the figure."""
DRIFT = 0.002
"""Clocks that differ by more are told."""
APART = 0.02
"""The marker and the board's counter must tell the same time, but for so much."""


def assess(
    name: str,
    integrator: Integrator,
    faults: Sequence[Fault],
    run: RunFile,
    *,
    idle: Idle = "subtract",
    session: int | None = None,
    wall_s: float | None = None,
) -> EnergyRecord:
    """Share a capture's intervals out over the inferences of a stretch of the run (all of it when ``session`` is None).

    ``wall_s``: how long sampling took by the host's clock.
    """
    period = integrator.period
    samples = sorted(
        (s for s in run.samples if session is None or s.session == session), key=lambda s: (s.session, s.at_s)
    )
    warnings = _clock(integrator, wall_s) + _edges(integrator)
    groups, problem = group(integrator.intervals, samples, _seconds_per_tick(run))
    warnings += [problem] if problem else []
    watts = integrator.idle_watts
    if idle == "subtract" and watts is None:
        warnings.append("there was no rest to read the idle power from: it is not subtracted")
    off = watts if idle == "subtract" and watts is not None else 0.0
    sound = {index: parts for index, parts in groups.items() if all(part.sound for part in parts)}
    if len(sound) < len(groups):
        warnings.append(f"{len(groups) - len(sound)} of {len(groups)} inferences have lost samples and are left out")
    few = float(np.median([part.samples for part in integrator.intervals])) if integrator.intervals else FEW
    if few < FEW:
        warnings.append(
            f"sampling is too slow: {few:.0f} samples between two edges (median), every {period:.3g} s; "
            f"below {FEW} the edges' places decide the figure"
        )
    return EnergyRecord(
        meter=name,
        rate_hz=1 / period,
        idle=idle,
        idle_watts=watts,
        joules={i: sum(p.joules - off * p.seconds for p in parts) for i, parts in sound.items()},
        seconds={i: sum(p.seconds for p in parts) for i, parts in sound.items()},
        excluded=len(groups) - len(sound),
        samples=integrator.samples,
        lost=integrator.lost,
        faults=[asdict(fault) for fault in faults],
        warnings=warnings,
        session=session or 0,
    )


def _seconds_per_tick(run: RunFile) -> float | None:
    """Of the board's counter; None where it counts no time, as in an emulator."""
    emulated = run.header.board["emulated"] and run.header.board["counter"]["unit"] == "instructions"
    return None if emulated else 1.0 / float(run.header.greeting["counter_hz"])


def group(
    intervals: Sequence[Interval], samples: Sequence[SampleRecord], seconds_per_tick: float | None
) -> tuple[dict[int, list[Interval]], str]:
    """Which intervals belong to which sample (by index), and what is wrong with that ('' when nothing is).

    A device in hardware makes one interval an inference. Firmware lowers the marker while it waits for the line, so an
    inference has several: as many as together last as long as the board's counter says.
    """
    if not samples or not intervals:
        return {}, f"{len(intervals)} intervals of the marker for {len(samples)} inferences"
    if len(intervals) == len(samples):
        return {s.index: [part] for s, part in zip(samples, intervals, strict=True)}, _apart(
            intervals, samples, seconds_per_tick
        )
    if seconds_per_tick is None or len(intervals) < len(samples):
        return {}, f"missing edges: {len(intervals)} intervals of the marker for {len(samples)} inferences"
    problem = _apart(intervals, samples, seconds_per_tick)
    if problem:
        return {}, f"{problem}, so intervals cannot be told apart"
    ends = np.cumsum([part.seconds for part in intervals])
    due = np.cumsum([s.ticks for s in samples]).astype(float)
    due *= ends[-1] / due[-1]
    middles = ends - np.array([part.seconds for part in intervals]) / 2
    owner = np.minimum(np.searchsorted(due, middles), len(samples) - 1)
    groups: dict[int, list[Interval]] = {}
    for number, part in zip(owner, intervals, strict=True):
        groups.setdefault(samples[int(number)].index, []).append(part)
    return groups, ""


def _apart(intervals: Sequence[Interval], samples: Sequence[SampleRecord], seconds_per_tick: float | None) -> str:
    if seconds_per_tick is None:
        return ""
    marked, counted = sum(i.seconds for i in intervals), seconds_per_tick * sum(s.ticks for s in samples)
    if counted and abs(marked / counted - 1) > APART:
        return (
            f"the marker was high for {marked:.6g} s, and the board's counter says {counted:.6g} s "
            f"({marked / counted - 1:+.1%}): a clock drifts, edges are missing, or an inference has no result"
        )
    return ""


def _clock(integrator: Integrator, wall_s: float | None) -> list[str]:
    told = integrator.last - integrator.first
    if not wall_s or not told > 1.0 or abs(told / wall_s - 1) <= DRIFT + 0.2 / wall_s:
        return []  # The host learns when data begin and end to a tenth of a second or so.
    return [f"clock drift or lost samples: {told:.6g} s by the meter's clock, {wall_s:.6g} s by the host's"]


def _edges(integrator: Integrator) -> list[str]:
    return [f"{integrator.unfinished} edges have no partner"] if integrator.unfinished else []


def measure_csv(folder: Path, name: str, chunk: Chunk, *, idle: Idle = "subtract") -> EnergyRecord:
    """Assess a recording that covers the whole run, and keep it in the run's folder (instead of earlier captures)."""
    steps = np.diff(chunk.times)
    if len(steps) == 0 or (steps <= 0).any():
        raise fail(name, "has no samples whose times rise", "Its first column of time must rise from row to row")
    integrator = Integrator(float(np.median(steps)))
    integrator.feed(chunk)
    record = assess(name, integrator, [], read_run(folder), idle=idle)
    (folder / FILE).unlink(missing_ok=True)
    write_energy(folder, record)
    return record
