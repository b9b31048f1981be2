"""Recordings of any instrument as CSV: which column is what follows from its heading and the unit in it.

Headings as oscilloscopes, source meters and the Power Profiler's and Joulescope's programs write them: ``Time [s]``,
``Timestamp(ms)``, ``Current(uA)``, ``voltage``, ``Power (mW)``, ``D0``, ``D0-D7`` (a string of bits), ``Marker``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from codegen.ir import Problem, SpikecError, fail
from hostctl.meters.meter import Chunk, Values

_SCALES = {"": 1.0, "k": 1e3, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9, "p": 1e-12}
_COLUMNS = {
    "time": (r"time|timestamp|#time|t", "s"),
    "current": (r"current|i|amps|amperes", "a"),
    "voltage": (r"voltage|v|volts|vdd|vcc", "v"),
    "power": (r"power|p|watts", "w"),
    "marker": (r"marker|gpio?|gpi|d[0-9]+|d0-d7|digital|trigger|sync", ""),
}
"""What is read, the beginnings of headings that name it, and its unit."""


def read_csv(path: Path, *, volts: float | None = None, marker: str | None = None, bit: int = 0) -> Chunk:
    """Read a recording. ``volts``: the supply where there is no column of it; ``marker``: the marker column's heading
    where it cannot be guessed; ``bit``: which of a string of bits (0: the first).

    Markers of more than two levels (an analogue channel in volts) count from their lowest to their highest value.
    Raises SpikecError with everything that is missing or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(str(path), f"cannot be read ({error})", "Give a CSV file in UTF-8") from error
    dialect = ";" if text.count(";") > text.count(",") else "\t" if text.count("\t") > text.count(",") else ","
    rows = [row for row in csv.reader(text.splitlines(), delimiter=dialect) if row]
    heading = next((i for i, row in enumerate(rows) if {"time"} <= _named(row).keys()), None)
    if heading is None:
        raise fail(str(path), "has no row of headings with a time", "Its first row must name columns: Time [s], ...")
    named = _named(rows[heading])
    if marker is not None:
        named = {**named, "marker": _find(rows[heading], marker, path)}
    _check(named, volts, path)
    columns = {name: _column(rows, heading, place, name, bit, path) for name, (place, _) in named.items()}
    values = {name: column * named[name][1] for name, column in columns.items()}
    supply = values.get("voltage", np.full(len(values["time"]), volts or 0.0))
    watts = values["power"] if "power" in values else values["current"] * supply
    low, high = float(values["marker"].min()), float(values["marker"].max())
    if high <= low:
        raise fail(str(path), "has a marker that never changes", "Wire the board's marker pin to that channel")
    return Chunk(values["time"], watts, (values["marker"] - low) / (high - low))


def _named(row: Sequence[str]) -> dict[str, tuple[int, float]]:
    """Column's place and scale by what it is; the first of each counts."""
    found: dict[str, tuple[int, float]] = {}
    for place, cell in enumerate(row):
        match = re.fullmatch(r"\s*(#?[A-Za-z][\w -]*?)\s*(?:[\[(]\s*([^\])]*?)\s*[\])])?\s*", cell)
        if match is None:
            continue
        for what, (names, unit) in _COLUMNS.items():
            scale = _scale(match[2], unit)
            if re.fullmatch(names, match[1].lower()) and scale is not None and what not in found:
                found[what] = (place, scale)
    return found


def _scale(said: str | None, unit: str) -> float | None:
    if said is None or not unit:
        return 1.0
    prefix, same = said[: -len(unit)], said[-len(unit) :].lower() == unit
    return _SCALES.get(prefix) if same else None


def _find(row: Sequence[str], marker: str, path: Path) -> tuple[int, float]:
    names = [cell.strip() for cell in row]
    if marker not in names:
        raise fail(str(path), f"has no column '{marker}'", f"Its columns: {', '.join(names)}")
    return names.index(marker), 1.0


def _check(named: dict[str, tuple[int, float]], volts: float | None, path: Path) -> None:
    problems = []
    if "power" not in named and "current" not in named:
        problems.append(Problem(str(path), "has no column of power or current", "As in 'Current [mA]' or 'Power [mW]'"))
    if "power" not in named and "current" in named and "voltage" not in named and not volts:
        problems.append(Problem(str(path), "has current only", "Say the supply's voltage: --volts 3.3"))
    if "marker" not in named:
        problems.append(Problem(str(path), "has no column of the marker", "Name it: --marker 'D1'"))
    if problems:
        raise SpikecError(problems)


def _column(rows: Sequence[Sequence[str]], heading: int, place: int, name: str, bit: int, path: Path) -> Values:
    values = np.empty(len(rows) - heading - 1)
    for i, row in enumerate(rows[heading + 1 :]):
        cell = row[place].strip() if place < len(row) else ""
        if name == "marker" and len(cell) == 8 and set(cell) <= {"0", "1"}:
            cell = cell[bit]
        try:
            values[i] = float(cell) if cell else np.nan
        except ValueError:
            where = f"{path}, row {heading + i + 2}"
            raise fail(where, f"{name} is {cell!r}, which is no number", "Repair or remove the row") from None
    if name in {"time", "marker"} and np.isnan(values).any():
        raise fail(str(path), f"has rows without {name}", "Every row needs one")
    return values
