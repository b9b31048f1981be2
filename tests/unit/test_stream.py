"""Streaming to a device that loses, damages and doubles frames, resets, vanishes, stays silent, or is another one."""

import itertools
import os
import signal
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from stream_helpers import (
    NETWORK,
    QUICK,
    FakeDevice,
    Faults,
    conv_network,
    frame_network,
    image_samples,
    make_samples,
    open_device,
    random_network,
    unreliable,
)

from codegen.ir import SpikecError, simulate, simulate_batch
from hostctl.protocol import (
    Ack,
    ErrorCode,
    Feature,
    ToDevice,
    ToHost,
    TraceKind,
    TracePiece,
    decode_frame,
    encode_frame,
)
from hostctl.stream import Coding, Patience, stream
from hostctl.stream.loss import Loss
from hostctl.stream.result import Collector


def run(
    tmp_path, faults=None, *, samples=None, network=NETWORK, trace=False, patience=QUICK, notes=None, rx_bytes=4096
):
    """Stream, check every number of every sample, and return the fake and the link's counts."""
    samples = make_samples(20) if samples is None else samples
    with FakeDevice(network, tmp_path, faults, rx_bytes) as fake, open_device(fake, network, patience, notes) as device:
        results = list(stream(device, samples, trace=trace))
        stats = device.stats
    assert sorted(result.index for result in results) == [sample.index for sample in samples]
    for result in results:
        check(network, samples[result.index], result, trace)
    return fake, stats, results


def check(network, sample, result, trace):
    inputs = sample.inputs(network)
    batch = simulate_batch(network, inputs[None])
    assert np.array_equal(result.spikes, batch.spikes[0])
    assert np.array_equal(result.membranes, batch.membranes[0, -1])
    assert np.array_equal(result.layer_spikes, batch.layer_spikes[0])
    assert result.synops == tuple(batch.synops[0])
    assert result.answers == {name: answers[0, -1] for name, answers in batch.answers.items()}
    assert (result.trace is not None) == trace
    if result.trace is not None:
        expected = simulate(network, inputs)
        for mine, right in zip(result.trace.spikes, expected.spikes, strict=True):
            assert np.array_equal(mine, right)
        for mine, right in zip(result.trace.membranes, expected.membranes, strict=True):
            assert np.array_equal(mine, right)


def test_a_clean_line(tmp_path):
    fake, stats, results = run(tmp_path, samples=make_samples(100))
    assert [result.index for result in results] == list(range(100))
    assert fake.computed == 100
    assert (stats.frames_resent, stats.samples_resent, stats.pings, stats.frames_lost) == (0, 0, 0, 0)
    assert all(result.wall_s > 0 for result in results)
    assert results[0].layer_ticks == (100, 200)


@pytest.mark.parametrize("trace", [False, True])
def test_pooling_has_no_membranes_to_send(tmp_path, trace):
    _, _, results = run(tmp_path, network=conv_network(), samples=image_samples(8), trace=trace)
    assert any(result.layer_spikes[1].any() for result in results)
    if trace:
        assert [m.shape for m in results[0].trace.membranes] == [(5, 100), (5, 0), (5, 10)]


def test_membranes_of_pooling_are_refused():
    collector = Collector(conv_network(), trace=True)
    collector.add_trace(TracePiece(1, 0, 1, TraceKind.SPIKES, 2, 0, bytes(2)))
    with pytest.raises(ValueError, match="a trace of membranes of layer 1, which has none"):
        collector.add_trace(TracePiece(1, 0, 1, TraceKind.MEMBRANE_I16, 32, 0, bytes(32)))
    with pytest.raises(ValueError, match="a trace of layer 3, step 0"):
        collector.add_trace(TracePiece(1, 0, 3, TraceKind.SPIKES, 2, 0, bytes(2)))


