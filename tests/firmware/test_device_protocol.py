"""The native board over its pty, spoken to byte by byte as SPEC.md says; compiled with ASan and UBSan."""

import contextlib
import os
import random
import signal
import struct
import subprocess
import time

import numpy as np
import pytest
from device_build import compile_device, conv_network, event_network, frame_network, recording
from device_client import (
    ACK,
    BEGIN,
    E_INPUT,
    E_NOT_GREETED,
    E_PAYLOAD,
    E_RANGE,
    E_STATE,
    E_TIME,
    E_TYPE,
    E_VERSION,
    END,
    ERROR,
    EVENTS,
    FRAMES,
    HELLO,
    PING,
    RESULT,
    TRACE,
    Client,
    begin,
    check_order,
    events_payload,
    frame,
    parse_greeting,
    parse_result,
    record,
    varint,
)

from codegen import __version__
from codegen.board import load_board
from codegen.ir import make_events, simulate, simulate_batch
from hostctl.transport.emulator import run_board

NATIVE = load_board("native")
EVENT_NET, FRAME_NET = event_network(), frame_network()


@pytest.fixture(scope="module")
def device(tmp_path_factory):
    return compile_device(tmp_path_factory.mktemp("events"), EVENT_NET)


@pytest.fixture(scope="module")
def frame_device(tmp_path_factory):
    return compile_device(tmp_path_factory.mktemp("frames"), FRAME_NET)


@pytest.fixture
def line(device):
    """A fresh, greeted device that takes events."""
    with run_board(NATIVE, device) as board, Client(board.port) as client:
        client.hello()
        yield client
        assert board.running, board.last_words()


@pytest.fixture
def frame_line(frame_device):
    with run_board(NATIVE, frame_device) as board, Client(board.port) as client:
        client.hello()
        yield client
        assert board.running, board.last_words()


def send_events(client, events, sample=1, flags=0, per_frame=80):
    """A whole sample; the host's window is wider than all of it."""
    rows = [tuple(int(value) for value in row) for row in events]
    client.data(BEGIN, begin(sample, 0, flags))
    since = 0
    for at in range(0, len(rows), per_frame):
        part = rows[at : at + per_frame]
        client.data(EVENTS, events_payload(part, since))
        since = part[-1][2]
    client.data(END)


def send_frames(client, spikes, sample=1, flags=0, cut=2):
    """A whole sample of packed steps, each cut in two."""
    client.data(BEGIN, begin(sample, 1, flags))
    for step, row in enumerate(np.packbits(spikes, axis=1, bitorder="little")):
        client.data(FRAMES, record(step, 0, bytes(row[:cut])) + record(step, cut, bytes(row[cut:])))
    client.data(END)


def check_result(network, inputs, data):
    """Every number of a result is the reference's."""
    got, batch = parse_result(data), simulate_batch(network, inputs[None])
    assert [list(row) for row in got["layer_spikes"]] == batch.layer_spikes[0].tolist()
    assert got["synops"] == batch.synops[0].tolist()
    packed = np.packbits(batch.spikes[0], axis=1, bitorder="little")
    assert got["spikes"] == [bytes(row) for row in packed]
    assert list(got["membranes"]) == batch.membranes[0, -1].tolist()
    assert list(got["answers"]) == [int(batch.answers[head.name][0, -1]) for head in network.heads]
    assert got["ticks"] >= sum(got["layer_ticks"]) > 0


def check_sample(client, seed=0, sample=1):
    """The device is sound: a random recording gives the reference's numbers."""
    events = recording(seed)
    send_events(client, events, sample)
    head, data = client.gather()
    assert struct.unpack("<I", head)[0] == sample
    check_result(EVENT_NET, EVENT_NET.encoding.encode(events, EVENT_NET.steps), data)


def test_a_result_comes_before_the_frame_behind_the_next_samples_begin_is_acknowledged(line):
    """All samples are sent at once, and the device answers as fast as it likes."""
    begins, frames = {}, []
    for sample in range(1, 7):
        begins[sample] = line.sequence
        send_events(line, recording(sample, count=60), sample, flags=sample % 2, per_frame=9)
    while [kind for kind, _, _ in frames].count(RESULT) < len(begins):
        frames += line.until(RESULT)
    check_order(frames, begins)
    swapped = sorted(frames, key=lambda one: one[0] != ACK)
    with pytest.raises(AssertionError, match="has no result"):
        check_order(swapped, begins)


