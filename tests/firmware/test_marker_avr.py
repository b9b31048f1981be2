"""The marker pin, watched on simulated AVRs cycle by cycle, and energy by a meter that is wired to it."""

import re
import time
from dataclasses import dataclass

import numpy as np
import pytest
from device_build import recording
from device_client import BEGIN, END, FRAMES, PING, Client, begin, frame, parse_result, record
from fake_device import frame_network, random_network
from meter_instruments import CALIBRATION, PPK2_OHMS, VOLTS, ppk2_words

from codegen.backends.c import project_plan
from codegen.plan import write
from hostctl.build import build
from hostctl.meters import Recording, measure
from hostctl.meters.energy import pulse_joules
from hostctl.meters.kinds.ppk2 import decode as decode_ppk2
from hostctl.meters.kinds.ppk2 import read_metadata
from hostctl.results import read_run, run_stream
from hostctl.samples import Sample
from hostctl.transport.emulator import run_board

pytestmark = pytest.mark.avr
CLOCK = 16_000_000
CALL = 6
"""Cycles by which a pulse is longer than what is counted of it: the instructions between the pin and the counter."""
IDLE_W, ACTIVE_W = 0.0066, 0.066


class Pin:
    """The marker pin of a simulated board, whose edges the simulator writes to a file."""

    def __init__(self, board, path):
        port, bit = re.search(r"\(P([A-L])([0-7])\)", board.marker).groups()
        self._name, self._path = f"{port}{bit}", path

    def watch(self, monkeypatch):
        """The simulators that are started from now on write the edges down."""
        monkeypatch.setenv("SPIKEC_WATCH", self._name)
        monkeypatch.setenv("SPIKEC_EDGES", str(self._path))

    def edges(self):
        """Clock cycles and levels of all edges so far."""
        rows = [line.split() for line in self._path.read_text().splitlines()]
        return np.array([int(cycle) for cycle, _ in rows], np.int64), np.array([level == "1" for _, level in rows])

    def pulses(self):
        """Starts and ends in clock cycles; the pin goes up and down in turn."""
        cycles, levels = self.edges()
        assert (levels == (np.arange(len(levels)) % 2 == 0)).all()
        assert len(levels) % 2 == 0
        return cycles[::2], cycles[1::2]


def firmware(network, board, folder, marker=True):
    """The program of a network, with the marker."""
    write(project_plan(network, board, marker=marker), folder)
    return build(folder, board).elf


