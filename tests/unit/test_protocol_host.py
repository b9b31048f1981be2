"""Frames, messages and packed input: what goes in comes out, and noise never does."""

import struct
import zlib

import numpy as np
import pytest
from cobs import cobs
from hypothesis import given
from hypothesis import strategies as st
from stream_helpers import NETWORK

from codegen.ir import make_events
from hostctl.protocol import (
    Ack,
    DeviceError,
    Feature,
    Flag,
    Format,
    Greeting,
    Hello,
    Receiver,
    Result,
    ResultPiece,
    SampleBegin,
    TraceKind,
    TracePiece,
    decode_frame,
    encode_frame,
    pack_events,
    pack_frames,
    pack_spikes,
    unpack_events,
    unpack_frames,
    unpack_spikes,
)
from hostctl.protocol.frames import MAX_GARBAGE

GREETING = Greeting(
    nonce=0xDEADBEEF,
    features=Feature.EVENTS | Feature.TRACE,
    max_payload=1024,
    rx_bytes=70_000,
    counter_hz=25_000_000,
    steps=16,
    inputs=1156,
    outputs=12,
    layers=3,
    heads=2,
    digest=NETWORK.digest,
    board="mps2_an386",
    network="n",
    tool="0.1.0",
    counter="SysTick",
)
MESSAGES = [
    Hello(7),
    SampleBegin(3, Format.FRAMES, Flag.TRACE),
    GREETING,
    Ack(65535),
    ResultPiece(9, 100, 20, b"\0\1\2"),
    TracePiece(1, 2, 3, TraceKind.MEMBRANE_I16, 8, 4, b"abcd"),
    DeviceError(5, 12, -3),
]


def test_a_frame_is_what_the_specification_says():
    body = struct.pack("<BBH", 1, 0x12, 0x0304) + b"\0pay\0"
    expected = cobs.encode(body + struct.pack("<I", zlib.crc32(body))) + b"\0"
    assert encode_frame(0x12, 0x0304, b"\0pay\0") == expected


@given(st.integers(0, 255), st.integers(0, 65535), st.binary(max_size=600))
def test_frames_come_back(kind, sequence, payload):
    encoded = encode_frame(kind, sequence, payload)
    assert encoded.count(0) == 1
    frame = decode_frame(encoded[:-1])
    assert frame is not None
    assert (frame.type, frame.sequence, frame.payload, frame.version) == (kind, sequence, payload, 1)


@given(st.binary(max_size=60), st.integers(0, 10_000), st.integers(1, 255))
def test_a_damaged_byte_is_found(payload, place, change):
    encoded = bytearray(encode_frame(1, 2, payload)[:-1])
    encoded[place % len(encoded)] ^= change
    assert decode_frame(bytes(encoded)) is None


@given(st.lists(st.binary(max_size=40), max_size=8), st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 17))
def test_the_receiver_finds_frames_between_garbage(payloads, garbage, chunk):
    line = b"".join(
        trash.replace(b"\0", b"\1") + b"\0" + encode_frame(1, i, payload)
        for i, (trash, payload) in enumerate(zip([*garbage, *[b""] * 8], payloads, strict=False))
    )
    receiver = Receiver()
    frames = [frame for i in range(0, len(line), chunk) for frame in receiver.feed(line[i : i + chunk])]
    assert [frame.payload for frame in frames] == payloads
    assert receiver.received == len(payloads)
    assert receiver.damaged == sum(bool(trash) for trash in garbage[: len(payloads)])


def test_the_receiver_keeps_no_endless_garbage():
    receiver = Receiver()
    for _ in range(3):
        assert receiver.feed(b"\x55" * MAX_GARBAGE) == []
    assert receiver.damaged >= 1
    receiver.feed(b"half a frame")
    receiver.forget()
    assert receiver.feed(encode_frame(1, 0))[0].type == 1


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_messages_come_back(message):
    assert type(message).unpack(message.pack()) == message


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
def test_cut_messages_are_refused(message):
    with pytest.raises(ValueError, match=r"bytes|ends within"):
        type(message).unpack(message.pack()[: message.LAYOUT.size - 1])


