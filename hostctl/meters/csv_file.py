"""Recordings of any instrument, from a CSV file: a column of time, power (or current), and the marker."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from codegen.ir import Problem, SpikecError, fail
from hostctl.meters.base import Bools, Floats, Recording, edges_of

_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PREFIX = {"": 1.0, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "n": 1e-9}
HIGH = 0.5
"""A marker that is given as a voltage is high above half of its largest value."""
MAX_PROBLEMS = 5


def read_csv(
    path: Path | str, marker: str, *, time: str = "", power: str = "", volts: float | None = None
) -> Recording:
    """Read a recording from a CSV file with one line of headings, separated by commas, semicolons or tabs.

    ``marker``: the marker's column (0 and 1, or volts). ``time``, ``power``: their columns; by default the ones whose
    unit in brackets says so, as in 'Time (ms)', 'Power (mW)' or 'Current (uA)'. A current needs ``volts``, or a column
    of volts. Raises SpikecError: no such file or column, a value that is no number (with its line).
    """
    path = Path(path)
    names, rows = _table(path)
    if marker not in names:
        raise fail(f"{path}: --marker", f"there is no column '{marker}'", f"Its columns: {', '.join(names)}")
    time_name, seconds = _column(path, names, time, "time", {f"({unit})": factor for unit, factor in _UNITS.items()})
    scales = {f"({prefix}W)": factor for prefix, factor in _PREFIX.items()}
    if power or any(name.endswith(unit) for name in names for unit in scales):
        power_name, factor = _column(path, names, power, "power", scales)
        watts = _numbers(path, names, rows, power_name) * factor
    else:
        amps = {f"({prefix}A)": factor for prefix, factor in _PREFIX.items()}
        name, factor = _column(path, names, "", "power or current", amps)
        watts = _numbers(path, names, rows, name) * factor * _voltage(path, names, rows, volts)
    times = _numbers(path, names, rows, time_name) * seconds
    if (np.diff(times) <= 0).any():
        line = int(np.flatnonzero(np.diff(times) <= 0)[0]) + 3
        raise fail(f"{path}:{line}", "its time is not later than the one before", "Sort the file by its time")
    high = _numbers(path, names, rows, marker)
    levels: Bools = high > HIGH * max(float(high.max(initial=0.0)), np.finfo(float).tiny)
    return Recording(f"CSV file {path.name}", times, watts, *edges_of(times, levels))


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(str(path), f"cannot be read ({error})", "Name a CSV file of your instrument") from error
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    rows = [row for row in csv.reader(text.splitlines(), delimiter=separator) if row]
    if len(rows) < 3:
        raise fail(str(path), "has fewer than two lines of samples", "Its first line names the columns")
    return [name.strip() for name in rows[0]], rows[1:]


def _column(path: Path, names: list[str], wanted: str, what: str, units: dict[str, float]) -> tuple[str, float]:
    """A column's name, and what its unit is in SI units (1 where it says none)."""
    if wanted and wanted not in names:
        raise fail(str(path), f"there is no column '{wanted}'", f"Its columns: {', '.join(names)}")
    for name in [wanted] if wanted else names:
        for unit, factor in units.items():
            if name.endswith(unit):
                return name, factor
    if wanted:
        return wanted, 1.0
    raise fail(str(path), f"no column's heading says that it is the {what}", f"Headings end in {', '.join(units)}")


def _numbers(path: Path, names: list[str], rows: list[list[str]], name: str) -> Floats:
    at, values, problems = names.index(name), np.zeros(len(rows)), list[Problem]()
    for i, row in enumerate(rows):
        try:
            values[i] = float(row[at])
            sound = bool(np.isfinite(values[i]))
        except (ValueError, IndexError):
            sound = False
        if not sound and len(problems) < MAX_PROBLEMS:
            shown = row[at] if at < len(row) else "nothing"
            problems.append(
                Problem(f"{path}:{i + 2}", f"'{shown}' in the column '{name}' is no number", "Repair the line")
            )
    if problems:
        raise SpikecError(problems)
    return values


def _voltage(path: Path, names: list[str], rows: list[list[str]], volts: float | None) -> Floats | float:
    if volts is not None:
        return volts
    named = [name for name in names if name.endswith(("(V)", "(mV)"))]
    if not named:
        raise fail(
            f"{path}: --volts", "is missing: the file has a current but no voltage", "Give the supply, as --volts 3.3"
        )
    return _numbers(path, names, rows, named[0]) * (1e-3 if named[0].endswith("(mV)") else 1.0)
