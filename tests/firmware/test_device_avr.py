"""AVR parts under simavr, built by PlatformIO and spoken to over their serial line: 16-bit ints, weights in flash."""

import re

import numpy as np
import pytest
from device_build import conv_network, event_network, recording
from device_client import Client, parse_greeting
from fake_device import random_network as fixed_network
from ladder import Sample, compare, emulated_rung, random_cases, random_conv_network, random_network

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import SpikecError, SpikeFrames
from codegen.ir.file import load
from codegen.passes.footprint import check_fit, estimate
from codegen.plan import write
from codegen.zoo import network_path
from hostctl import samples as samples_module
from hostctl.build import build
from hostctl.meters import Chunk, measure_csv
from hostctl.results import read_run, run_stream
from hostctl.samples import load_samples
from hostctl.stream import Device
from hostctl.stream.patience import Patience
from hostctl.transport.emulator import run_board

pytestmark = pytest.mark.avr
CLOCK = 16_000_000


def tiny():
    """The zoo's network for the smallest parts: 196-64-10, 4 steps."""
    return load(network_path("mnist-tiny"))


@pytest.fixture(scope="module")
def small(board_tools, tmp_path_factory):
    """The zoo's smallest shape in the smallest part."""
    board, folder = board_tools("atmega328p"), tmp_path_factory.mktemp("an avr project")
    write(project_plan(tiny(), board), folder)
    said = []
    result = build(folder, board, log=said.append)
    assert not [line for line in said if "warning" in line.lower()]
    return board, result


def test_the_zoos_smallest_fits_two_kilobytes_with_its_stack(small):
    board, result = small
    need = estimate(tiny(), board)
    assert result.flash <= need.flash <= min(board.flash, result.flash + 2048)
    assert result.ram <= need.ram <= min(board.ram, result.ram + 64)
    check_fit(tiny(), board)


def test_what_does_not_fit_is_said_before_it_is_built():
    with pytest.raises(SpikecError, match=r"bytes of RAM, atmega328p has 2,048.*hidden layers of about"):
        check_fit(
            fixed_network(sizes=(196, 128, 10), steps=4, encoding=SpikeFrames(1, 14, 14)), load_board("atmega328p")
        )
    wide = fixed_network(sizes=(400, 88, 10), steps=2, encoding=SpikeFrames(1, 20, 20))
    with pytest.raises(SpikecError, match=r"flash for one layer's weights, atmega2560 has 32,767"):
        check_fit(wide, load_board("atmega2560"))


def test_its_greeting_names_its_buffers_and_its_clock(small):
    board, result = small
    with run_board(board, result.elf) as running, Client(running.port) as client:
        greeting = parse_greeting(client.hello())
    assert (greeting["board"], greeting["counter"], greeting["hz"]) == ("atmega328p", "timer 1", CLOCK)
    assert greeting["max_payload"] == board.max_payload
    assert board.max_payload < greeting["rx_bytes"] < 256


def test_two_kilobytes_compute_the_numbers_of_the_reference(small, tmp_path):
    board, _ = small
    network = tiny()
    random = np.random.default_rng(1)
    samples = [Sample(random.random((network.steps, network.in_size)) < share) for share in (0.0, 0.1, 0.5, 1.0)]
    assert compare([(network, samples)], emulated_rung(tmp_path, board)([(network, samples)])) == []


def test_events_and_convolutions_on_the_larger_part(board_tools, tmp_path):
    cases = []
    for network in (event_network(), conv_network()):
        events = [recording(seed, network=network) for seed in (3, 4)]
        cases.append((network, [Sample(network.encoding.encode(one, network.steps), one) for one in events]))
    assert compare(cases, emulated_rung(tmp_path, board_tools("atmega2560"))(cases)) == []


def test_weights_fill_the_flash_that_pointers_reach(board_tools, tmp_path):
    board = board_tools("atmega2560")
    network = fixed_network(sizes=(400, 80, 400), steps=2, encoding=SpikeFrames(1, 20, 20))
    check_fit(network, board)
    random = np.random.default_rng(2)
    samples = [Sample(random.random((network.steps, network.in_size)) < share) for share in (0.2, 1.0)]
    assert compare([(network, samples)], emulated_rung(tmp_path, board)([(network, samples)])) == []


