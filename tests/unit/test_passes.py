"""The passes: proved widths, layout, footprint and what would make a network fit."""

import re
from dataclasses import replace
from itertools import pairwise

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder import random_conv_network, random_network

from codegen.board import FIRMWARE_FLASH, FIRMWARE_RAM, load_board
from codegen.ir import (
    Affine,
    Conv2d,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnCt,
    SnnDc,
    SpikecError,
    SpikeFrames,
    find_problems,
)
from codegen.passes import LANES, footprint, lower, prove_widths
from codegen.passes.footprint import check_fit, estimate
from codegen.passes.layouts import formats
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


def tables(layout):
    return {table.name: table.values for table in layout.tables}


def cycled(layout, name, period, size):
    """A table's values, one a neuron, as the kernels read them: 32 from any place of the period on."""
    values = tables(layout)[name]
    starts = np.arange(0, size, 32) % period
    return np.concatenate([values[start : start + min(32, size - 32 * i)] for i, start in enumerate(starts)])


def weight_of(layout, neuron, row):
    """A neuron's weight in a row of a dense layer's table, as the kernels read it."""
    offset, in_byte = {"u7": (64, 1), "u8": (128, 1), "u4": (8, 1), "p4": (8, 2), "p2": (1, 4)}[layout.form]
    group, place = divmod(neuron, 4)
    byte, part = group // in_byte * 4 + (0, 2, 1, 3)[place], group % in_byte
    bits = 8 // in_byte
    return (int(row[byte]) >> (bits * part)) % (1 << bits) - offset


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 4))
def test_layout_is_the_network_and_padding_is_zero(seed, which):
    net = random_network(seed, largest=40)
    chosen = {layer.name: formats(layer)[which % len(formats(layer))] for layer in net.layers}
    for item, own, width in zip(lower(net, chosen).layers, net.layers, prove_widths(net), strict=True):
        size, layout, found = own.size, item.layout, tables(item.layout)
        assert item.width == width
        assert layout.form == chosen[own.name]
        assert layout.membranes % LANES == 0
        assert layout.membranes - size < 2 * LANES
        weight = np.array([[weight_of(layout, n, row) for n in range(layout.membranes)] for row in found["weight"]])
        assert weight.shape == (own.connection.in_size + 1, layout.membranes)
        assert np.array_equal(weight[:-1, :size], own.connection.weight.T)
        assert np.array_equal(found["bias"][:size], own.connection.bias)
        assert not weight[:, size:].any()
        assert not weight[-1].any()
        assert not found["bias"][size:].any()
        assert found["bias"].dtype == f"int{width.bits}"
        theta = found["theta"] if layout.theta is None else np.full(size, layout.theta)
        assert np.array_equal(theta, own.neuron.theta)