def test_a_greeting_cut_in_its_strings_is_refused_and_a_longer_one_is_not():
    with pytest.raises(ValueError, match="strings"):
        Greeting.unpack(GREETING.pack()[:-1])
    assert Greeting.unpack(GREETING.pack() + b"more") == GREETING


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 20), st.integers(1, 3), st.integers(0, 99))
def test_results_come_back(layers, steps, outputs, heads, seed):
    random = np.random.default_rng(seed)
    result = Result(
        ticks=int(random.integers(1 << 32)),
        layer_ticks=tuple(random.integers(0, 1 << 32, layers).tolist()),
        synops=tuple(random.integers(0, 1 << 40, layers).tolist()),
        layer_spikes=random.integers(0, 65536, (layers, steps)),
        spikes=random.random((steps, outputs)) < 0.5,
        membranes=random.integers(-(1 << 31), 1 << 31, outputs).astype(np.int32),
        answers=tuple(random.integers(0, 100, heads).tolist()),
    )
    data = result.pack()
    assert len(data) == 10 + 12 * layers + 2 * layers * steps + steps * -(-outputs // 8) + 4 * outputs + 2 * heads
    back = Result.unpack(data)
    for name, value in vars(result).items():
        assert np.array_equal(getattr(back, name), value), name
    with pytest.raises(ValueError, match="instead of"):
        Result.unpack(data + b"x")
    with pytest.raises(ValueError, match="a result of"):
        Result.unpack(data[:5])


EVENTS = st.lists(
    st.tuples(st.integers(0, 65535), st.integers(0, 32767), st.integers(0, 1 << 22), st.integers(0, 1)), max_size=80
)


@given(EVENTS, st.integers(12, 60))
def test_events_come_back_whole_in_every_frame(items, limit):
    columns = np.array([(x, y, gap, p) for x, y, gap, p in items], np.int64).reshape(-1, 4).T
    times = np.cumsum(columns[2])
    payloads = pack_events(make_events(columns[0], columns[1], times, columns[3]), limit)
    found, before = [], 0
    for payload in payloads:
        assert 0 < len(payload) <= limit
        found += unpack_events(payload, before)  # raises unless it ends at an event's border
        before = found[-1][2]
    assert found == list(
        zip(columns[0].tolist(), columns[1].tolist(), times.tolist(), columns[3].tolist(), strict=True)
    )


def test_events_have_the_documented_bytes():
    events = make_events([3, 33], [5, 33], [300, 300], [1, 0])
    assert pack_events(events, 100) == [bytes([0xAC, 0x02, 3, 11, 0, 33, 66])]


@pytest.mark.parametrize("payload", [b"\x80", b"\x01\x01", b"\x01\x01\x81"])
def test_half_an_event_is_refused(payload):
    with pytest.raises(ValueError, match="within an event"):
        unpack_events(payload)


@given(st.integers(1, 6), st.integers(1, 90), st.integers(8, 40), st.integers(0, 99))
def test_frames_of_spikes_come_back(steps, size, limit, seed):
    spikes = np.random.default_rng(seed).random((steps, size)) < 0.3
    packed = pack_spikes(spikes)
    back, last = np.zeros_like(packed), (0, 0)
    for payload in pack_frames(packed, limit):
        assert len(payload) <= limit
        for step, offset, data in unpack_frames(payload):
            assert (step, offset) == last or (offset == 0 and step == last[0] + 1)
            back[step, offset : offset + len(data)] = np.frombuffer(data, np.uint8)
            last = (step, offset + len(data))
    assert np.array_equal(unpack_spikes(back, size), spikes)
    assert spikes[0, 0] == bool(packed[0, 0] & 1), "input 8k + i is bit i of byte k"


@pytest.mark.parametrize("payload", [b"\0\0\0", struct.pack("<HHH", 0, 0, 3) + b"ab"])
def test_half_a_record_is_refused(payload):
    with pytest.raises(ValueError, match="within a record"):
        unpack_frames(payload)