# ---- greeting --------------------------------------------------------------------------------------------------------


def test_the_greeting_says_what_the_device_is(device):
    with run_board(NATIVE, device) as board, Client(board.port) as client:
        greeting = parse_greeting(client.hello(nonce=0xDEADBEEF))
    assert greeting.pop("digest").hex() == EVENT_NET.digest
    assert greeting == {
        **{"nonce": 0xDEADBEEF, "features": 15, "max_payload": 1024, "rx_bytes": 16384, "hz": 10**9},
        **{"steps": 6, "inputs": 126, "outputs": 11, "layers": 2, "heads": 2, "board": "native"},
        **{"network": "events_net", "tool": __version__, "counter": NATIVE.counter.name},
    }


def test_a_network_of_frames_says_so(frame_device):
    with run_board(NATIVE, frame_device) as board, Client(board.port) as client:
        assert parse_greeting(client.hello())["features"] == 14


@pytest.mark.parametrize("kind", [PING, BEGIN, EVENTS, FRAMES, END])
def test_a_device_that_was_not_greeted_says_so(device, kind):
    with run_board(NATIVE, device) as board, Client(board.port) as client:
        client.write(frame(kind, 0, begin(1) if kind == BEGIN else b""))
        assert client.error() == (E_NOT_GREETED, 0, 0)
        client.hello()
        check_sample(client)


def test_a_greeting_starts_anew(line):
    line.data(BEGIN, begin(1))
    line.data(EVENTS, events_payload([(1, 1, 600, 1)]))
    assert [line.ack(), line.ack()] == [1, 2]
    line.hello(nonce=9)
    check_sample(line, sample=2)


@pytest.mark.parametrize("payload", [b"", b"abc", b"abcde"])
def test_a_greeting_of_another_length_is_refused(line, payload):
    line.write(frame(HELLO, 0, payload))
    assert line.error()[0] == E_PAYLOAD
    check_sample(line)


def test_another_version_is_refused_and_changes_nothing(line):
    line.write(frame(HELLO, 0, b"abcd", version=2))
    assert line.error() == (E_VERSION, 0, 2)
    check_sample(line)


def test_an_unknown_type_is_refused(line):
    line.write(frame(0x55, 0, b"what is this"))
    assert line.error() == (E_TYPE, 0, 0x55)
    check_sample(line)


# ---- results ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_events_give_the_numbers_of_the_reference(line, seed):
    check_sample(line, seed, sample=0xFFFFFFFF - seed)


def test_samples_may_follow_each_other_without_waiting(line):
    recordings = {sample: recording(sample, count=90) for sample in range(8)}
    for sample, events in recordings.items():
        send_events(line, events, sample)
    for sample, events in recordings.items():
        head, data = line.gather()
        assert struct.unpack("<I", head)[0] == sample
        check_result(EVENT_NET, EVENT_NET.encoding.encode(events, EVENT_NET.steps), data)


def test_a_sample_without_events_has_a_result(line):
    line.data(BEGIN, begin(3))
    line.data(END)
    inputs = np.zeros((EVENT_NET.steps, EVENT_NET.in_size), np.bool_)
    check_result(EVENT_NET, inputs, line.gather()[1])


def test_frames_give_the_numbers_of_the_reference(frame_line):
    spikes = np.random.default_rng(0).random((5, 19)) < 0.4
    send_frames(frame_line, spikes)
    check_result(FRAME_NET, spikes, frame_line.gather()[1])


def test_frames_may_feed_a_network_of_events(line):
    spikes = np.random.default_rng(1).random((6, 126)) < 0.2
    send_frames(line, spikes, cut=7)
    check_result(EVENT_NET, spikes, line.gather()[1])


def traces_until_result(client):
    """(step, layer, kind) -> whole trace messages; then the result."""
    traces, result = {}, b""
    while True:
        kind, _, payload = client.receive()
        if kind == TRACE:
            _, step, layer, what, total, offset = struct.unpack("<IHBBII", payload[:16])
            whole = traces.setdefault((step, layer, what), b"")
            assert len(whole) == offset
            traces[step, layer, what] = whole + payload[16:]
            assert len(traces[step, layer, what]) <= total
        elif kind == RESULT:
            result += payload[12:]
            if len(result) == struct.unpack("<I", payload[4:8])[0]:
                return traces, result
        else:
            assert kind == ACK


