"""A line that is made worse: by a seed, as it says, and the stream survives it."""

import time

import numpy as np
import pytest
from paced_line import PacedLine
from stream_helpers import NETWORK, FakeDevice, make_samples

from codegen.ir import SpikecError, simulate_batch
from hostctl.stream import Device, Patience, stream
from hostctl.transport import chaos as module
from hostctl.transport.chaos import Chaos, ChaosLine
from hostctl.transport.serial import DeviceGone


class Wire:
    """A line that gives back what it is sent, in pieces of at most ``piece`` bytes."""

    name = "wire"

    def __init__(self, piece=1000):
        self.piece, self.carried, self.waiting, self.closed = piece, b"", b"", 0

    def exchange(self, outgoing, timeout):
        del timeout
        taken = bytes(outgoing[: self.piece])
        self.carried += taken
        data, self.waiting = self.waiting[: self.piece], self.waiting[self.piece :]
        return len(taken), data

    def reopen(self, timeout):
        del timeout

    def close(self):
        self.closed += 1


def push(line, data, rounds=100_000):
    """Send all, and collect what comes."""
    came, rest = b"", bytearray(data)
    for _ in range(rounds):
        taken, piece = line.exchange(rest, 0)
        del rest[:taken]
        came += piece
        if not rest and not line._out:
            return came
    raise AssertionError("it never took all")


def test_a_specification_is_read_and_written():
    chaos = Chaos.parse("drop=1%, flip=0.1%,delay=20ms,disconnect=20,reset=5,seed=3")
    assert chaos == Chaos(drop=0.01, flip=0.001, delay=0.02, disconnect=20, reset=5, seed=3)
    assert str(chaos) == "drop=1%,flip=0.1%,delay=20ms,disconnect=20,reset=5,seed=3"
    assert Chaos.parse(str(chaos)) == chaos


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names nothing that shall go wrong"),
        ("drop=1", "'drop=1' is no share of bytes in %"),
        ("drop=80%", "'drop=80%' is not between 0 % and 50 %"),
        ("drop=x%", "'drop=x%' could not convert"),
        ("drop=nan%", "'drop=nan%' is not between 0 % and 50 %"),
        ("delay=20", "'delay=20' is no time in ms"),
        ("reset=-1", "'reset=-1' is no whole number"),
        ("typo=1", "'typo=1' is nothing that can go wrong here"),
        ("seed=1,seed=2", "'seed=2' is there twice"),
    ],
)
def test_what_is_wrong_with_a_specification_is_said(text, words):
    with pytest.raises(SpikecError) as caught:
        Chaos.parse(text)
    assert words in str(caught.value)
    assert "disconnect=20" in str(caught.value)


def test_all_problems_of_a_specification_are_said_at_once():
    with pytest.raises(SpikecError) as caught:
        Chaos.parse("drop=1,flop=2%,reset=x")
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("text", ["drop=5%", "double=5%", "flip=5%", "reorder=5%", "burst=1%"])
def test_what_happens_to_a_byte_depends_on_the_seed_and_its_place_alone(text):
    data = np.random.default_rng(0).bytes(20_000)
    carried = []
    for piece in (1000, 7):
        wire = Wire(piece)
        push(ChaosLine(wire, Chaos.parse(text), 0), data)
        carried.append(wire.carried)
    assert carried[0] == carried[1]
    other = Wire()
    push(ChaosLine(other, Chaos.parse(text + ",seed=1"), 0), data)
    assert other.carried != carried[0] != data


def test_shares_are_what_was_asked_for():
    data = bytes(100_000)
    lost, doubled, flipped = Wire(), Wire(), Wire()
    push(ChaosLine(lost, Chaos(drop=0.01), 0), data)
    push(ChaosLine(doubled, Chaos(double=0.01), 0), data)
    push(ChaosLine(flipped, Chaos(flip=0.01), 0), data)
    assert 900 < len(data) - len(lost.carried) < 1100
    assert 900 < len(doubled.carried) - len(data) < 1100
    assert len(flipped.carried) == len(data)
    assert 900 < sum(bin(byte).count("1") for byte in flipped.carried) < 1100


def test_reordering_loses_nothing():
    data, wire = bytes(range(256)) * 20, Wire()
    push(ChaosLine(wire, Chaos(reorder=0.1), 0), data)
    assert wire.carried != data
    assert sorted(wire.carried) in (sorted(data), sorted(data[:-1]))


