"""The passes: proved widths, layout, footprint and what would make a network fit."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder import random_network

from codegen.board import load_board
from codegen.ir import Affine, Head, Layer, Network, SnnCt, SnnDc, SpikecError, SpikeFrames, find_problems
from codegen.passes import LANES, footprint, lower, prove_widths
from codegen.passes.footprint import FIRMWARE_FLASH, FIRMWARE_RAM, check_fit, estimate
from codegen.passes.widths import WidthReport, prove_width


def layer(bias=0, theta=0, size=1, inputs=1, neuron=SnnDc, name="a", bits=2):
    weight = np.zeros((size, inputs), np.int8)
    return Layer(name, Affine(weight, np.full(size, bias, np.int32), bits), neuron(np.full(size, theta, np.int32)))


def network(*sizes, steps=4, neuron=SnnCt, bias=0):
    layers = tuple(
        layer(bias, 1, size, inputs, neuron, f"layer{i}") for i, (inputs, size) in enumerate(pairwise(sizes))
    )
    return Network("net", SpikeFrames(1, 1, sizes[0]), steps, layers, (Head("h", 0, 1, ("x",)),))


@pytest.mark.parametrize(
    ("bias", "theta", "bits"),
    [
        (32_767, 0, 16), (32_768, 0, 32), (-32_768, 0, 16), (-32_769, 0, 32),
        (0, 32_767, 16), (0, 32_768, 32), (0, -32_768, 16), (0, -32_769, 32),
        (2**31 - 1, -(2**31), 32),
    ],
)  # fmt: skip
def test_width_follows_membranes_and_thresholds(bias, theta, bits):
    assert prove_width(layer(bias, theta), 1).bits == bits


def test_steps_widen_membranes_that_remember():
    assert prove_width(layer(10_000, 32_767, neuron=SnnCt), 3).bits == 16
    assert prove_width(layer(10_000, 32_767, neuron=SnnCt), 4).bits == 32


def test_margin_and_words():
    assert WidthReport("a", -10, 32_760, 16).margin == 7
    assert WidthReport("a", -32_768, 0, 16).margin == 0
    assert str(WidthReport("a", -10, 20, 16)) == "a: -10 to 20, held in 16 bits (margin 32747)"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_layout_is_the_network_and_padding_is_zero(seed):
    net = random_network(seed, largest=40)
    for item, own, width in zip(lower(net).layers, net.layers, prove_widths(net), strict=True):
        size = own.size
        assert item.width == width
        assert item.layout.padded % LANES == 0
        assert item.layout.padded - size < LANES
        assert np.array_equal(item.layout.rows[:, :size], own.connection.weight.T)
        assert np.array_equal(item.layout.bias[:size], own.connection.bias)
        assert not item.layout.rows[:, size:].any()
        assert not item.layout.bias[size:].any()
        assert np.array_equal(np.broadcast_to(item.layout.theta, size), own.neuron.theta)


def test_one_threshold_for_all_is_one_number():
    assert lower(network(3, 5)).layers[0].layout.theta == 1


def test_estimate_counts_tables_and_buffers():
    board = load_board("mps2_an386")
    small, large = estimate(network(64, 8), board), estimate(network(64, 16), board)
    assert small.flash > FIRMWARE_FLASH
    assert small.ram > FIRMWARE_RAM
    assert large.flash - small.flash == 64 * 8 + 2 * 8  # weights and biases
    assert large.ram - small.ram == 2 * 8  # membranes
    host = estimate(network(64, 8), load_board("native"))
    assert host.ram - small.ram == 65 * 4  # a list of pointers, twice as long each


def shrunk(flash, ram):
    return replace(load_board("mps2_an386"), flash=flash, ram=ram)


def test_what_fits_is_silent():
    check_fit(network(64, 8), load_board("mps2_an386"))


def test_too_little_flash_names_smaller_layers_and_other_boards():
    with pytest.raises(SpikecError) as caught:
        check_fit(network(1156, 256, 256, 10), shrunk(256 * 1024, 128 * 1024))
    (problem,) = caught.value.problems
    assert problem.where == "board mps2_an386"
    assert "network 'net' needs about 376," in problem.what
    assert "bytes of flash, mps2_an386 has 262,144" in problem.what
    assert problem.hint.startswith("Train it with hidden layers of about ")
    assert "or take another board: it fits mps2_an386, native" in problem.hint


def test_the_named_size_does_fit():
    board = shrunk(256 * 1024, 128 * 1024)
    with pytest.raises(SpikecError, match=r"about (\d+) % of the size \((\d+), (\d+) neurons") as caught:
        check_fit(network(1156, 256, 256, 10), board)
    hint = caught.value.problems[0].hint
    sizes = [int(word) for word in hint.split("(")[1].split(" neurons")[0].split(", ")]
    assert estimate(network(1156, *sizes, 10), board).fits(board)


def test_too_little_ram_names_narrower_membranes():
    net = network(8, 8000, 8, bias=20_000)
    assert find_problems(net) == []
    need = estimate(net, load_board("mps2_an386")).ram
    with pytest.raises(
        SpikecError, match="use fewer bits or steps, so that the membranes of layer0, layer1 fit 16 bits"
    ):
        check_fit(net, shrunk(2**22, need - 1000))


def test_both_memories_are_told_at_once():
    with pytest.raises(SpikecError) as caught:
        check_fit(network(1156, 256, 10), shrunk(1000, 1000))
    assert [("flash" in p.what, "RAM" in p.what) for p in caught.value.problems] == [(True, False), (False, True)]
    assert "Smaller hidden layers alone do not help" in caught.value.problems[0].hint


def test_no_board_is_large_enough(monkeypatch):
    monkeypatch.setattr(footprint, "board_ids", list)
    with pytest.raises(SpikecError, match="no known board holds it as it is"):
        check_fit(network(64, 8), shrunk(1000, 1000))
