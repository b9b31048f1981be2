"""Nonsense on the line: the device, under ASan and UBSan, must survive all of it and then work as ever."""

import random
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from device_build import compile_device, event_network, frame_network, recording
from device_client import (
    BEGIN,
    END,
    EVENTS,
    FRAMES,
    GREETING,
    HELLO,
    PING,
    RESULT,
    begin,
    events_payload,
    frame,
    parse,
    parse_greeting,
    parse_result,
    record,
    stuff,
    varint,
)

from codegen.ir import make_events, simulate

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory):
    """Both networks on the board of device_fuzz.c."""
    return {
        network.name: compile_device(
            tmp_path_factory.mktemp(network.name), network, [HERE / "device_fuzz.c"], {"src/board/board.c"}
        )
        for network in (event_network(), frame_network())
    }


def talk(program, data):
    """Everything that the device answers; every frame of it must be sound."""
    done = subprocess.run([program], input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    return [parse(part) for part in done.stdout.split(b"\0") if part]


def some_payload(dice):
    """What a frame may carry, from sense to nonsense."""
    return dice.choice(
        [
            lambda: b"",
            lambda: dice.randbytes(dice.randrange(40)),
            lambda: dice.randbytes(dice.randrange(1100)),
            lambda: begin(dice.getrandbits(32), dice.randrange(3), dice.randrange(3)),
            lambda: events_payload([(dice.randrange(9), dice.randrange(7), t * 500, t & 1) for t in range(15)]),
            lambda: b"".join(varint(dice.getrandbits(dice.randrange(40))) for _ in range(dice.randrange(60))),
            lambda: b"".join(record(step, 0, dice.randbytes(3)) for step in range(dice.randrange(6))),
            lambda: record(dice.randrange(7), dice.randrange(20), dice.randbytes(dice.randrange(20))),
        ]
    )()


def some_bytes(dice, expected):
    """One piece of a conversation, and the number of the frame that will be expected after it."""
    kind = dice.choice(
        [BEGIN, BEGIN, EVENTS, EVENTS, EVENTS, FRAMES, FRAMES, FRAMES, END, END, PING, dice.randrange(256)]
    )
    good = frame(kind, expected, some_payload(dice))
    what = dice.randrange(20)
    if what == 0:
        return dice.randbytes(dice.randrange(3000)), expected
    if what == 1:
        return frame(HELLO, 0, dice.randbytes(4)), 0
    if what == 2:  # one bit is wrong
        bad = bytearray(good)
        bad[dice.randrange(len(bad))] ^= 1 << dice.randrange(8)
        return bytes(bad), expected
    if what == 3:
        return good[: dice.randrange(len(good))], expected
    if what == 4:
        return frame(kind, dice.getrandbits(16), some_payload(dice)), expected
    if what == 5:
        return stuff(dice.randbytes(dice.randrange(1200))) + b"\0", expected
    taken = kind in (BEGIN, EVENTS, FRAMES, END) and len(good) <= 1038
    return good, (expected + taken) & 0xFFFF


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["events_net", "frames_net"])
def test_nonsense_is_survived(fuzzed, name, seed):
    dice = random.Random(seed)
    data, expected = frame(HELLO, 0, b"abcd"), 0
    for _ in range(1500):
        piece, expected = some_bytes(dice, expected)
        data += piece
    network, program = event_network() if name == "events_net" else frame_network(), fuzzed[name]
    sample = [(1, 1, 700, 1), (3, 2, 2600, 0), (8, 6, 5100, 1)]
    if name == "events_net":
        tail = frame(BEGIN, 0, begin(99)) + frame(EVENTS, 1, events_payload(sample)) + frame(END, 2)
    else:
        rows = b"".join(record(step, 0, b"\x01\x02\x03") for step in range(5))
        tail = frame(BEGIN, 0, begin(99, 1)) + frame(FRAMES, 1, rows) + frame(END, 2)
    # The device ends with its input: empty frames leave it the time to work.
    answers = talk(program, data + b"\0" + frame(HELLO, 0, b"wxyz") + tail + b"\0" * 20_000)
    greeted = max(i for i, (kind, _, payload) in enumerate(answers) if kind == GREETING and payload[:4] == b"wxyz")
    assert len(parse_greeting(answers[greeted][2])["board"]) == 63
    results = [payload for kind, _, payload in answers[greeted:] if kind == RESULT]
    assert {struct.unpack("<I", payload[:4])[0] for payload in results} == {99}
    inputs = expected_inputs(network, sample)
    got = parse_result(b"".join(payload[12:] for payload in results))
    assert list(got["membranes"]) == simulate(network, inputs).membranes[-1][-1].tolist()


@pytest.mark.parametrize("network", [event_network(), frame_network()], ids=lambda network: network.name)
def test_scripts_of_frames_are_survived(tmp_path, network):
    """The fuzzer's board (benchmarks/fuzz_device.py), on scripts that chance has written."""
    flags = ("-DONE_SCRIPT", HERE / "device_fuzzer.c")
    program = compile_device(tmp_path, network, flags, {"src/board/board.c", "src/main.c"})
    dice = random.Random(7)
    kinds = [HELLO, PING, BEGIN, EVENTS, FRAMES, END]
    for _ in range(40):
        script = b""
        for _ in range(60):
            payload = some_payload(dice)[:255]
            how = dice.choice([0, 0, 0, 0x10, dice.randrange(32) & ~0x08])
            script += bytes([how, dice.choice([*kinds, dice.randrange(256)]), len(payload)]) + payload
        done = subprocess.run([program], input=script, capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()


def expected_inputs(network, sample):
    if network.name == "events_net":
        return network.encoding.encode(make_events(*zip(*sample, strict=True)), network.steps)
    row = np.unpackbits(np.frombuffer(b"\x01\x02\x03", np.uint8), bitorder="little")[: network.in_size]
    return np.tile(row.astype(np.bool_), (network.steps, 1))


def test_bytes_may_come_in_any_pieces(fuzzed):
    """A whole sample of many events, in the pieces of the fuzzing board, gives the reference's spikes."""
    network, events = event_network(), recording(8, count=700)
    rows = [tuple(int(value) for value in row) for row in events]
    data, since = frame(HELLO, 0, b"abcd") + frame(BEGIN, 0, begin(1)), 0
    for number, at in enumerate(range(0, 700, 100), start=1):
        data += frame(EVENTS, number, events_payload(rows[at : at + 100], since))
        since = rows[at + 99][2]
    answers = talk(fuzzed["events_net"], data + frame(END, 8) + b"\0" * 20_000)
    got = parse_result(next(payload[12:] for kind, _, payload in answers if kind == RESULT))
    trace = simulate(network, network.encoding.encode(events, network.steps))
    assert [sum(row) for row in got["layer_spikes"]] == [int(spikes.sum()) for spikes in trace.spikes]
    assert list(got["membranes"]) == trace.membranes[-1][-1].tolist()
