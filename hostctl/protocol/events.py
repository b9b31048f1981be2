"""Input on the wire: events as LEB128 varints, ready-made spike vectors as records."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Events

_RECORD = struct.Struct("<HHH")
_GROUP_BITS = 7


def pack_events(events: Events, max_payload: int) -> list[bytes]:
    """Pack the EVENTS payloads of one sample, each of whole events and at most ``max_payload`` bytes.

    Each event is three unsigned varints: microseconds since the one before (the first: since 0), x, and
    ``2 * y + polarity``. Times must not decrease nor be negative.
    """
    if events.shape[0] == 0:
        return []
    values = np.empty((events.shape[0], 3), np.uint32)
    values[:, 0] = np.diff(events["t"], prepend=np.int32(0))
    values[:, 1] = events["x"]
    values[:, 2] = 2 * events["y"].astype(np.uint32) + events["p"]
    packed, lengths = _varints(values.ravel())
    ends = np.cumsum(lengths.reshape(-1, 3).sum(axis=1))
    return [packed[start:stop] for start, stop in _split(ends, max_payload)]


def _varints(values: NDArray[np.uint32]) -> tuple[bytes, NDArray[np.int64]]:
    """LEB128 of all values, one after the other, and the length of each in bytes."""
    widest = max(1, -(-int(values.max()).bit_length() // _GROUP_BITS))
    shifts = np.arange(widest, dtype=np.uint32) * np.uint32(_GROUP_BITS)
    groups = values[:, None] >> shifts
    needed = groups > 0
    needed[:, 0] = True
    lengths = np.count_nonzero(needed, axis=1)
    more = needed.copy()
    more[np.arange(len(values)), lengths - 1] = False
    groups &= np.uint32(0x7F)
    groups |= more.astype(np.uint32) << np.uint32(_GROUP_BITS)
    return groups.astype(np.uint8)[needed].tobytes(), lengths


def _split(ends: NDArray[np.int64], limit: int) -> list[tuple[int, int]]:
    """Cut a stream of items, which end at ``ends``, into pieces (start, stop) of whole items within ``limit`` bytes."""
    pieces, start = [], 0
    while start < ends[-1]:
        last = int(np.searchsorted(ends, start + limit, side="right")) - 1
        stop = int(ends[last])
        pieces.append((start, stop))
        start = stop
    return pieces


def unpack_events(payload: bytes, before: int = 0) -> list[tuple[int, int, int, int]]:
    """Give the events (x, y, t, polarity) of one EVENTS payload; ``before`` is the time of the last event so far.

    Raises ValueError when the payload ends within an event.
    """
    values, value, shift = [], 0, 0
    for byte in payload:
        value |= (byte & 0x7F) << shift
        shift += _GROUP_BITS
        if byte < 0x80:
            values.append(value)
            value = shift = 0
    if shift or len(values) % 3:
        raise ValueError("the payload ends within an event")
    events = []
    for gap, x, rest in zip(*[iter(values)] * 3, strict=True):
        before += gap
        events.append((x, rest >> 1, before, rest & 1))
    return events


def pack_spikes(spikes: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Spike vectors bool (..., n) as bytes (..., ceil(n / 8)): neuron ``8 * k + i`` is bit ``i`` of byte ``k``."""
    return np.packbits(spikes, axis=-1, bitorder="little")


def unpack_spikes(packed: NDArray[np.uint8], size: int) -> NDArray[np.bool_]:
    """Invert ``pack_spikes`` for vectors of ``size`` neurons."""
    return np.unpackbits(packed, axis=-1, count=size, bitorder="little").astype(np.bool_)


def pack_frames(packed: NDArray[np.uint8], max_payload: int, *, sparse: bool = False) -> list[bytes]:
    """Pack the FRAMES payloads of one sample from its packed spike vectors, uint8 (steps, bytes).

    ``sparse`` leaves out zero bytes wherever that makes it shorter.
    """
    payloads, current = [], bytearray()
    for step, start, stop in _runs(packed) if sparse else ((step, 0, packed.shape[1]) for step in range(len(packed))):
        data, offset = packed[step, :stop].tobytes(), start
        while offset < len(data):
            room = max_payload - len(current) - _RECORD.size
            if room <= 0:
                payloads.append(bytes(current))
                current = bytearray()
                continue
            piece = data[offset : offset + room]
            current += _RECORD.pack(step, offset, len(piece)) + piece
            offset += len(piece)
    return [*payloads, bytes(current)] if current else payloads


def _runs(packed: NDArray[np.uint8]) -> Iterator[tuple[int, int, int]]:
    """Give step, start and stop of what is not zero; gaps that are shorter than a record's head are no gaps."""
    for step, row in enumerate(packed):
        places = np.flatnonzero(row)
        for run in np.split(places, np.flatnonzero(np.diff(places) > _RECORD.size) + 1):
            if run.size:
                yield step, int(run[0]), int(run[-1]) + 1


def unpack_frames(payload: bytes) -> list[tuple[int, int, bytes]]:
    """Give the records (step, byte offset, bytes) of one FRAMES payload.

    Raises ValueError when it ends within a record.
    """
    records, place = [], 0
    while place < len(payload):
        if place + _RECORD.size > len(payload):
            raise ValueError("the payload ends within a record's head")
        step, offset, length = _RECORD.unpack_from(payload, place)
        place += _RECORD.size
        if place + length > len(payload):
            raise ValueError("the payload ends within a record")
        records.append((step, offset, payload[place : place + length]))
        place += length
    return records