@pytest.mark.slow
def test_random_networks_on_the_larger_part(board_tools, tmp_path):
    board = board_tools("atmega2560")
    cases = random_cases(range(40, 44), make=lambda seed: random_network(seed, largest=48))
    cases += random_cases(range(40, 43), make=lambda seed: random_conv_network(seed, largest=300))
    for network, _ in cases:
        check_fit(network, board)
    assert compare(cases, emulated_rung(tmp_path, board)(cases)) == []


@pytest.mark.real_data
@pytest.mark.slow
def test_the_zoos_smallest_reads_digits_in_two_kilobytes(board_tools, real_data, tmp_path):
    board = board_tools("atmega328p")
    network = tiny()
    write(project_plan(network, board), tmp_path / "firmware")
    elf = build(tmp_path / "firmware", board).elf
    samples = load_samples(network, real_data, limit=50)
    with run_board(board, elf) as running:
        summary = run_stream(network, board, running.port, samples, tmp_path / "run", trace=True)
    assert (summary.samples, summary.different) == (50, 0)
    assert summary.mismatching_spikes == summary.mismatching_membranes == 0


def test_a_stack_that_is_too_small_falls_silent_and_sends_no_wrong_number(board_tools, tmp_path):
    board, network = board_tools("atmega328p"), event_network()
    write(project_plan(network, board), tmp_path)
    header = tmp_path / "src" / "board" / "board.h"
    plenty = header.read_text()
    left = board.ram - build(tmp_path, board).ram
    elf = tmp_path / ".pio" / "build" / board.id / "firmware.elf"
    main = tmp_path / "src" / "main.c"
    filler = f"uint8_t filler[{left + board.stack - 60}];"
    main.write_text(main.read_text().replace("int main(void)\n{", f"{filler}\nint main(void)\n{{\n    filler[0] = 1;"))
    header.write_text(re.sub(r"STACK_BYTES \d+", "STACK_BYTES 50", plenty))
    with pytest.raises(SpikecError, match="bytes deep, 50 are kept for it"):
        build(tmp_path, board)  # It is built all the same.
    patience = Patience(greeting_s=0.5, greetings=2)
    with run_board(board, elf) as running, pytest.raises(SpikecError, match="no answer"):
        Device.open(running.port, network, patience=patience)


def test_the_marker_is_high_for_as_long_as_the_counter_counts(board_tools, tmp_path, monkeypatch):
    """Metered by a recording of the pin: each inference has its own energy, and idle time is not in it."""
    board, edges = board_tools("atmega328p"), tmp_path / "edges"
    monkeypatch.setenv("SPIKEC_MARKER_EDGES", str(edges))
    network = fixed_network(sizes=(36, 20, 12), steps=6)
    write(project_plan(network, board, marker=True), tmp_path / "project")
    result = build(tmp_path / "project", board)
    none = {"digit": None, "motion": None}
    samples = [samples_module.Sample(i, f"{i}", none, recording(i, network=network)) for i in range(12)]
    with run_board(board, result.elf) as running:
        summary = run_stream(network, board, running.port, samples, tmp_path / "run")
    assert summary.different == 0
    rows = [line.split() for line in edges.read_text().splitlines()]
    cycles, levels = np.array([int(c) for c, _ in rows]), np.array([int(level) for _, level in rows])
    assert (levels[1:] != levels[:-1]).all()
    high = (cycles[1:] - cycles[:-1])[levels[:-1] == 1]
    assert len(high) > len(samples)  # It is low while the line is waited for.
    counted = sum(record.ticks for record in read_run(tmp_path / "run").samples)
    assert high.sum() == pytest.approx(counted, rel=0.01)  # A dozen cycles a piece.
    times = np.arange(cycles[0] - CLOCK // 5, cycles[-1] + CLOCK // 5, CLOCK // 500_000)
    level = np.append([0], levels)[np.searchsorted(cycles, times, side="right")].astype(float)
    chunk = Chunk(times / CLOCK, 0.01 + 0.05 * level, level)
    record = measure_csv(tmp_path / "run", "edges", chunk)
    assert set(record.joules) == {sample.index for sample in samples}
    assert sum(record.joules.values()) == pytest.approx(0.05 * high.sum() / CLOCK, rel=2e-3)
    by_counter = {sample.index: sample.ticks / CLOCK for sample in read_run(tmp_path / "run").samples}
    assert record.seconds == pytest.approx(by_counter, rel=0.03)


def test_a_board_without_a_marker_pin_cannot_be_built_with_one():
    with pytest.raises(SpikecError, match="virt_rv32 has no marker pin"):
        project_plan(tiny(), load_board("virt_rv32"), marker=True)