def scattered(connection, layout, spikes):
    """What the kernels of firmware/core do with the tables: a run of weights for every spike and kernel row."""
    found, numbers = tables(layout), layout.numbers
    weight, membrane = found["weight"].reshape(-1).astype(np.int64), np.zeros(connection.out_size, np.int64)
    if numbers["quads"]:
        weight = weight.reshape(-1, 4)[:, [0, 2, 1, 3]].reshape(-1)
    for place in np.flatnonzero(spikes).tolist():
        pixel, channel = divmod(place, numbers["channels"])
        row, column = found["row"][pixel // numbers["columns"]], found["column"][pixel % numbers["columns"]]
        for i in range(int(row["count"])):
            to = int(row["out"]) + int(column["out"]) + i * numbers["out_row"]
            at = channel * numbers["kernel"] + int(row["weight"]) + int(column["weight"]) + i * numbers["kernel_row"]
            membrane[to : to + int(column["count"])] += weight[at : at + int(column["count"])]
    return membrane


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_runs_of_weights_make_the_convolution(seed):
    net = random_conv_network(seed, largest=300)
    for item, own in zip(lower(net).layers, net.layers, strict=True):
        if not isinstance(own.connection, Conv2d):
            continue
        layout, random = item.layout, np.random.default_rng(seed)
        assert layout.membranes == own.size
        spikes = random.random(own.connection.in_size) < 0.3
        bias = cycled(layout, "bias", layout.bias_period, own.size)
        assert np.array_equal(scattered(own.connection, layout, spikes) + bias, naive.current(own.connection, spikes))
        if layout.theta is None:
            assert np.array_equal(cycled(layout, "theta", layout.theta_period, own.size), own.theta)
        else:
            assert np.all(own.theta == layout.theta)


def conv_network(channels=(12, 64), theta=1):
    """Two convolutions with pooling behind each, and two dense layers: 28x28 pictures, as for MNIST."""
    first = Conv2d(np.zeros((channels[0], 5, 5, 1), np.int8), np.zeros(channels[0], np.int32), 7, 28, 28)
    pool1 = MaxPool2d(24, 24, channels[0], 2, 2)
    weight = np.zeros((channels[1], 5, 5, channels[0]), np.int8)
    second = Conv2d(weight, np.zeros(channels[1], np.int32), 7, 12, 12)
    pool2 = MaxPool2d(8, 8, channels[1], 2, 2)
    dense = layer(0, 1, 512, pool2.out_size, SnnDc, "fc1"), layer(0, 1, 10, 512, SnnDc, "out")
    layers = [
        Layer(name, one, None if isinstance(one, MaxPool2d) else SnnDc(np.resize(np.int32(theta), one.out_size)))
        for name, one in (("conv1", first), ("pool1", pool1), ("conv2", second), ("pool2", pool2))
    ]
    return Network("conv", SpikeFrames(1, 28, 28), 8, (*layers, *dense), (Head("h", 0, 10, tuple("0123456789")),))


def test_biases_and_thresholds_of_channels_are_not_repeated_for_every_neuron():
    first, pooling, *_ = lower(conv_network(theta=[*range(12)])).layers
    assert (first.layout.bias_period, first.layout.theta_period, first.layout.theta) == (12, 12, None)
    assert tables(first.layout)["bias"].size == tables(first.layout)["theta"].size == 12 + 31
    assert lower(conv_network()).layers[0].layout.theta == 1
    assert (pooling.width, pooling.layout.membranes, pooling.layout.tables) == (None, 0, ())


def test_one_threshold_for_all_is_one_number():
    assert lower(network(3, 5)).layers[0].layout.theta == 1


def test_estimate_counts_tables_and_buffers():
    board = load_board("mps2_an386")
    small, large = estimate(network(64, 8), board), estimate(network(64, 16), board)
    assert small.flash > FIRMWARE_FLASH
    assert small.ram > FIRMWARE_RAM
    assert large.flash - small.flash == 65 * 8 + 2 * 8  # weights, those of a row of zeros among them, and biases
    assert large.ram - small.ram == 2 * 8  # membranes
    host = estimate(network(64, 8), replace(board, pointer=8))
    assert host.ram - small.ram == 64 * 4  # a list of pointers, twice as long each


def shrunk(flash, ram):
    return replace(load_board("mps2_an386"), flash=flash, ram=ram)


def test_what_fits_is_silent():
    check_fit(network(64, 8), load_board("mps2_an386"))


def test_too_little_flash_names_smaller_layers_and_other_boards():
    net, board = network(1156, 256, 256, 10), shrunk(256 * 1024, 128 * 1024)
    with pytest.raises(SpikecError) as caught:
        check_fit(net, board)
    (problem,) = caught.value.problems
    assert problem.where == "board mps2_an386"
    assert f"network 'net' needs about {estimate(net, board).flash:,} " in problem.what
    assert "bytes of flash, mps2_an386 has 262,144" in problem.what
    assert problem.hint.startswith("Train it with hidden layers of about ")
    assert re.search(r"or take another board: it fits .*mps2_an386.*, native", problem.hint)


def test_small_boards_say_what_they_lack():
    with pytest.raises(SpikecError) as caught:
        check_fit(network(1156, 256, 256, 10), load_board("stm32vldiscovery"))
    flash, ram = (problem.what for problem in caught.value.problems)
    assert "bytes of flash, stm32vldiscovery has 131,072" in flash
    assert "bytes of RAM, stm32vldiscovery has 8,192" in ram
    assert estimate(network(64, 8), load_board("microbit")).ram < 6_000, "its stack is small"


def test_the_named_size_does_fit():
    board = shrunk(256 * 1024, 128 * 1024)
    with pytest.raises(SpikecError, match=r"about (\d+) % of the size \((\d+), (\d+) neurons") as caught:
        check_fit(network(1156, 256, 256, 10), board)
    hint = caught.value.problems[0].hint
    sizes = [int(word) for word in hint.split("(")[1].split(" neurons")[0].split(", ")]
    assert estimate(network(1156, *sizes, 10), board).fits(board)


def test_convolutions_are_made_smaller_by_channels():
    net, whole = conv_network(), load_board("mps2_an386")
    need = estimate(net, whole)
    weights = 12 * 25 + 64 * 25 * 12 + 1024 * 512 + 512 * 16
    assert weights < need.flash - FIRMWARE_FLASH < weights + 5000
    with pytest.raises(SpikecError, match=r"of about (\d+) % of the size \(") as caught:
        check_fit(net, shrunk(256 * 1024, 128 * 1024))
    hint = caught.value.problems[0].hint
    words = hint.split("(")[1].split(")")[0]
    first, second, dense = (int(n) for n in re.findall(r"\d+", words))
    assert words == f"{first}, {second} channels and {dense} neurons"
    assert 6 <= first < 12
    assert estimate(conv_network((first, second)), whole).flash < need.flash


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
