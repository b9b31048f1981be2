"""Real recordings on the emulated Cortex-M4: every spike and every membrane, over its serial line."""

import pytest
from fake_device import random_network

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import EventBinning
from codegen.plan import write
from hostctl.build import build
from hostctl.results import run_stream
from hostctl.samples import load_samples
from hostctl.transport.emulator import run_board

RECORDINGS = 30


@pytest.mark.arm
@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.usefixtures("arm_tools")
def test_every_number_of_real_recordings_is_equal(real_data, tmp_path):
    board = load_board("mps2_an386")
    network = random_network(sizes=(1156, 128, 64, 12), steps=16, encoding=EventBinning())
    write(project_plan(network, board), tmp_path / "firmware")
    elf = build(tmp_path / "firmware", board).elf
    samples = load_samples(network, real_data, limit=RECORDINGS)
    with run_board(board, elf) as running:
        summary = run_stream(network, board, running.port, samples, tmp_path / "run", trace=True)
    assert (summary.samples, summary.different) == (RECORDINGS, 0)
    assert summary.mismatching_spikes == summary.mismatching_membranes == 0
    assert summary.synops.min > 0