def check_trace(network, inputs, traces):
    """Every spike and membrane of every layer and step."""
    reference = simulate(network, inputs)
    for layer, (spikes, membranes) in enumerate(zip(reference.spikes, reference.membranes, strict=True)):
        for step in range(network.steps):
            packed = np.packbits(spikes[step], bitorder="little")
            assert traces.pop((step, layer, 0)) == bytes(packed)
            if network.layers[layer].neuron is None:
                continue
            kind = 1 if (step, layer, 1) in traces else 2
            got = np.frombuffer(traces.pop((step, layer, kind)), "<i2" if kind == 1 else "<i4")
            assert got.tolist() == membranes[step].tolist()
    assert traces == {}


def test_the_trace_of_events_is_the_references(line):
    events = recording(2)
    send_events(line, events, flags=1)
    inputs = EVENT_NET.encoding.encode(events, EVENT_NET.steps)
    traces, result = traces_until_result(line)
    check_trace(EVENT_NET, inputs, traces)
    check_result(EVENT_NET, inputs, result)
    check_sample(line)  # and the next sample has no trace


def test_the_trace_of_wide_layers_comes_in_pieces(frame_line):
    spikes = np.random.default_rng(3).random((5, 19)) < 0.5
    send_frames(frame_line, spikes, flags=1)
    traces, result = traces_until_result(frame_line)
    assert len(traces[0, 1, 2]) == 4 * 700
    check_trace(FRAME_NET, spikes, traces)
    check_result(FRAME_NET, spikes, result)


def test_the_trace_of_pooling_has_no_membranes(tmp_path):
    network, events = conv_network(), recording(4)
    device = compile_device(tmp_path, network)
    with run_board(NATIVE, device) as board, Client(board.port) as client:
        client.hello()
        send_events(client, events, flags=1)
        traces, result = traces_until_result(client)
        assert board.running, board.last_words()
    inputs = network.encoding.encode(events, network.steps)
    check_trace(network, inputs, traces)
    check_result(network, inputs, result)


# ---- reliability -----------------------------------------------------------------------------------------------------


def test_frames_out_of_turn_are_acknowledged_and_not_taken(line):
    events = [(1, 1, 600, 1), (2, 2, 1700, 0)]
    first, second = events_payload(events[:1]), events_payload(events[1:], 600)
    line.write(frame(EVENTS, 1, first))  # before its time
    assert line.ack() == 0
    line.write(frame(BEGIN, 0, begin(1)))
    line.write(frame(EVENTS, 2, second))  # one is missing
    line.write(frame(EVENTS, 1, first))
    line.write(frame(EVENTS, 1, first))  # twice
    line.write(frame(BEGIN, 0, begin(1)))  # long taken
    line.write(frame(EVENTS, 2, second))
    line.write(frame(END, 3))
    assert [line.ack() for _ in range(7)] == [1, 1, 2, 2, 2, 3, 4]
    inputs = EVENT_NET.encoding.encode(make_events(*zip(*events, strict=True)), EVENT_NET.steps)
    check_result(EVENT_NET, inputs, line.gather()[1])


def test_a_ping_tells_what_is_expected(line):
    line.write(frame(PING))
    assert line.ack() == 0
    line.data(BEGIN, begin(1))
    line.write(frame(PING, 77))
    assert [line.ack(), line.ack()] == [1, 1]


def test_numbers_wrap(line):
    line.data(BEGIN, begin(1))
    assert line.ack() == 1
    for _ in range(33):
        start = line.sequence
        line.write(b"".join(frame(EVENTS, start + i) for i in range(1200)))
        line.sequence = (start + 1200) & 0xFFFF
        assert [line.ack() for _ in range(1200)] == [(start + i + 1) & 0xFFFF for i in range(1200)]
        line.write(b"".join(frame(EVENTS, line.sequence + i) for i in range(800)))
        line.sequence = (line.sequence + 800) & 0xFFFF
        assert [line.ack() for _ in range(800)][-1] == line.sequence
    assert line.sequence < 1000, "it must have wrapped"
    line.data(END)
    assert line.ack() == line.sequence
    check_result(EVENT_NET, np.zeros((6, 126), np.bool_), line.gather()[1])


def test_our_frames_are_numbered_from_the_greeting(line):
    send_events(line, recording(0, count=200), flags=1)
    frames = line.until(RESULT)
    assert [sequence for _, sequence, _ in frames] == list(range(1, len(frames) + 1))


