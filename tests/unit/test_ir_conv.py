"""Convolution and pooling: bounds that are met, synaptic operations, what validation says, the file and the digest."""

from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder import random_conv_network

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
    load,
    save,
)
from codegen.ir.network import describe
from codegen.ir.reference import exact_dtype, step_through


def conv(height=6, width=5, channels=2, out=3, kernel=3, bits=4, **changes):
    fields = {
        "weight": np.ones((out, kernel, kernel, channels), np.int8), "bias": np.zeros(out, np.int32), "bits": bits,
        "height": height, "width": width,
    }  # fmt: skip
    return Conv2d(**fields | changes)


def neurons(connection, theta=1):
    return SnnDc(np.full(connection.out_size, theta, np.int32))


def network(*connections, encoding=None, **changes):
    """The connections with neurons where they need them, and a dense layer of two behind."""
    last = connections[-1]
    dense = Affine(np.ones((2, last.out_size), np.int8), np.zeros(2, np.int32), 2)
    layers = tuple(
        Layer(f"layer{i}", one, None if isinstance(one, MaxPool2d) else neurons(one))
        for i, one in enumerate([*connections, dense])
    )
    rows, columns, channels = connections[0].in_shape
    given = encoding or SpikeFrames(channels, rows, columns)
    return replace(Network("net", given, 4, layers, (Head("h", 0, 2, ("a", "b")),)), **changes)


def only_problem(bad):
    problems = find_problems(bad)
    assert len(problems) == 1, problems
    return str(problems[0])


def test_channels_come_last():
    """An input spike of channel 1 in row 2, column 3 adds its own weights, flipped, around its place."""
    weight = np.arange(2 * 3 * 3 * 2, dtype=np.int8).reshape(2, 3, 3, 2)
    layer = Conv2d(weight, np.array([100, 200], np.int32), 8, height=5, width=6)
    spikes = np.zeros((5, 6, 2), bool)
    spikes[2, 3, 1] = True
    current = layer.current(spikes.reshape(-1), np.int64).reshape(layer.out_shape)
    assert layer.out_shape == (3, 4, 2)
    wanted = np.tile(np.array([100, 200]), (3, 4, 1))
    for y in range(3):
        for x in range(1, 4):
            wanted[y, x] += weight[:, 2 - y, 3 - x, 1]
    assert np.array_equal(current, wanted)


def test_paddings_and_strides_give_torchs_shapes():
    assert conv(28, 28, 1, 12, 5).out_shape == (24, 24, 12)
    assert conv(7, 9, 1, 1, 3, stride=2, padding=1).out_shape == (4, 5, 1)
    assert conv(6, 6, 1, 1, 3, stride=2).out_shape == (2, 2, 1)
    assert MaxPool2d(24, 24, 12, 2, 2).out_shape == (12, 12, 12)
    assert MaxPool2d(7, 5, 3, 2, 2).out_shape == (3, 2, 3)
    assert MaxPool2d(7, 5, 3, 3, 1).out_shape == (5, 3, 3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([-1, 1]))
def test_bounds_of_sums_are_reached_and_never_passed(seed, sign):
    """All spikes whose weight to a neuron has one sign: its sum is the bound, bias aside."""
    connection = random_conv_network(seed, largest=300).layers[0].connection
    bounds, random = connection.current_range(), np.random.default_rng(seed)
    every = naive.current(connection, np.ones(connection.in_size, bool))
    assert np.all((bounds.low <= every) & (every <= bounds.high))
    neuron = int(random.integers(connection.out_size))
    effect = np.array([
        connection.current(one, np.int64)[neuron] for one in np.eye(connection.in_size, dtype=bool)
    ]) - connection.bias[neuron % len(connection.bias)]  # fmt: skip
    summed = int(connection.current(effect * sign > 0, np.int64)[neuron])
    bias = int(connection.bias[neuron % len(connection.bias)])
    wanted = bounds.high[neuron] if sign > 0 else bounds.low[neuron]
    assert summed - bias == wanted - (max(bias, 0) if sign > 0 else min(bias, 0))


