"""The emulated RISC-V core, built by PlatformIO and spoken to over its serial line."""

import json

import numpy as np
import pytest
from device_build import conv_network, event_network, frame_network, recording
from ladder import Sample, compare, emulated_rung, random_cases, random_conv_network

from codegen.backends.c import project_plan
from codegen.passes.footprint import estimate
from codegen.plan import write
from hostctl.build import build
from hostctl.results import run_stream
from hostctl.samples import Sample as Streamed
from hostctl.transport.emulator import run_board

pytestmark = pytest.mark.riscv


@pytest.fixture(scope="module")
def board(board_tools):
    return board_tools("virt_rv32")


def test_it_builds_without_a_warning_and_takes_what_was_estimated(board, tmp_path):
    for network in (event_network(), frame_network()):
        folder, said = tmp_path / network.name, []
        write(project_plan(network, board), folder)
        result = build(folder, board, log=said.append)
        assert not [line for line in said if "warning" in line.lower()]
        need = estimate(network, board)
        assert result.ram <= need.ram <= result.ram + 4096
        assert result.flash <= need.flash <= result.flash + 4096


def test_events_and_convolutions_are_equal(board, tmp_path):
    cases = []
    for network in (event_network(), conv_network()):
        events = [recording(seed, network=network) for seed in (3, 4)]
        cases.append((network, [Sample(network.encoding.encode(one, network.steps), one) for one in events]))
    assert compare(cases, emulated_rung(tmp_path, board)(cases)) == []


@pytest.mark.slow
def test_random_networks_are_equal(board, tmp_path):
    cases = random_cases(range(50, 54)) + random_cases(range(50, 52), make=random_conv_network)
    assert compare(cases, emulated_rung(tmp_path, board)(cases)) == []


def test_equal_work_takes_equal_instructions(board, tmp_path):
    network = event_network()
    write(project_plan(network, board), tmp_path)
    elf = build(tmp_path, board).elf
    events = recording(3, count=200)
    samples = [Streamed(i, str(i), {}, events) for i in range(4)]
    with run_board(board, elf) as running:
        run_stream(network, board, running.port, samples, tmp_path / "run")
    lines = (tmp_path / "run" / "results.jsonl").read_text().splitlines()
    ticks = [json.loads(line)["layer_ticks"] for line in lines if "layer_ticks" in line]
    assert len(ticks) == 4
    assert np.ptp(ticks, axis=0).max() == 0
    assert min(ticks[0]) > 1000