@pytest.mark.parametrize("position", range(0, 22))
def test_a_damaged_byte_costs_its_frame_only(line, position):
    good = frame(BEGIN, 0, begin(0x11223344, 0, 0) + b"")
    good = good if position < len(good) - 1 else frame(PING)
    at = position % (len(good) - 1)
    bad = bytearray(good)
    bad[at] ^= 0x40
    line.write(bytes(bad))
    assert line.receive(0.05) is None or bad[at] == 0
    line.write(b"\0")
    while line.receive(0.05):
        pass
    check_sample(line)


def test_half_a_frame_is_flushed_by_a_zero(line):
    line.write(frame(BEGIN, 0, begin(1))[:7])
    line.write(b"\0\0\0")
    check_sample(line)


@pytest.mark.parametrize("length", [0, 1, 245, 246, 247, 248, 253, 254, 255, 500, 1023, 1024])
@pytest.mark.parametrize("fill", [b"\0", b"\x01", b"\xff", None])
def test_payloads_of_every_length_arrive(line, length, fill):
    payload = random.Random(length).randbytes(length) if fill is None else fill * length
    line.write(frame(PING, 0, payload))
    assert line.ack() == 0


@pytest.mark.parametrize("length", [1025, 1200, 5000])
def test_a_frame_that_is_too_long_is_dropped(line, length):
    line.write(frame(PING, 0, bytes(length)) + frame(PING, 0, b"\x05" * length))
    assert line.receive(0.1) is None
    check_sample(line)


# ---- wrong input -----------------------------------------------------------------------------------------------------

GOOD = varint(600) + varint(1) + varint(3)
LONG = b"\xff\xff\xff\xff\x7f"  # 35 bits


@pytest.mark.parametrize(
    ("payload", "code", "index"),
    [
        (GOOD + varint(0) + varint(9) + varint(0), E_RANGE, 1),
        (GOOD * 2 + varint(0) + varint(0) + varint(14), E_RANGE, 2),
        (varint(0) + varint(65536) + varint(0), E_RANGE, 0),
        (varint(0) + varint(0) + varint(131072), E_RANGE, 0),
        (GOOD + varint(0xFFFFFFFF) + varint(0) + varint(0), E_TIME, 1),
        (GOOD[:-1], E_PAYLOAD, 0),
        (GOOD + b"\x80", E_PAYLOAD, 1),
        (GOOD + LONG + varint(0) + varint(0), E_PAYLOAD, 1),
        (GOOD + b"\x80" * 9 + b"\x01", E_PAYLOAD, 1),
    ],
)
def test_a_wrong_event_is_named_and_ends_its_sample(line, payload, code, index):
    line.data(BEGIN, begin(5))
    line.data(EVENTS, payload)
    line.data(EVENTS, GOOD)
    line.data(EVENTS, b"\x80")
    line.data(END)
    answers = [line.receive() for _ in range(6)]
    assert [struct.unpack("<H", p)[0] for kind, _, p in answers if kind == ACK] == [1, 2, 3, 4, 5]
    assert [struct.unpack("<BIi", p) for kind, _, p in answers if kind == ERROR] == [(code, 5, index)]
    check_sample(line)


@pytest.mark.parametrize(
    ("payload", "code", "index"),
    [
        (record(0, 0, b"abc"[:2]) + record(0, 2, b"\x08"), E_RANGE, 1),  # a bit beyond the inputs
        (record(0, 0, bytes(4)), E_RANGE, 0),
        (record(5, 0, bytes(3)), E_RANGE, 0),
        (record(1, 0, bytes(3)), E_STATE, 0),
        (record(0, 0, bytes(3)) * 2, E_STATE, 1),
        (record(0, 1, bytes(2)), E_STATE, 0),
        (record(0, 0, bytes(3))[:-1], E_PAYLOAD, 0),
        (record(0, 0, bytes(3)) + b"\1\0\0\0\3", E_PAYLOAD, 1),
    ],
)
def test_a_wrong_record_is_named_and_ends_its_sample(frame_line, payload, code, index):
    frame_line.data(BEGIN, begin(6, 1))
    frame_line.data(FRAMES, payload)
    frame_line.data(END)
    answers = [frame_line.receive() for _ in range(4)]
    assert [struct.unpack("<BIi", p) for kind, _, p in answers if kind == ERROR] == [(code, 6, index)]
    spikes = np.ones((5, 19), np.bool_)
    send_frames(frame_line, spikes)
    check_result(FRAME_NET, spikes, frame_line.gather()[1])