def test_edges_meet_fewer_weights():
    layer = conv(3, 3, 1, 1, 3, padding=1)
    assert layer.current_range().high.reshape(3, 3).tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]
    one = np.eye(9, dtype=bool)[:, None]
    assert layer.synops(one).reshape(3, 3).tolist() == [[4, 6, 4], [6, 9, 6], [4, 6, 4]]
    assert conv(3, 3, 1, 5, 3).synops(one).tolist() == [5] * 9


def test_inputs_that_no_window_meets_cost_nothing():
    layer = conv(4, 4, 1, 1, 3, stride=2)
    assert layer.synops(np.ones((1, 1, 16), bool)).tolist() == [9]


def test_float_types_are_chosen_by_the_sums():
    wide = conv(out=1, bias=np.array([2**24 - 17], np.int32))
    assert exact_dtype(Layer("a", wide, neurons(wide, 0)), 1) == np.float64
    assert exact_dtype(Layer("a", wide, neurons(wide, 2)), 1) == np.float64
    narrow = conv(out=1, bias=np.array([2**24 - 19], np.int32))
    assert exact_dtype(Layer("a", narrow, neurons(narrow, 0)), 1) == np.float32
    assert exact_dtype(Layer("a", MaxPool2d(2, 2, 1, 2, 2), None), 1) == np.float32


def test_pooling_has_no_membranes():
    layer = Layer("a", MaxPool2d(2, 2, 1, 2, 2), None)
    spikes, membranes = step_through(layer, np.eye(4, dtype=bool)[None], np.dtype(np.float32))
    assert spikes.tolist() == [[[True]] * 4]
    assert membranes.shape == (1, 4, 0)
    assert layer.theta.size == 0
    assert layer.membrane_range(3).magnitude == 0


# ---- validation ------------------------------------------------------------------------------------------------------


def test_a_sound_network():
    assert find_problems(network(conv(), MaxPool2d(4, 3, 3, 2, 1))) == []


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (network(conv(), MaxPool2d(4, 3, 4, 2, 1)),
         "layer layer1: takes spikes of shape 4x3x4 but layer layer0 has 4x3x3. Make rows, columns and channels equal"),
        (network(conv(), encoding=SpikeFrames(2, 5, 6)),
         "layer layer0: takes spikes of shape 6x5x2 but the input has 5x6x2. Make rows, columns and channels equal"),
        (network(conv(), conv(4, 3, 3, bits=9)), "layer layer1: weights of 9 bits are not supported. Use 2 to 8"),
        (network(conv(weight=np.full((3, 3, 3, 2), -8, np.int8))),
         "layer layer0: weight[0, 0, 0, 0] = -8 does not fit 4 signed bits (54 such weights). "
         "Symmetric 4-bit weights go from -7 to 7"),
        (network(conv(bias=np.array([0, 2**31 - 1, 0], np.int32))),
         "layer layer0: neuron 1's membrane can reach 0 to 2147483665, beyond 32 bits. "
         "Use fewer than 4 steps, smaller biases or a threshold nearer to zero"),
    ],
)  # fmt: skip
def test_message(bad, message):
    assert only_problem(bad) == message


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (conv(weight=np.ones((3, 3, 2), np.int8)),
         "x: weight has shape (3, 3, 2) and bias (3,). "
         "They must be (out, kernel_height, kernel_width, in) and (out,), neither empty"),
        (conv(bias=np.zeros(2, np.int32)),
         "x: weight has shape (3, 3, 3, 2) and bias (2,). "
         "They must be (out, kernel_height, kernel_width, in) and (out,), neither empty"),
        (conv(height=0), "x: height 0. Use 1 or more"),
        (conv(stride=0), "x: stride 0. Use 1 or more"),
        (conv(padding=-1), "x: padding -1. Use 0 or more"),
        (conv(2, 3, padding=0),
         "x: the kernel is 3x3 but the input 2x3 with its padding. Use a smaller kernel or more padding"),
        (MaxPool2d(2, 2, 1, 3, 1), "x: windows of 3x3 but an input of 2x2. Use a smaller window"),
        (MaxPool2d(2, 2, 0, 2, 1), "x: channels 0. Use 1 or more"),
        (MaxPool2d(2, 2, 1, 2, 0), "x: stride 0. Use 1 or more"),
    ],
)  # fmt: skip
def test_message_of_a_connection(connection, message):
    assert [str(problem) for problem in connection.problems("x")] == [message]


