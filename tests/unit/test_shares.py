"""Which layers run on which core: balance, what the user asks for, and what cannot be."""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import Affine, Conv2d, Head, Layer, MaxPool2d, Network, SnnDc, SpikecError, SpikeFrames
from codegen.passes.footprint import estimate
from codegen.passes.shares import DENSITY, FIRE, share

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import two_cores

BOARD = load_board("mps2_an521")


def dense(*sizes, steps=4):
    layers = [
        Layer(
            f"fc{i}", Affine(np.ones((size, inputs), np.int8), np.zeros(size, np.int32), 4), SnnDc(np.ones(size, "i4"))
        )
        for i, (inputs, size) in enumerate(pairwise(sizes))
    ]
    return Network("net", SpikeFrames(1, 1, sizes[0]), steps, tuple(layers), (Head("class", 0, 1, ("a",)),))


@pytest.mark.parametrize(
    ("sizes", "first"),
    [((100, 100, 100), 1), ((100, 100, 100, 100, 100), 2), ((1000, 100, 100, 100), 1), ((10, 10, 10, 1000), 2)],
)
def test_the_busier_core_has_as_little_as_can_be(sizes, first):
    shares = share(dense(*sizes), BOARD)
    assert shares.first == first
    assert sum(shares.work) == pytest.approx(1)


def test_a_single_layer_goes_to_the_second_core():
    assert share(dense(30, 10), BOARD).first == 0
    assert share(dense(30, 10), BOARD).work == (0, 1)


def test_the_work_is_the_documented_estimate():
    shares = share(dense(200, 50, 20), BOARD)
    work = [200 * 50 * DENSITY + 50 * FIRE, 50 * 20 * DENSITY + 20 * FIRE]
    assert shares.work == pytest.approx([work[0] / sum(work), work[1] / sum(work)])


def test_what_was_measured_counts_more_than_a_guess():
    network = dense(100, 100, 100, 100)
    shares = share(network, BOARD, synops={"fc0": 10.0, "fc1": 10.0, "fc2": 100_000.0})
    assert shares.first == 2
    assert shares.text(network).startswith("fc0, fc1 (")
    assert shares.text(network).endswith("; estimated from the card's synaptic operations")


def test_convolutions_and_pooling_have_work_too():
    conv = Conv2d(np.ones((4, 3, 3, 1), np.int8), np.zeros(4, np.int32), 4, 8, 8)
    pool = MaxPool2d(6, 6, 4, 2, 2)
    last = Affine(np.ones((3, 36), np.int8), np.zeros(3, np.int32), 4)
    layers = (
        Layer("conv", conv, SnnDc(np.ones(144, np.int32))),
        Layer("pool", pool, None),
        Layer("last", last, SnnDc(np.ones(3, np.int32))),
    )
    network = Network("net", SpikeFrames(1, 8, 8), 1, layers, (Head("class", 0, 1, ("a",)),))
    sums = DENSITY * 36 * 9 * 4 + 144 * FIRE, 36.0, DENSITY * 36 * 3 + 3 * FIRE  # 36 places of each channel's kernel
    assert share(network, BOARD, first=2).work == pytest.approx([(sums[0] + sums[1]) / sum(sums), sums[2] / sum(sums)])


@pytest.mark.parametrize("first", [0, 1, 2])
def test_the_user_may_choose(first):
    network = dense(20, 20, 20, 20)
    shares = share(network, BOARD, first=first)
    assert shares.first == first
    assert (
        f"spikec_device_share(&spikec_hal, &spikec_network, {first});"
        in project_plan(network, BOARD, shares=shares).files["src/main.c"]
    )
    assert ("input only (0%)" in shares.text(network)) == (first == 0)


@pytest.mark.parametrize("first", [-1, 3, 99])
def test_the_second_core_must_have_a_layer(first):
    with pytest.raises(SpikecError, match=r"--first-core: .* leave none for the second: network 'net' has 3.*0 to 2"):
        share(dense(20, 20, 20, 20), BOARD, first=first)


def test_a_board_with_one_core_says_which_have_two():
    with pytest.raises(SpikecError, match=r"board mps2_an386: has one core.*Boards with two: mps2_an521, native"):
        share(dense(20, 20), load_board("mps2_an386"))


def test_each_core_has_a_stack():
    network = dense(20, 20)
    assert estimate(network, BOARD, cores=2).ram - estimate(network, BOARD).ram == BOARD.stack


def test_the_benchmarks_schedule_keeps_the_handshake():
    equal = np.ones((4, 16), np.int64)
    assert two_cores.schedule(equal, 0) == two_cores.schedule(equal, 4) == 64, "one core does it all"
    assert two_cores.schedule(equal, 2) == 34, (
        "the second core starts when the first has done a step of both its layers"
    )
    lopsided = np.array([[1] * 16, [10] * 16])
    assert two_cores.schedule(lopsided, 1) == 161
    bursts = np.array([[0, 0, 0, 30], [10, 10, 10, 10]])
    assert two_cores.schedule(bursts, 1) == 60, "step 3 waits until step 1 is taken, at 20: 20 + 30 + 10"