@pytest.mark.parametrize(
    ("payload", "code", "sample"),
    [
        (begin(7)[:-1], E_PAYLOAD, 0),
        (begin(7) + b"\0", E_PAYLOAD, 0),
        (begin(7, 0, 2), E_PAYLOAD, 7),
        (begin(7, 2), E_INPUT, 7),
    ],
)
def test_a_wrong_beginning_is_refused(line, payload, code, sample):
    line.data(BEGIN, payload)
    line.data(EVENTS, GOOD)
    line.data(END)
    errors = [struct.unpack("<BIi", p) for kind, _, p in (line.receive() for _ in range(4)) if kind == ERROR]
    assert errors == [(code, sample, 0)]
    check_sample(line)


def test_events_for_a_network_of_frames_are_refused(frame_line):
    frame_line.data(BEGIN, begin(8, 0))
    assert frame_line.ack() == 1
    assert frame_line.error() == (E_INPUT, 8, 0)


def test_the_other_kind_of_input_is_refused(line):
    for sample, (declared, kind) in enumerate([(0, FRAMES), (1, EVENTS)]):
        line.data(BEGIN, begin(sample, declared))
        line.data(kind, b"")
        line.data(END)
        errors = [struct.unpack("<BIi", p) for k, _, p in (line.receive() for _ in range(4)) if k == ERROR]
        assert errors == [(E_INPUT, sample, 0)]
    check_sample(line)


@pytest.mark.parametrize("kind", [EVENTS, FRAMES, END])
def test_input_without_a_sample_is_refused(line, kind):
    line.data(kind, b"")
    assert line.ack() == 1
    assert line.error() == (E_STATE, 0, 0)
    check_sample(line)


def test_a_sample_that_never_ended_is_given_up(line):
    line.data(BEGIN, begin(10))
    line.data(EVENTS, GOOD)
    events = recording(4)
    send_events(line, events, 11)
    frames = line.until(RESULT)
    assert [struct.unpack("<BIi", p) for kind, _, p in frames if kind == ERROR] == [(E_STATE, 10, 0)]
    check_result(EVENT_NET, EVENT_NET.encoding.encode(events, EVENT_NET.steps), frames[-1][2][12:])


# ---- the board -------------------------------------------------------------------------------------------------------


def test_it_can_be_unplugged_and_plugged_in_again(device):
    with run_board(NATIVE, device) as board:
        for seed in range(3):
            with Client(board.port) as client:
                client.hello()
                check_sample(client, seed)
                client.data(BEGIN, begin(1, 0, 1))
                client.write(frame(EVENTS, client.sequence, GOOD)[:5])
            time.sleep(0.03)
            assert board.running


def stuff_line(client):
    """Send and never read, until the device is stuck in sending and then our line is full."""
    os.set_blocking(client.fd, False)
    for _ in range(200):
        try:
            os.write(client.fd, frame(PING) * 4000)
        except BlockingIOError:
            time.sleep(0.05)
            with contextlib.suppress(BlockingIOError):
                os.write(client.fd, frame(PING))
                continue
            return
    pytest.fail("the line was never full")


def test_it_does_not_wait_for_a_host_that_left_without_reading(device):
    with run_board(NATIVE, device) as board:
        with Client(board.port) as client:
            client.hello()
            stuff_line(client)
        with Client(board.port) as client:
            client.hello()
            check_sample(client)
        assert board.running


@pytest.fixture
def process(device):
    started = subprocess.Popen([device], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield started
    started.kill()
    started.wait()
    started.stdin.close()
    started.stdout.close()


def test_it_ends_with_its_standard_input(process):
    assert process.stdout.readline().startswith("/dev/pts/")
    process.stdin.close()
    assert process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to(process, number):
    port = process.stdout.readline().strip()
    line = os.open(port, os.O_RDWR | os.O_NOCTTY)
    process.send_signal(number)
    assert process.wait(5) == 0
    os.close(line)


def test_it_ends_even_while_nobody_reads_what_it_sends(process):
    with Client(process.stdout.readline().strip()) as client:
        client.hello()
        stuff_line(client)
        process.stdin.close()
        assert process.wait(5) == 0
