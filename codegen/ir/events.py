"""Event recordings, and N-MNIST's binary format (Orchard et al. 2015: 5 bytes an event)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import Problem, SpikecError, fail

EVENT_DTYPE = np.dtype([("x", "<u2"), ("y", "<u2"), ("t", "<i4"), ("p", "u1")])
"""One event: column, row, time in microseconds since the recording began, polarity (1 = ON)."""

Events = NDArray[np.void]
"""A recording: a one-dimensional array of ``EVENT_DTYPE``, times not decreasing."""

RECORD_BYTES = 5
OVERFLOW_ROW = 240  # ATIS marks a wrap of its 13-bit clock by an event in this row.
OVERFLOW_US = 1 << 13
MAX_TIME_US = (1 << 23) - 1


def make_events(x: object, y: object, t: object, p: object) -> Events:
    """Pack columns, rows, times (us) and polarities (0 or 1) of equal length into a recording."""
    columns = [np.asarray(column) for column in (x, y, t, p)]
    events = np.zeros(columns[0].shape[0], EVENT_DTYPE)
    for name, column in zip("xytp", columns, strict=True):
        events[name] = column
    return events


def read_nmnist(path: Path | str, sensor: tuple[int, int] | None = (34, 34)) -> Events:
    """Read one N-MNIST ``.bin`` recording and check it.

    ``sensor`` is (width, height) in pixels, or None to take any coordinates. Clock-overflow records of the ATIS
    camera (row 240) advance the time and are dropped, as the data set's own reader does.

    Raises SpikecError with every problem of the file: missing, empty, of a length that is no multiple of five,
    coordinates outside the sensor, times running backwards.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise fail(
            str(path), f"cannot be read ({error.strerror})", "Give the path of an N-MNIST .bin recording"
        ) from error
    events = decode_nmnist(raw, str(path))
    problems = find_problems(events, str(path), sensor)
    if problems:
        raise SpikecError(problems)
    return events


def decode_nmnist(raw: bytes, where: str) -> Events:
    """Decode the bytes of a recording; ``where`` names it in errors."""
    if not raw:
        raise fail(where, "is empty (0 bytes)", "A recording holds 5 bytes an event; copy the file again")
    if len(raw) % RECORD_BYTES:
        raise fail(
            where,
            f"has {len(raw)} bytes, which is no multiple of {RECORD_BYTES}",
            "It is truncated or not an N-MNIST recording; copy it again",
        )
    columns = np.frombuffer(raw, np.uint8).reshape(-1, RECORD_BYTES).astype(np.int32)
    y = columns[:, 1]
    time = ((columns[:, 2] & 0x7F) << 16) | (columns[:, 3] << 8) | columns[:, 4]
    overflow = y == OVERFLOW_ROW
    time = time + OVERFLOW_US * np.cumsum(overflow, dtype=np.int32)
    keep = ~overflow
    return make_events(columns[keep, 0], y[keep], time[keep], columns[keep, 2] >> 7)


def encode_nmnist(events: Events) -> bytes:
    """Encode a recording in N-MNIST's format. Raises SpikecError for values that its fields cannot hold."""
    x, y, t, p = (events[name].astype(np.int64) for name in "xytp")
    wrong = np.flatnonzero((x > 255) | (y > 255) | (y == OVERFLOW_ROW) | (t < 0) | (t > MAX_TIME_US))
    if wrong.size:
        i = int(wrong[0])
        raise fail(
            f"event {i}",
            f"x={x[i]} y={y[i]} t={t[i]} does not fit N-MNIST's format",
            f"x and y go to 255 (row {OVERFLOW_ROW} is reserved), t to {MAX_TIME_US} us",
        )
    out = np.empty((events.shape[0], RECORD_BYTES), np.uint8)
    out[:, 0], out[:, 1] = x, y
    out[:, 2] = (p << 7) | (t >> 16)
    out[:, 3] = (t >> 8) & 0xFF
    out[:, 4] = t & 0xFF
    return out.tobytes()


def write_nmnist(path: Path | str, events: Events) -> None:
    """Write a recording as an N-MNIST ``.bin`` file."""
    Path(path).write_bytes(encode_nmnist(events))


def reverse_time(events: Events, start_us: int, end_us: int) -> Events:
    """Play a recording backwards within the window ``start_us <= t < end_us`` (Yin et al. 2017, section III-B).

    The window's events come in reverse order at ``t' = start_us + end_us - 1 - t``; pixels and polarities stay, events
    outside are dropped. Where the window is ``steps`` whole bins, bin ``k`` becomes bin ``steps - 1 - k`` exactly.
    """
    inside = events[(events["t"] >= start_us) & (events["t"] < end_us)][::-1].copy()
    inside["t"] = start_us + end_us - 1 - inside["t"].astype(np.int64)
    return inside


def find_problems(events: Events, where: str, sensor: tuple[int, int] | None) -> list[Problem]:
    """All that is wrong with a recording: no events, pixels outside the sensor (width, height), time running back."""
    problems: list[Problem] = []
    if events.shape[0] == 0:
        problems.append(Problem(where, "holds no events", "Record it again"))
    if sensor is not None:
        problems += _outside(events, where, sensor)
    back = np.flatnonzero(np.diff(events["t"].astype(np.int64)) < 0)
    if back.size:
        i = int(back[0]) + 1
        problems.append(
            Problem(
                f"{where}, event {i}",
                f"time runs backwards from {events['t'][i - 1]} to {events['t'][i]} us ({back.size} such places)",
                "Sort the events by time, or check that this is an N-MNIST recording",
            )
        )
    return problems


def _outside(events: Events, where: str, sensor: tuple[int, int]) -> list[Problem]:
    width, height = sensor
    outside = np.flatnonzero((events["x"] >= width) | (events["y"] >= height))
    if not outside.size:
        return []
    i = int(outside[0])
    return [
        Problem(
            f"{where}, event {i}",
            f"pixel ({events['x'][i]}, {events['y'][i]}) is outside the {width}x{height} sensor "
            f"({outside.size} such events)",
            "This is not an N-MNIST recording, or the network was made for another sensor",
        )
    ]
