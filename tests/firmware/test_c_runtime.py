"""The runtime called from Python: the generated library as a shared object. Status codes, readouts, ticks, resets."""

import ctypes
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from codegen.backends.c import library_plan
from codegen.ir import EventBinning, simulate
from codegen.plan import write

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cases"))
import golden

OK, RANGE, TIME, STATE, INPUT = 0, -1, -2, -3, -4
STRICT = ["-std=c99", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def build(network, folder):
    """Compile a network's library and load it."""
    write(library_plan(network), folder)
    sources = sorted(str(path) for path in (folder / "src").glob("*.c"))
    target = folder / "network.so"
    subprocess.run(["gcc", *STRICT, "-shared", "-fPIC", f"-I{folder / 'src'}", *sources, "-o", str(target)], check=True)
    return Library(ctypes.CDLL(str(target)), network.name)


class Library:
    """The runtime's functions for one network."""

    def __init__(self, library, name):
        self.own = library
        self.net = ctypes.addressof(ctypes.c_char.in_dll(library, f"{name}_network"))
        self.name = name

    def __getattr__(self, name):
        """``lib.reset()`` is ``spikec_reset(net)``."""
        function = getattr(self.own, f"spikec_{name}")
        if name in ("poll", "poll_stage", "finished"):
            function.restype = ctypes.c_bool
        if name in ("count", "steps_done"):
            function.restype = ctypes.c_uint16
        return lambda *arguments: function(ctypes.c_void_p(self.net), *arguments)

    def frame(self, step, data, offset=0):
        return self.push_frame(step, ctypes.c_uint32(offset), data, ctypes.c_uint32(len(data)))

    def event(self, x, y, polarity, time):
        return self.push_event(x, y, polarity, ctypes.c_uint32(time))

    def finish_and_run(self):
        assert self.finish() == OK
        self.run()
        assert self.finished()


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    return build(golden.golden_ct(), tmp_path_factory.mktemp("ct"))


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    return build(golden.golden_dc(), tmp_path_factory.mktemp("dc"))


@pytest.fixture(autouse=True)
def fresh(events, frames):
    events.reset()
    frames.reset()


def test_events_off_the_sensor_are_refused_and_change_nothing(events):
    for x, y, polarity in ((3, 0, 0), (0, 2, 0), (0, 0, 2), (65_535, 65_535, 1)):
        assert events.event(x, y, polarity, 0) == RANGE
    assert events.event(2, 1, 1, 0) == OK


def test_events_must_not_run_backwards(events):
    assert events.event(0, 0, 1, 2000) == OK
    assert events.event(0, 0, 1, 1999) == TIME
    assert events.event(0, 0, 1, 2000) == OK


def test_events_after_the_window_are_ignored(events):
    assert events.event(0, 0, 1, 4000) == OK
    assert events.event(0, 0, 1, 0xFFFFFFFF) == OK
    events.finish_and_run()
    assert [events.count(i) for i in range(3)] == silent_counts()


def silent_counts():
    network = golden.golden_ct()
    return simulate(network, np.zeros((4, 6), bool)).spikes[-1].sum(axis=0).tolist()


def test_nothing_more_after_finish(events):
    events.finish_and_run()
    assert events.event(0, 0, 1, 5) == STATE
    assert events.frame(0, b"\x01") == STATE
    assert events.finish() == OK
    assert events.steps_done() == 4


def test_a_network_of_frames_takes_no_events(frames):
    assert frames.event(0, 0, 1, 0) == INPUT


def test_frames_come_in_order(frames):
    assert frames.frame(1, b"\x01") == STATE
    assert frames.frame(0, b"\x01") == OK
    assert frames.frame(0, b"\x01") == STATE
    assert frames.frame(2, b"\x01") == RANGE
    assert frames.frame(1, b"\x01") == OK
    assert frames.frame(1, b"\x01") == STATE


def test_frames_beyond_the_input_are_refused(frames):
    assert frames.frame(0, b"\x01\x00") == RANGE
    assert frames.frame(0, b"\x01", offset=1) == RANGE
    assert frames.frame(0, b"\x01", offset=0xFFFFFFFF) == RANGE
    assert frames.frame(0, b"\x08") == RANGE, "input 3 of inputs 0 to 2"
    assert frames.frame(0, b"") == OK
    assert frames.frame(0, b"\x07") == OK


def test_half_a_frame_keeps_events_out(tmp_path):
    network = replace(golden.golden_ct(), name="wide", encoding=EventBinning(3, 2, "merged"))
    wide = replace(
        network, encoding=EventBinning(3, 3, "both"), layers=(widened(network.layers[0], 18), network.layers[1])
    )
    library = build(wide, tmp_path)
    assert library.frame(0, b"\xff") == OK
    assert library.event(0, 0, 1, 0) == STATE
    assert library.frame(0, b"\x03", offset=2) == STATE
    assert library.frame(0, b"\x00\x03", offset=1) == OK
    assert library.event(0, 0, 1, 0) == STATE, "step 0 is full"
    assert library.event(0, 0, 1, 6250) == OK
    assert library.frame(1, b"\x02\x00\x00") == OK, "a frame adds to events of its step"
    assert library.frame(2, b"\xff") == OK
    library.finish_and_run()
    spikes = np.zeros((4, 18), bool)
    spikes[0, :8] = spikes[0, 16:] = spikes[1, 9] = spikes[1, 1] = spikes[2, :8] = True
    trace = simulate(wide, spikes)
    assert [library.count(i) for i in range(3)] == trace.spikes[-1].sum(axis=0).tolist()
    assert [library.answer(i) for i in range(2)] == [int(trace.answers[head.name][-1]) for head in wide.heads]


def widened(layer, inputs):
    connection = layer.connection
    weight = np.resize(connection.weight, (connection.out_size, inputs))
    return replace(layer, connection=replace(connection, weight=weight))


def test_questions_out_of_range(events):
    assert events.answer(2) == RANGE
    assert events.count(3) == 0


def test_reset_forgets_everything(events):
    def run():
        for time in range(0, 4000, 400):
            assert events.event(time % 3, time % 2, 1, time) == OK
        events.finish_and_run()
        return [events.count(i) for i in range(3)], [events.answer(i) for i in range(2)]

    first = run()
    events.reset()
    assert events.steps_done() == 0
    assert not events.finished()
    assert [events.count(i) for i in range(3)] == [0, 0, 0]
    assert run() == first


def test_without_counter_and_observer_it_runs_too(events):
    events.observe(None, None, None)
    events.finish_and_run()


def test_stages_wait_for_their_neighbours(events):
    assert not events.poll_stage(0)
    assert not events.poll()
    for step in range(2):
        assert events.frame(step, b"\x01") == OK
    assert not events.poll_stage(1)
    assert events.poll_stage(0)
    assert events.poll_stage(0)
    assert events.frame(2, b"\x01") == OK
    assert not events.poll_stage(0), "both slots behind it are full"
    assert events.poll_stage(1)
    assert events.steps_done() == 1
    assert events.poll_stage(0)


def test_a_full_input_makes_stages_run(events):
    for step in range(4):
        assert events.frame(step, b"\x01") == OK
    assert events.steps_done() == 1, "two steps had to leave the input"
    events.run()
    assert events.finished()


def test_the_librarys_own_functions(events):
    own = events.own
    own.golden_ct_step.restype = own.golden_ct_done.restype = ctypes.c_bool
    own.golden_ct_init()
    assert own.golden_ct_push_event(0, 0, 1, ctypes.c_uint32(10)) == OK
    assert own.golden_ct_push_frame(3, b"\x01") == STATE
    assert own.golden_ct_finish() == OK
    while own.golden_ct_step():
        pass
    assert own.golden_ct_done()
    assert own.golden_ct_answer(0) == events.answer(0)
    assert own.golden_ct_count(1) == events.count(1)
