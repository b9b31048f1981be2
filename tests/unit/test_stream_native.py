"""The real firmware as a process: streaming, tracing, pulling its plug, and how fast the line is."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from stream_helpers import BOARD, NETWORK, busy, make_samples, random_network

from codegen.backends.c import project_plan
from codegen.ir import EventBinning, SpikecError, make_events
from codegen.plan import write
from hostctl.build import build
from hostctl.results import run_stream
from hostctl.samples import Sample, load_samples
from hostctl.stream import Device, Patience, stream
from hostctl.transport.emulator import run_board


def firmware(network, folder):
    write(project_plan(network, BOARD), folder)
    return build(folder, BOARD).elf


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return firmware(NETWORK, tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("trace", [False, True])
def test_every_number_is_equal(small, tmp_path, trace):
    with run_board(BOARD, small) as board:
        summary = run_stream(NETWORK, BOARD, board.port, make_samples(60), tmp_path, trace=trace)
    assert (summary.samples, summary.different) == (60, 0)
    assert summary.mismatching_membranes == (0 if trace else None)
    assert summary.link["frames_resent"] == summary.link["pings"] == 0
    assert summary.latency.min > 0


def test_a_board_that_hardly_gets_a_processor_gives_every_number(small, tmp_path):
    starved = replace(BOARD, emulator=("nice", "-n", "19", *BOARD.emulator))
    with busy(), run_board(starved, small) as board:
        summary = run_stream(NETWORK, BOARD, board.port, make_samples(20), tmp_path)
    assert (summary.samples, summary.different) == (20, 0)


def test_another_network_is_refused(small):
    with run_board(BOARD, small) as board, pytest.raises(SpikecError, match="another network"):
        Device.open(board.port, random_network(8))


def test_two_hosts_on_one_port(small):
    with (
        run_board(BOARD, small) as board,
        Device.open(board.port, NETWORK),
        pytest.raises(SpikecError, match="in use by another program"),
    ):
        Device.open(board.port, NETWORK)


def test_a_board_that_is_unplugged_and_plugged_again(small):
    notes, results = [], []
    samples = make_samples(400)
    with run_board(BOARD, small) as board, Device.open(board.port, NETWORK, note=notes.append) as device:
        for result in stream(device, samples):
            results.append(result.index)
            if len(results) == 100:
                board.kill()
                threading.Timer(0.3, board.start).start()
    assert sorted(results) == list(range(400))
    assert device.stats.reopened == 1
    assert any("vanished" in note for note in notes)


def test_a_board_that_dies_for_good(small):
    patience = Patience(reopen_s=0.3)
    with run_board(BOARD, small) as board, Device.open(board.port, NETWORK, patience=patience) as device:
        results = stream(device, make_samples(400))
        next(results)
        board.kill()
        with pytest.raises(SpikecError, match="did not come back"):
            list(results)


def test_a_host_that_went_away_in_the_middle_is_forgotten(small):
    with run_board(BOARD, small) as board:
        with Device.open(board.port, NETWORK) as device:
            next(stream(device, make_samples(50)))
        with Device.open(board.port, NETWORK) as device:
            assert len(list(stream(device, make_samples(50)))) == 50


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    network = random_network(sizes=(1156, 256, 256, 12), steps=16, encoding=EventBinning())
    return network, firmware(network, tmp_path_factory.mktemp("large"))


def saccades(count, events=750):
    """As many ON events as a real recording's first saccade has, anywhere on the sensor."""
    random = np.random.default_rng(0)
    samples = []
    for i in range(count):
        x, y = random.integers(0, 34, (2, events))
        recording = make_events(x, y, np.sort(random.integers(0, 100_000, events)), np.ones(events, int))
        samples.append(Sample(i, str(i), {"digit": None, "motion": None}, recording))
    return samples


def test_a_large_network_streams_without_a_hitch(large, tmp_path):
    network, elf = large
    with run_board(BOARD, elf) as board:
        summary = run_stream(network, BOARD, board.port, saccades(100), tmp_path)
    assert (summary.samples, summary.different) == (100, 0)
    assert summary.samples_per_s > 0


@pytest.mark.real_data
def test_real_recordings(large, tmp_path, real_data):
    network, elf = large
    samples = load_samples(network, real_data, limit=100)
    with run_board(BOARD, elf) as board:
        summary = run_stream(network, BOARD, board.port, samples, tmp_path, trace=True)
    assert (summary.samples, summary.different) == (100, 0)
    assert summary.mismatching_spikes == summary.mismatching_membranes == 0