@pytest.mark.parametrize("board_id", ["atmega328p", "atmega2560"])
def test_each_stretch_of_work_is_one_pulse_as_long_as_it_is_counted(board_tools, tmp_path, monkeypatch, board_id):
    """To the cycle: had a stretch no pulse, or a pulse no stretch, the sums would be hundreds of cycles apart."""
    board, network = board_tools(board_id), frame_network()
    pin = Pin(board, tmp_path / "edges")
    pin.watch(monkeypatch)
    random, width = np.random.default_rng(0), -(-network.in_size // 8)
    seen = 0
    with (
        run_board(board, firmware(network, board, tmp_path / "firmware")) as running,
        Client(running.port) as client,
    ):
        client.hello()
        for records in (0, 1, 2, network.steps, 0, network.steps):
            client.data(BEGIN, begin(1, 1))
            client.ack()
            assert len(pin.edges()[0]) == 2 * seen, "the marker went up before there was work"
            for step in range(records):
                bits = np.packbits(random.random(network.in_size) < 0.3, bitorder="little").tobytes()
                assert len(bits) == width
                client.data(FRAMES, record(step, 0, bits))
                client.ack()
            client.data(END)
            client.ack()
            counted = parse_result(client.gather()[1])["ticks"]
            starts, ends = pin.pulses()
            lengths = (ends - starts)[seen:]
            seen = len(starts)
            assert len(lengths) > records + 1  # each record, the end, and steps of layers
            assert lengths.sum() - counted == CALL * len(lengths)


def test_nothing_but_work_drives_the_pin(board_tools, tmp_path, monkeypatch):
    board, network = board_tools("atmega328p"), frame_network()
    pin = Pin(board, tmp_path / "edges")
    pin.watch(monkeypatch)
    with (
        run_board(board, firmware(network, board, tmp_path / "firmware")) as running,
        Client(running.port) as client,
    ):
        client.hello()
        client.write(frame(PING))
        client.ack()
        client.write(b"\x05nonsense\0" + bytes(3))
        client.data(END)  # An end without a beginning.
        client.ack()
        client.error()
        client.data(BEGIN, begin(7, 1, flags=0x80))  # A flag that does not exist.
        client.ack()
        client.error()
        client.data(FRAMES, record(0, 0, b"\1"))  # Ignored up to the sample's end.
        client.ack()
        client.data(END)
        client.ack()
        client.data(BEGIN, begin(8, 1))
        client.ack()
        time.sleep(0.3)  # It waits for input, asleep.
        client.write(frame(PING))
        client.ack()
        assert len(pin.edges()[0]) == 0
        client.data(END)
        client.gather()
        assert len(pin.edges()[0]) > 0


def test_firmware_without_the_marker_leaves_the_pin_alone(board_tools, tmp_path, monkeypatch):
    board, network = board_tools("atmega328p"), frame_network()
    pin = Pin(board, tmp_path / "edges")
    pin.watch(monkeypatch)
    elf = firmware(network, board, tmp_path / "firmware", marker=False)
    with run_board(board, elf) as running, Client(running.port) as client:
        client.hello()
        client.data(BEGIN, begin(1, 1))
        client.data(END)
        assert parse_result(client.gather()[1])["ticks"] > 0
        assert len(pin.edges()[0]) == 0


@dataclass(frozen=True)
class PinWave:
    """The power of a board whose pin was watched: as it is to the simulated instruments."""

    starts: np.ndarray
    ends: np.ndarray

    @property
    def length_s(self):
        return float(self.ends[-1]) + 0.01

    def at(self, times):
        index = np.searchsorted(self.starts, times, side="right") - 1
        high = (index >= 0) & (times < self.ends[index])
        return np.where(high, ACTIVE_W, IDLE_W), high


def by_scope(wave):
    times = np.arange(0.37e-6, wave.length_s, 1e-6)  # Never at an edge: cycles are 1/16 of it.
    edges = np.stack([wave.starts, wave.ends], 1).ravel()
    seen = Recording("scope", times, wave.at(times)[0], edges, np.arange(len(edges)) % 2 == 0)
    lengths = wave.ends - wave.starts
    assert pulse_joules(seen, wave.starts, wave.ends) == pytest.approx(ACTIVE_W * lengths, rel=1e-9)
    return seen


def by_ppk2(wave):
    flat = [f"{key}{i}: {value}" for key, value in CALIBRATION for i in range(5)]
    metadata = read_metadata("\n".join([*flat, *(f"R{i}: {ohms}" for i, ohms in enumerate(PPK2_OHMS))]))
    return decode_ppk2(ppk2_words(wave), metadata, VOLTS, 0)


@pytest.fixture(scope="module")
def watched(board_tools, tmp_path_factory):
    """A run of ten samples, and the power that its board would draw."""
    folder = tmp_path_factory.mktemp("watched")
    board, network = board_tools("atmega2560"), random_network(sizes=(36, 80, 12), steps=6)
    pin = Pin(board, folder / "edges")
    none = {"digit": None, "motion": None}
    samples = [Sample(i, f"{i}", none, recording(i, count=40, network=network)) for i in range(10)]
    elf = firmware(network, board, folder / "firmware")
    with pytest.MonkeyPatch.context() as patch:
        pin.watch(patch)
        with run_board(board, elf) as running:
            summary = run_stream(network, board, running.port, samples, folder / "run")
    assert (summary.samples, summary.different) == (10, 0)
    starts, ends = pin.pulses()
    seconds = np.array([sample.ticks for sample in read_run(folder / "run").samples]) / CLOCK
    assert (ends - starts).sum() - round(seconds.sum() * CLOCK) == CALL * len(starts)
    zero = starts[0] - CLOCK // 100
    return PinWave((starts - zero) / CLOCK, (ends - zero) / CLOCK), seconds


@pytest.mark.parametrize(("meter", "near"), [(by_scope, 0.002), (by_ppk2, 0.005)])
def test_energy_from_the_firmware_that_drives_the_pin(watched, meter, near):
    """Stream, marker, instrument, driver, integral: an inference's energy is its power times its counted time.

    It has some 46 pulses. The scope's edges are exact, and what is left is the calls' cycles; the PPK2 sees an edge up
    to half a sample too early or late, by chance: 0.1 % is one standard deviation.
    """
    wave, seconds = watched
    for idle, watts in (("keep", ACTIVE_W), ("subtract", ACTIVE_W - IDLE_W)):
        result = measure(meter(wave), seconds, idle=idle)
        assert result.inferences == len(seconds)
        assert result.joules == pytest.approx(watts * seconds.mean(), rel=near)