def test_all_problems_of_a_connection_at_once():
    assert len(conv(height=0, width=0, stride=0, padding=-1, bits=1).problems("x")) == 5


def test_pooling_has_no_neurons_and_all_else_has():
    sound = network(conv(), MaxPool2d(4, 3, 3, 2, 1))
    first, pooling, dense = sound.layers
    with_neurons = replace(pooling, neuron=SnnCt(np.ones(pooling.size, np.int32)))
    bad = only_problem(replace(sound, layers=(first, with_neurons, dense)))
    assert bad == "layer layer1: pooling with neurons behind it. Let its neuron be None"
    bad = only_problem(replace(sound, layers=(replace(first, neuron=None), pooling, dense)))
    assert bad == "layer layer0: weights without neurons behind them. Give it neurons: only pooling has none"


def test_pooling_cannot_come_last():
    sound = network(conv(), MaxPool2d(4, 3, 3, 2, 1))
    bad = only_problem(replace(sound, layers=sound.layers[:2]))
    assert bad == "layer layer1: is the last layer but has no neurons. Let a layer with neurons come last"


def test_dense_layers_take_any_shape_of_their_size_but_give_a_flat_one():
    flat = Affine(np.ones((6, 4), np.int8), np.zeros(6, np.int32), 2)
    assert find_problems(network(conv(2, 2, 1, 6, 2), encoding=SpikeFrames(1, 2, 2))) == []
    behind = network(conv(2, 3, 1, 1, 2), encoding=SpikeFrames(1, 2, 2))
    behind = replace(behind, layers=(Layer("flat", flat, neurons(flat)), *behind.layers))
    message = "layer layer0: takes spikes of shape 2x3x1 but layer flat has 6. Make rows, columns and channels equal"
    assert only_problem(behind) == message


# ---- file and digest -------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_round_trip(tmp_path_factory, seed):
    one = random_conv_network(seed, largest=300)
    path = tmp_path_factory.mktemp("spk") / "a.spk"
    save(one, path)
    again = load(path)
    assert again.digest == one.digest
    assert describe(again) == describe(one)
    for layer, other in zip(again.layers, one.layers, strict=True):
        assert layer.connection.in_shape == other.connection.in_shape
        assert layer.connection.out_shape == other.connection.out_shape
        assert np.array_equal(layer.theta, other.theta)


def test_description():
    layers = describe(network(conv(stride=1, padding=1), MaxPool2d(6, 5, 3, 2, 2)))["layers"]
    fields = {"bits": 4, "height": 6, "width": 5, "stride": 1, "padding": 1}
    assert layers[0]["connection"] == {"kind": "conv2d", **fields}
    assert layers[1] == {
        "name": "layer1", "neuron": None,
        "connection": {"kind": "max_pool2d", "height": 6, "width": 5, "channels": 3, "kernel": 2, "stride": 2},
    }  # fmt: skip


def test_stride_and_padding_change_the_digest():
    digests = {network(conv(5, 5, stride=s, padding=p)).digest for s in (1, 2) for p in (0, 1)}
    assert len(digests) == 4


def test_unsound_convolutions_are_not_written(tmp_path):
    sound = network(conv())
    bad = replace(sound.layers[0], connection=conv(stride=0))
    with pytest.raises(SpikecError, match="layer layer0: stride 0"):
        save(replace(sound, layers=(bad, *sound.layers[1:])), tmp_path / "x.spk")
