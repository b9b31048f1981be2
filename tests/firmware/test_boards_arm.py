"""Every emulated Arm board: built by PlatformIO, run in QEMU, every spike and membrane of its trace compared."""

import numpy as np
import pytest
from device_build import recording
from ladder import Sample, compare, on_board

from codegen.backends.c import project_plan
from codegen.board import board_ids, load_board
from codegen.ir import Affine, Conv2d, EventBinning, Head, Layer, MaxPool2d, Network, SnnCt, SnnDc
from codegen.passes.footprint import estimate
from codegen.plan import write
from hostctl.build import build

BOARDS = [board_id for board_id in board_ids() if load_board(board_id).toolchain_prefix == "arm-none-eabi-"]
ALLOWED = 4096
"""Bytes that the estimate may lie above what the linker says."""


def all_kernels():
    """Every kernel once: convolutions with channels in fours and not, pooling, dense, both neurons, both widths."""
    rng = np.random.default_rng(8)
    encoding = EventBinning(width=9, height=7, polarity="both", start_us=500, bin_us=1000)

    def weight(*shape):
        return rng.integers(-7, 8, shape).astype(np.int8)

    def bias(size, largest=3):
        return rng.integers(-largest, largest + 1, size).astype(np.int32)

    connections = (
        Conv2d(weight(8, 3, 3, 2), bias(8), 4, 7, 9),
        MaxPool2d(5, 7, 8, 2, 2),
        Conv2d(weight(5, 2, 2, 8), bias(5), 4, 2, 3, stride=1, padding=1),
        Affine(weight(45, 60), bias(45), 4),
        Affine(weight(11, 45), bias(11, 90_000), 4),
    )
    neurons = (SnnCt, None, SnnDc, SnnCt, SnnDc)
    theta = (20, 0, 8, 15, 30_000)
    layers = tuple(
        Layer(f"layer{i}", each, neuron and neuron(np.full(each.out_size, level, np.int32)))
        for i, (each, neuron, level) in enumerate(zip(connections, neurons, theta, strict=True))
    )
    heads = (Head("digit", 0, 9, tuple("abcdefghi")), Head("motion", 9, 11, ("left", "right")))
    return Network("all_kernels", encoding, 6, layers, heads)


def test_the_boards_are_found():
    assert {f"mps2_an{number}" for number in (385, 386, 500, 505)} <= set(BOARDS)
    assert {"microbit", "mps3_an547", "netduinoplus2", "stm32vldiscovery"} <= set(BOARDS)


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize("board_id", BOARDS)
def test_it_builds_fits_and_computes_the_numbers_of_the_reference(board_id, tmp_path):
    board, network = load_board(board_id), all_kernels()
    write(project_plan(network, board), tmp_path)
    said = []
    result = build(tmp_path, board, log=said.append)
    assert not [line for line in said if "warning" in line.lower()]
    need = estimate(network, board)
    assert result.flash <= need.flash <= result.flash + ALLOWED
    assert result.ram <= need.ram <= result.ram + ALLOWED
    samples = [Sample(network.encoding.encode(events, network.steps), events) for events in map(recording, (1, 2, 3))]
    seen = on_board(board, result.elf, network, samples)
    assert compare([(network, samples)], [seen]) == []
    assert all(0 < layer.mean() < 1 for layer in seen[0].spikes), "a layer that is silent or saturated tests little"