@pytest.mark.parametrize(("events", "sent"), [(120, "FRAMES"), (2, "EVENTS")])
def test_the_smallest_coding_is_taken(tmp_path, events, sent):
    seen, samples = set(), make_samples(8, events=events)

    def look(_, data):
        seen.add(decode_frame(data).type)
        return [data]

    with FakeDevice(NETWORK, tmp_path, Faults(up=look)) as fake, open_device(fake) as device:
        for result in stream(device, samples, coding=Coding.SMALLEST):
            check(NETWORK, samples[result.index], result, False)
    assert {kind.name for kind in ToDevice if kind in seen} & {"EVENTS", "FRAMES"} == {sent}


def test_pictures_travel_without_their_zeros(tmp_path):
    network, images = frame_network(), image_samples(8)
    with FakeDevice(network, tmp_path) as fake, open_device(fake, network) as device:
        for result in stream(device, images, coding=Coding.SMALLEST):
            check(network, images[result.index], result, False)


def test_samples_are_pipelined(tmp_path):
    """The next sample's frames are under way before the result of the one before has come."""
    with FakeDevice(NETWORK, tmp_path, rx_bytes=4096) as fake, open_device(fake) as device:
        iterator = stream(device, make_samples(50, events=10))
        next(iterator)
        deadline = time.monotonic() + 5
        while fake.computed < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert fake.computed >= 3, "samples that were sent ahead are computed while the host is busy elsewhere"
        assert len(list(iterator)) == 49


def test_no_samples(tmp_path):
    run(tmp_path, samples=[])


def test_a_sample_without_events(tmp_path):
    run(tmp_path, samples=make_samples(3, events=0))


def test_the_trace(tmp_path):
    run(tmp_path, trace=True)


