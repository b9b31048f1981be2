"""Conversations with a device, from sense to nonsense, and what its answers mean apart from their order."""

from __future__ import annotations

import random
import struct
from collections import defaultdict

from device_client import (
    BEGIN,
    END,
    EVENTS,
    FRAMES,
    GREETING,
    HELLO,
    PING,
    RESULT,
    TRACE,
    begin,
    events_payload,
    frame,
    parse,
    record,
    stuff,
    varint,
)
from device_model import BOTH, WAIT, Model, piece

Frames = list[tuple[int, int, bytes]]


def good_events(dice: random.Random, model: Model, count: int = 40, until: int | None = None) -> list[tuple[int, ...]]:
    """Events (x, y, t, p) on the sensor; some are before and behind the window."""
    end = model.start_us + model.steps * model.bin_us
    times = sorted(dice.randrange(max(1, (until or end) * 11 // 10 + 1)) for _ in range(count))
    return [(dice.randrange(model.width), dice.randrange(model.height), t, dice.randrange(2)) for t in times]


def some_events(dice: random.Random, model: Model) -> bytes:
    """A payload of EVENTS which may have one thing wrong with it."""
    payload = events_payload(good_events(dice, model, dice.randrange(30)))
    wrong = dice.choice(
        [
            b"",
            b"",
            varint(0) + varint(model.width - 1) + varint(2 * model.height - 1),
            varint(0) + varint(model.width) + varint(0),
            varint(0) + varint(0) + varint(2 * model.height),
            varint(0xFFFFFFFF) + varint(0) + varint(0),
            varint(0xFFFFFFFF) + varint(model.width) + varint(0),
            varint(0xFFFFFFFF) + varint(0x10000) + varint(0),
            varint(0) + varint(0x10000) + varint(0),
            varint(0) + varint(0) + varint(0x20000),
            varint(0) + varint(0xFFFF0000) + varint(0x20000),
            b"\xff\xff\xff\xff\x0f" + varint(0) + varint(0),
            b"\xff\xff\xff\xff\x1f" + varint(0) + varint(0),
            b"\x80\x80\x80\x80\x80\x01" + varint(0) + varint(0),
            b"\x80\x80\x00\x81\x00\x80\x00",
            dice.randbytes(dice.randrange(20)),
        ]
    )
    at = dice.choice([0, len(payload)])
    payload = payload[:at] + wrong + payload[at:]
    return payload[: dice.randrange(len(payload) + 1)] if dice.randrange(6) == 0 else payload


def step_records(dice: random.Random, model: Model, step: int) -> list[bytes]:
    """A whole step in records of any length, each of which fits a frame."""
    bits = dice.getrandbits(model.inputs) & dice.getrandbits(model.inputs) & dice.getrandbits(model.inputs)
    data, out, at = bits.to_bytes((model.inputs + 7) // 8, "little"), [], 0
    while at < len(data):
        room = min(len(data) - at, model.max_payload - 6)
        length = dice.choice([room, dice.randrange(room + 1)])
        out.append(record(step, at, data[at : at + length]))
        at += length
    return out


def some_records(dice: random.Random, model: Model) -> bytes:
    """A payload of FRAMES which may have one thing wrong with it."""
    whole = (model.inputs + 7) // 8
    first = dice.choice([0, 0, 0, dice.randrange(model.steps + 2)])
    payload = b"".join(b"".join(step_records(dice, model, first + i)) for i in range(dice.randrange(4)))
    step, offset = dice.randrange(model.steps + 1), dice.randrange(whole + 2)
    wrong = dice.choice(
        [
            b"",
            b"",
            b"",
            record(step, offset, dice.randbytes(dice.randrange(whole + 2))),
            record(0, 0, b"\xff" * whole),
            record(0, 0, b""),
            record(0, whole, b""),
            record(model.steps, 0, b""),
            record(first + 1, 0, b"\xff" * whole),
            record(first, 1, bytes(whole - 1)),
            struct.pack("<HHH", 0, 0, 0xFFFF) + b"abc",
            struct.pack("<HHH", 0, 0xFFFF, 0xFFFF) + b"abc",
            struct.pack("<HHH", 0, 0xFFFF, 1) + b"abc",
            dice.randbytes(dice.randrange(6)),
        ]
    )
    payload = (payload + wrong)[: model.max_payload]
    return payload[: dice.randrange(len(payload) + 1)] if dice.randrange(6) == 0 else payload


def some_begin(dice: random.Random, model: Model, traced: bool) -> bytes:
    form = dice.choice([0, 1]) if not model.frame_inputs else 1
    form = dice.choice([form, form, form, form, form, 0, 1, 2, 255])
    flags = dice.choice([int(traced)] * 6 + [0, 2, 0x80])
    payload = begin(dice.getrandbits(32), form, flags)
    return dice.choice([payload] * 8 + [payload[:-1], payload + b"\0", b""])


def some_payload(dice: random.Random, model: Model, kind: int, traced: bool) -> bytes:
    if dice.randrange(12) == 0:
        return dice.randbytes(dice.randrange(model.max_payload + 10))
    if kind == BEGIN:
        return some_begin(dice, model, traced)
    if kind == EVENTS and not model.frame_inputs:
        return some_events(dice, model)[: model.max_payload]
    if kind == FRAMES:
        return some_records(dice, model)
    return b"" if dice.randrange(5) else dice.randbytes(dice.randrange(20))


def nonsense(dice: random.Random, model: Model, count: int, traced: bool = False, wait: float = 0.5) -> bytes:
    """A script of ``count`` pieces: frames good and bad, cut, damaged, out of turn. ``wait``: how often it waits.

    Kinds of frames come in an order that gives samples a chance to be whole.
    """
    script, expected, now = piece(frame(HELLO, 0, b"abcd")) + WAIT, 0, END
    following = {
        BEGIN: [EVENTS, FRAMES, EVENTS, FRAMES, END],
        EVENTS: [EVENTS, EVENTS, END, END, END],
        FRAMES: [FRAMES, FRAMES, END, END, END],
        END: [BEGIN] * 6,
    }
    torn = False  # the frame that comes next is lost with what stands before it
    for _ in range(count):
        if not torn and dice.randrange(15) == 0:
            data, expected = sample_frames(dice, model, dice.getrandbits(32), expected, int(traced))
            script += piece(data) + (WAIT if dice.random() < wait else b"")
        kind = dice.choice([*following[now] * 3, BEGIN, EVENTS, FRAMES, END, PING, PING, dice.randrange(256)])
        now = kind if kind in following else now
        good = frame(kind, expected, some_payload(dice, model, kind, traced))
        taken = kind in following and len(parse(good[:-1])[2]) <= model.max_payload
        data, after = _damage(dice, model, kind, good, expected, (expected + taken) & 0xFFFF)
        expected = expected if torn and data[:1] != b"\0" else after
        torn = data[-1:] not in (b"", b"\0")
        script += piece(data) + (WAIT if dice.random() < wait else b"")
    return script + piece(b"\0" + frame(HELLO, 0, b"wxyz")) + WAIT


def _damage(dice: random.Random, model: Model, kind: int, good: bytes, expected: int, after: int) -> tuple[bytes, int]:
    """What is sent in place of a good frame, and the number that is expected then."""
    what = dice.randrange(40)
    if what == 0:
        return dice.randbytes(dice.randrange(3 * model.max_payload)), expected
    if what == 1:
        return frame(HELLO, dice.getrandbits(16), dice.randbytes(4)), 0
    if what == 2:  # one bit is wrong
        bad = bytearray(good)
        bad[dice.randrange(len(bad))] ^= 1 << dice.randrange(8)
        return bytes(bad), expected
    if what == 3:
        return good[: dice.randrange(len(good))], expected
    if what == 4:  # out of turn
        return frame(kind, dice.getrandbits(16), b"abc"), expected
    if what == 5:
        return stuff(dice.randbytes(dice.randrange(model.max_payload + 100))) + b"\0", expected
    if what == 6:
        return frame(kind, expected, b"abcd", version=dice.choice([0, 2, 0x80, 0xFF])), expected
    if what == 7:
        return frame(HELLO, 0, dice.randbytes(dice.choice([0, 3, 5]))), expected
    if what == 8:
        return b"\0" * dice.randrange(4) + good + b"\0" * dice.randrange(4), after
    return good, after


def sample_frames(dice: random.Random, model: Model, number: int, first: int, flags: int = 0) -> tuple[bytes, int]:
    """The frames of a whole, good sample, numbered from ``first``; and the number behind it."""
    if model.frame_inputs or dice.randrange(3) == 0:
        form = 1
        payloads = [payload for step in range(model.steps) for payload in step_records(dice, model, step)]
    else:
        events, since, form, payloads = good_events(dice, model, 120), 0, 0, []
        per_frame = min(20, model.max_payload // 12)
        for at in range(0, len(events), per_frame):
            payloads.append(events_payload(events[at : at + per_frame], since))
            since = events[min(at + per_frame, len(events)) - 1][2]
    assert all(len(payload) <= model.max_payload for payload in payloads)
    kinds = [BEGIN, *[FRAMES if form else EVENTS] * len(payloads), END]
    data = b""
    for kind, payload in zip(kinds, [begin(number, form, flags), *payloads, b""], strict=True):
        data += frame(kind, first & 0xFFFF, payload)
        if dice.randrange(8) == 0:
            data += frame(PING)
        first += 1
    return data, first & 0xFFFF


def frames_of(data: bytes) -> Frames:
    """The frames in what a device sent; they must be sound and numbered."""
    assert not data or data.endswith(b"\0")
    frames = [parse(part) for part in data.split(b"\0")[:-1]]
    expected = 0
    for kind, sequence, _ in frames:
        expected = 0 if kind == GREETING else expected
        assert sequence == expected
        expected = (expected + 1) & 0xFFFF
    return frames


def apart_from_traces(frames: Frames) -> tuple[list[tuple[int, bytes]], dict[int, list[bytes]]]:
    """All frames but TRACE in their order, without numbers; and for each sample with a result its traces, sorted.

    The C device traces a step as soon as its input is there, between whatever comes; the hardware behind the last.
    """
    others = [(kind, payload) for kind, _, payload in frames if kind != TRACE]
    finished = {payload[:4] for kind, payload in others if kind == RESULT}
    traces = defaultdict(list)
    for kind, _, payload in frames:
        if kind == TRACE and payload[:4] in finished:
            traces[int.from_bytes(payload[:4], "little")].append(payload)
    return others, {sample: sorted(payloads) for sample, payloads in traces.items()}


__all__ = ["BOTH", "apart_from_traces", "frames_of", "good_events", "nonsense", "sample_frames"]