def test_what_comes_is_spoiled_too():
    wire = Wire()
    wire.waiting = bytes(10_000)
    line = ChaosLine(wire, Chaos(flip=0.01), 0)
    came = b"".join(line.exchange(b"", 0)[1] for _ in range(20))
    assert 50 < sum(map(bool, came)) < 200


def test_plugs_are_pulled_as_often_as_was_asked_in_the_middle_of_things():
    wire, gone, places = Wire(), 0, []
    line = ChaosLine(wire, Chaos(disconnect=5, seed=2), 5000)
    rest = bytearray(10_000)
    while rest:
        try:
            taken, _ = line.exchange(rest, 0)
            del rest[:taken]
        except DeviceGone:
            gone += 1
            places.append(len(wire.carried))
            line.reopen(1)
    assert (gone, wire.closed, line.happened["disconnect"]) == (5, 5, 5)
    assert len(set(places)) == 5
    assert all(0 < place < 5000 for place in places)


def test_resets_garbage_floods_and_silence(monkeypatch):
    monkeypatch.setattr(module, "FLOOD_BYTES", 100_000)
    monkeypatch.setattr(module, "SILENCE_S", 0.05)
    resets, wire = [], Wire()
    line = ChaosLine(wire, Chaos(reset=2, garbage=1, flood=1, silence=1), 5000, lambda: resets.append(1))
    came = push(line, bytes(10_000))
    for _ in range(10):
        came += line.exchange(b"", 0)[1]
    assert len(resets) == 2
    assert len(came) == 100_000 + module.GARBAGE_BYTES
    assert len(wire.carried) < 10_000, "what is sent into silence is lost"
    assert line.happened == {"disconnect": 0, "reset": 2, "garbage": 1, "flood": 1, "silence": 1}


def test_delay_keeps_the_order():
    wire = Wire(10)
    wire.waiting = bytes(range(200))
    line = ChaosLine(wire, Chaos(delay=0.01), 0)
    came = b""
    while len(came) < 200:
        came += line.exchange(b"", 0)[1]
    assert came == bytes(range(200))


def test_resets_need_somebody_who_can():
    with pytest.raises(SpikecError, match="nothing can reset this device"):
        ChaosLine(Wire(), Chaos(reset=1), 0)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("drop=0.3%,flip=0.1%,disconnect=2,seed=1", 60),
        ("drop=0.2%,double=0.1%,reorder=0.1%,burst=0.02%,delay=2ms,seed=2", 40),
        ("reset=3,garbage=2,flood=1,seed=3", 80),
        ("silence=1,reset=1,seed=4", 60),
    ],
)
def test_every_sample_is_answered_once_and_rightly(tmp_path, monkeypatch, text, count):
    monkeypatch.setattr(module, "SILENCE_S", 0.5)
    samples, chaos = make_samples(count, events=30), Chaos.parse(text)
    span = sum(sample.least_bytes(NETWORK) for sample in samples)
    patience = Patience(greeting_s=0.4, reply_s=0.3, reopen_s=10)
    with FakeDevice(NETWORK, tmp_path) as fake:
        lines = []

        def worse(line):
            lines.append(ChaosLine(line, chaos, span, fake.reset))
            return lines[-1]

        with Device.open(fake.port, NETWORK, patience=patience, worse=worse) as device:
            results = list(stream(device, samples))
    assert sorted(result.index for result in results) == list(range(count))
    for result in results:
        batch = simulate_batch(NETWORK, samples[result.index].inputs(NETWORK)[None])
        assert np.array_equal(result.membranes, batch.membranes[0, -1])
        assert np.array_equal(result.spikes, batch.spikes[0])
        assert np.array_equal(result.layer_spikes, batch.layer_spikes[0])
        assert result.synops == tuple(batch.synops[0])
    for name in ("disconnect", "reset", "garbage", "flood", "silence"):
        assert lines[0].happened[name] == getattr(chaos, name)


def test_streaming_keeps_a_paced_line_busy(tmp_path):
    """At 115,200 baud at least 90 % of the time carries bits; benchmarks/throughput.py has the faster rates."""
    samples, lines = make_samples(30, events=400), []

    def worse(line):
        lines.append(PacedLine(line, 115_200))
        return lines[-1]

    with FakeDevice(NETWORK, tmp_path) as fake, Device.open(fake.port, NETWORK, worse=worse) as device:
        before, start = lines[0].busy_s["down"], time.monotonic()
        assert len(list(stream(device, samples))) == 30
        took = time.monotonic() - start
        assert (lines[0].busy_s["down"] - before) / took > 0.9
        assert device.stats.frames_resent == 0