def test_spike_frames(tmp_path):
    network = frame_network()
    run(tmp_path, network=network, samples=image_samples(12), trace=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_frames_lost_damaged_and_doubled_both_ways(tmp_path, seed):
    faults = Faults(up=unreliable(seed, 0.02), down=unreliable(seed + 10, 0.02))
    _, stats, _ = run(tmp_path, faults, samples=make_samples(60), trace=seed == 3)
    assert stats.frames_resent > 0
    assert stats.frames_lost > 0
    assert stats.frames_damaged > 0


def test_a_lost_result_is_had_again_when_a_later_one_comes(tmp_path):
    dropped = []

    def lose(number, data):
        if decode_frame(data).type == ToHost.RESULT and not dropped:
            dropped.append(number)
            return []
        return [data]

    fake, stats, results = run(tmp_path, Faults(down=lose))
    assert stats.samples_resent == 1
    assert fake.computed == 21
    assert results[0].index == 1


def test_the_last_result_is_had_again_after_silence(tmp_path):
    dropped = []

    def lose(number, data):
        if decode_frame(data).type == ToHost.RESULT and not dropped:
            dropped.append(number)
            return []
        return [data]

    _, stats, _ = run(tmp_path, Faults(down=lose), samples=make_samples(1))
    assert stats.samples_resent == 1


def test_lost_trace_frames_are_had_again(tmp_path):
    dropped = []

    def lose(number, data):
        if decode_frame(data).type == ToHost.TRACE and len(dropped) < 3:
            dropped.append(number)
            return []
        return [data]

    _, stats, _ = run(tmp_path, Faults(down=lose), samples=make_samples(4), trace=True)
    assert stats.samples_resent >= 1


def test_the_end_of_a_sample_lost_is_found_by_a_ping(tmp_path):
    lost = []

    def lose(number, data):
        if number == 2 and not lost:  # HELLO, SAMPLE_BEGIN, then this
            lost.append(number)
            return []
        return [data]

    _, stats, _ = run(tmp_path, Faults(up=lose), samples=make_samples(1, events=0))
    assert lost
    assert stats.pings == 1


def test_a_device_that_resets_in_the_middle_of_samples(tmp_path):
    notes = []
    fake, stats, _ = run(tmp_path, Faults(reset_at={3, 30, 50}), samples=make_samples(30), notes=notes)
    assert stats.greetings == fake.greetings == 4
    assert notes.count("the device was reset; greeting it again") == 3


def test_a_port_that_vanishes_and_comes_back(tmp_path):
    notes = []
    _, stats, _ = run(tmp_path, Faults(vanish_at={20, 60}), samples=make_samples(30), notes=notes)
    assert stats.reopened == 2
    assert any("vanished; waiting up to 5 s" in note for note in notes)
    assert any("is back" in note for note in notes)


def test_a_port_that_stays_away(tmp_path):
    patience = Patience(reopen_s=0.4, greeting_s=0.2, reply_s=0.2)
    with FakeDevice(NETWORK, tmp_path, Faults(vanish_at={10})) as fake:
        fake.away_s = 3
        with open_device(fake, patience=patience) as device:
            results = []
            with pytest.raises(SpikecError, match=r"vanished and did not come back.*--resume"):
                results.extend(stream(device, make_samples(20)))


def test_a_device_that_falls_silent(tmp_path):
    notes = []
    start = time.monotonic()
    with (
        FakeDevice(NETWORK, tmp_path, Faults(stop_at=30)) as fake,
        open_device(fake, patience=Patience(greeting_s=0.1, reply_s=0.1, greetings=2, pings=2), notes=notes) as device,
        pytest.raises(SpikecError, match=r"no spikec device answers 2 greetings.*last heard: (ACK|RESULT) at"),
    ):
        list(stream(device, make_samples(20)))
    assert time.monotonic() - start < 10
    assert any("no answer for a while" in note for note in notes)


def test_a_device_that_crashes_on_every_sample(tmp_path):
    faults = Faults(reset_at=set(range(1, 1000)))
    with (
        FakeDevice(NETWORK, tmp_path, faults) as fake,
        open_device(fake) as device,
        pytest.raises(SpikecError, match=r"greeted 6 times in a row without giving a result.*Last heard"),
    ):
        list(stream(device, make_samples(3)))


def test_a_sample_whose_result_never_comes(tmp_path):
    def lose(_, data):
        return [] if decode_frame(data).type == ToHost.RESULT else [data]

    patience = Patience(greeting_s=0.3, reply_s=0.02, attempts=3)
    with (
        FakeDevice(NETWORK, tmp_path, Faults(down=lose)) as fake,
        open_device(fake, patience=patience) as device,
        pytest.raises(SpikecError, match=r"sample Test/0/0.bin got no result in 3 attempts.*Last heard: ACK"),
    ):
        list(stream(device, make_samples(1)))


@pytest.mark.parametrize(
    ("code", "words"),
    [(ErrorCode.RANGE, "outside the network's sensor"), (ErrorCode.TIME, "backwards"), (ErrorCode.INPUT, "other kind")],
)
def test_a_sample_that_the_device_refuses(tmp_path, code, words):
    with (
        FakeDevice(NETWORK, tmp_path, Faults(refuse={3: code})) as fake,
        open_device(fake) as device,
        pytest.raises(SpikecError, match=f"sample Test/2/2.bin: the device refuses it: {code.name}, detail 7.*{words}"),
    ):
        list(stream(device, make_samples(5)))


def test_a_sample_that_the_device_lost_track_of_goes_again(tmp_path):
    _, stats, _ = run(tmp_path, Faults(refuse={3: ErrorCode.STATE}))
    assert stats.samples_resent == 1


def test_an_error_code_of_a_later_version(tmp_path):
    with (
        FakeDevice(NETWORK, tmp_path, Faults(refuse={1: 99})) as fake,
        open_device(fake) as device,
        pytest.raises(SpikecError, match="refuses it: 99"),
    ):
        list(stream(device, make_samples(1)))


@pytest.mark.parametrize("late", [0.15, 0.45])
def test_a_device_that_answers_greetings_late(tmp_path, late):
    """It answers one HELLO after the other, each when the next has long been sent: as on a busy computer."""
    patience = Patience(greeting_s=0.1, greetings=5)
    fake, stats, _ = run(tmp_path, Faults(greets_after_s=late), patience=patience)
    assert 1 < fake.greetings <= 5
    assert (stats.greetings, stats.frames_lost) == (1, 0)


def test_a_device_that_is_still_busy_with_what_it_was_sent_before(tmp_path):
    patience = Patience(greeting_s=0.1, greetings=2)
    fake, stats, _ = run(tmp_path, Faults(backlog=12), patience=patience)
    assert fake.greetings > 2
    assert (stats.greetings, stats.frames_lost) == (1, 0)


@pytest.mark.parametrize("late", [0.0, 0.15])
def test_a_device_that_never_answers_the_last_greeting(tmp_path, late):
    """It answers the first one late and is silent then; or it says all the time that it lives, but nothing else."""
    down = (lambda number, data: [data] if number == 0 else []) if late else (lambda _, data: [data])
    faults = Faults(down=down, greets_after_s=late, backlog=0 if late else 10_000)
    patience = Patience(greeting_s=0.1, greetings=3, attempts=2)
    error = r"no spikec device answers 3 greetings.*last heard: (GREETING|ACK).*too busy"
    with FakeDevice(NETWORK, tmp_path, faults) as fake, pytest.raises(SpikecError, match=error):
        open_device(fake, patience=patience)


def test_another_network(tmp_path):
    other = random_network(seed=9)
    with FakeDevice(other, tmp_path) as fake, pytest.raises(SpikecError, match="another network") as caught:
        open_device(fake)
    assert other.digest in str(caught.value)
    assert NETWORK.digest in str(caught.value)


def test_sizes_that_do_not_fit_the_digest_are_all_named(tmp_path):
    faults = Faults(greeting={"steps": 3, "outputs": 7})
    with FakeDevice(NETWORK, tmp_path, faults) as fake, pytest.raises(SpikecError, match="3 steps") as caught:
        open_device(fake)
    assert len(caught.value.problems) == 2


def test_another_protocol_version(tmp_path):
    with (
        FakeDevice(NETWORK, tmp_path, Faults(version=2)) as fake,
        pytest.raises(SpikecError, match="speaks protocol version 2, this host 1"),
    ):
        open_device(fake)


def test_nothing_there(tmp_path):
    quick = Patience(greeting_s=0.05, greetings=2)
    with (
        FakeDevice(NETWORK, tmp_path, Faults(mute=True)) as fake,
        pytest.raises(SpikecError, match="nothing was heard"),
    ):
        open_device(fake, patience=quick)


def test_an_echo(tmp_path):
    quick = Patience(greeting_s=0.1, greetings=2)
    with (
        FakeDevice(NETWORK, tmp_path, Faults(mute=True, echo=True)) as fake,
        pytest.raises(SpikecError, match="sends back what it is sent"),
    ):
        open_device(fake, patience=quick)


def test_another_programs_device(tmp_path):
    quick = Patience(greeting_s=0.1, greetings=2)
    faults = Faults(mute=True, babble=b"login: \r\n" * 4)
    with (
        FakeDevice(NETWORK, tmp_path, faults) as fake,
        pytest.raises(SpikecError, match=r"last heard: .*bytes that are no frame: 'login"),
    ):
        open_device(fake, patience=quick)


def test_a_device_that_babbles_between_frames_works(tmp_path):
    run(tmp_path, Faults(babble=b"boot v1\r\n\0"))


def test_the_devices_log_is_passed_on(tmp_path):
    notes = []
    run(tmp_path, Faults(log="temperature 21 °C".encode()), notes=notes)
    assert "device: temperature 21 °C" in notes


def test_what_the_device_cannot_do_is_said_at_once(tmp_path):
    for features, trace, words in ((Feature.EVENTS, True, "trace"), (Feature.FRAMES, False, "events")):
        faults = Faults(greeting={"features": features})
        with (
            FakeDevice(NETWORK, tmp_path, faults) as fake,
            open_device(fake) as device,
            pytest.raises(SpikecError, match=f"cannot take .*{words}"),
        ):
            list(stream(device, make_samples(1), trace=trace))


def test_a_broken_result_is_told_apart_from_a_broken_line(tmp_path):
    def cut(_, data):
        frame = decode_frame(data)
        if frame.type != ToHost.RESULT:
            return [data]
        payload = frame.payload[:4] + bytes([20, 0, 0, 0, 0, 0, 0, 0]) + bytes(20)
        return [encode_frame(frame.type, frame.sequence, payload)[:-1]]

    with (
        FakeDevice(NETWORK, tmp_path, Faults(down=cut)) as fake,
        open_device(fake) as device,
        pytest.raises(SpikecError, match="the device sent a result"),
    ):
        list(stream(device, make_samples(1)))


def test_an_acknowledgement_from_nowhere_makes_the_host_greet_again(tmp_path):
    done = []

    def confuse(_, data):
        frame = decode_frame(data)
        if frame.type == ToHost.ACK and not done:
            done.append(1)
            return [encode_frame(ToHost.ACK, frame.sequence, Ack(5000).pack())[:-1]]
        return [data]

    _, stats, _ = run(tmp_path, Faults(down=confuse))
    assert stats.greetings == 2


def test_two_samples_of_one_index_are_our_bug(tmp_path):
    with FakeDevice(NETWORK, tmp_path) as fake, open_device(fake) as device, pytest.raises(ValueError, match="index 0"):
        list(stream(device, make_samples(1) * 2))


def endless(sample, at):
    """Samples without end; Ctrl-C is pressed while number ``at`` and those behind it are under way."""
    for i in itertools.count():
        if i == at:
            threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()
        yield replace(sample, index=i)


@pytest.fixture
def heard_ctrl_c():
    """Ctrl-C is heard, also where the tests run in the background of a shell, which makes them deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard_ctrl_c")
def test_ctrl_c_leaves_the_device_usable(tmp_path):
    (sample,) = make_samples(1)
    with FakeDevice(NETWORK, tmp_path) as fake:
        with open_device(fake) as device, pytest.raises(KeyboardInterrupt):
            for _ in stream(device, endless(sample, 50)):
                pass
        with open_device(fake) as device:
            assert len(list(stream(device, make_samples(5)))) == 5


def test_a_board_that_traces_for_long_without_an_acknowledgement_is_not_greeted_again(tmp_path):
    """Its traces are signs of life, too."""

    def slowly(_, data):
        if decode_frame(data).type == ToHost.TRACE:
            time.sleep(0.05)
        return [data]

    patience = Patience(greeting_s=0.4, reply_s=0.1, pings=1)
    notes = []
    _, stats, _ = run(
        tmp_path, Faults(down=slowly), samples=make_samples(3), trace=True, patience=patience, notes=notes
    )
    assert stats.greetings == 1
    assert not notes


def test_a_device_that_answers_but_takes_nothing_is_given_up(tmp_path):
    def deny(_, data):
        frame = decode_frame(data)
        if frame.type == ToHost.ACK:
            return [encode_frame(ToHost.ACK, frame.sequence, Ack(0).pack())[:-1]]
        return [] if frame.type == ToHost.RESULT else [data]

    patience = Patience(greeting_s=0.3, reply_s=0.02, attempts=2, stuck_s=0.3)
    notes = []
    with (
        FakeDevice(NETWORK, tmp_path, Faults(down=deny)) as fake,
        open_device(fake, patience=patience, notes=notes) as device,
        pytest.raises(SpikecError, match="times in a row without giving a result"),
    ):
        list(stream(device, make_samples(1)))
    assert "the device answers, but takes nothing; greeting it again" in notes


def test_loss_decides_how_long_frames_are():
    loss = Loss()
    assert (loss.rate, loss.best_payload(1024), loss.attempts(150)) == (0.0, 1024, 0)
    loss.add(10_000, 100)
    assert loss.rate == 0.01
    best = loss.best_payload(1024)
    arriving = {n: n * 0.99 ** (n + 10) / (n + 10) for n in range(1, 1024)}
    assert abs(best - max(arriving, key=arriving.get)) <= 1
    assert 0.77 ** loss.attempts(150) < 1e-8
    for _ in range(200):
        loss.add(10_000, 0)
    assert loss.best_payload(1024) == 1024, "a line that has mended is forgiven"
