"""The reference simulator: trace = batch = a naive loop in 64-bit integers, and the readouts."""

from dataclasses import replace

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder import random_conv_network, random_network, random_sample

from codegen.ir import (
    Affine,
    Head,
    Layer,
    Network,
    SnnCt,
    SnnDc,
    SpikecError,
    SpikeFrames,
    answers,
    reference,
    simulate,
    simulate_batch,
)
from codegen.ir.layers import conv2d
from codegen.ir.neurons.base import Range


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_trace_is_batch_is_naive(seed):
    equal_to_naive(random_network(seed, largest=40), seed)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_convolutions_are_naive_too(seed):
    equal_to_naive(random_conv_network(seed, largest=300), seed)


def equal_to_naive(network, seed):
    inputs = np.stack([random_sample(network, seed + i).spikes for i in range(3)])
    spikes, membranes, synops = naive.simulate(network, inputs)
    batch = simulate_batch(network, inputs)
    assert np.array_equal(batch.synops, synops)
    for i in range(len(network.layers)):
        assert np.array_equal(batch.layer_spikes[:, i], spikes[i].sum(axis=2))
    assert np.array_equal(batch.spikes, spikes[-1])
    assert np.array_equal(batch.membranes, membranes[-1])
    assert np.array_equal(batch.counts, np.cumsum(spikes[-1], axis=1))
    for sample in range(3):
        trace = simulate(network, inputs[sample])
        for i in range(len(network.layers)):
            assert np.array_equal(trace.spikes[i], spikes[i][sample])
            assert np.array_equal(trace.membranes[i], membranes[i][sample])
        for head in network.heads:
            assert np.array_equal(trace.answers[head.name], batch.answers[head.name][sample])


@pytest.mark.parametrize("make", [random_network, random_conv_network])
def test_chunks_do_not_change_results(make, monkeypatch):
    network = make(3, largest=300)
    inputs = np.stack([random_sample(network, i).spikes for i in range(7)])
    whole = simulate_batch(network, inputs)
    monkeypatch.setattr(reference, "CHUNK_BYTES", 1)
    monkeypatch.setattr(conv2d, "PATCH_BYTES", 1)
    pieces = simulate_batch(network, inputs)
    assert np.array_equal(whole.membranes, pieces.membranes)
    assert np.array_equal(whole.layer_spikes, pieces.layer_spikes)
    assert np.array_equal(whole.synops, pieces.synops)


def one_neuron(bias, theta, neuron, steps):
    layer = Layer(
        "only", Affine(np.array([[1]], np.int8), np.array([bias], np.int32), 2), neuron(np.array([theta], np.int32))
    )
    return Network("one", SpikeFrames(1, 1, 1), steps, (layer,), (Head("h", 0, 1, ("a",)),))


@pytest.mark.parametrize(
    ("bias", "theta", "dtype"),
    [(1, 3, np.float32), (2**24, 2**24, np.float64), (2**24 - 3, 0, np.float32), (2**24 - 1, 0, np.float64)],
)
def test_sums_that_a_float_would_round_are_kept_exact(bias, theta, dtype):
    network = one_neuron(bias, theta, SnnDc, 2)
    assert reference.exact_dtype(network.layers[0], 2) == dtype
    trace = simulate(network, np.array([[True], [False]]))
    assert trace.membranes[0][:, 0].tolist() == [bias + 1, bias]
    assert trace.spikes[0][:, 0].tolist() == [bias + 1 > theta, bias > theta]


def test_beyond_doubles_it_counts_in_integers(monkeypatch):
    """No network within 32 bits gets there; the choice must be right all the same."""
    far = np.array([2**53])
    monkeypatch.setattr(Layer, "membrane_range", lambda *_: Range(-far, far))
    assert reference.exact_dtype(one_neuron(0, 0, SnnCt, 1).layers[0], 1) == np.int64


def test_int32_extremes_are_exact():
    network = one_neuron(2**31 - 1, -(2**31), SnnDc, 1)
    frames = np.array([[False]])
    assert simulate(network, frames).membranes[0][0, 0] == 2**31 - 1
    assert simulate(network, frames).spikes[0][0, 0]


@pytest.mark.parametrize("simulator", [simulate, simulate_batch])
def test_wrong_shapes_and_types_are_told(simulator):
    network = one_neuron(0, 0, SnnDc, 2)
    lead = () if simulator is simulate else (4,)
    for bad in (np.zeros((*lead, 2, 2), bool), np.zeros((*lead, 2, 1)), np.zeros((1, *lead, 2, 1), bool)):
        with pytest.raises(SpikecError, match="Network 'one' takes bool"):
            simulator(network, bad)


def readout_network(readout):
    network = one_neuron(0, 0, SnnDc, 3)
    layer = Layer("only", Affine(np.ones((3, 1), np.int8), np.zeros(3, np.int32), 2), SnnDc(np.zeros(3, np.int32)))
    return replace(network, layers=(layer,), heads=(Head("h", 0, 3, ("a", "b", "c")),), readout=readout)


SPIKES = np.array([[0, 0, 1], [0, 1, 0], [0, 1, 0]], bool)
MEMBRANES = np.array([[5, 5, 1], [-3, -2, -2], [0, 0, 7]])


@pytest.mark.parametrize(
    ("readout", "expected"), [("count", [2, 1, 1]), ("first_spike", [2, 2, 2]), ("membrane", [0, 1, 2])]
)
def test_readouts_after_every_step(readout, expected):
    assert answers(readout_network(readout), SPIKES, MEMBRANES)["h"].tolist() == expected


def test_silent_outputs_name_class_0():
    for readout in ("count", "first_spike"):
        given = answers(readout_network(readout), np.zeros((3, 3), bool), MEMBRANES)["h"]
        assert given.tolist() == [0, 0, 0]


def test_heads_count_from_their_first_output():
    network = replace(readout_network("count"), heads=(Head("x", 0, 1, ("a",)), Head("y", 1, 3, ("b", "c"))))
    given = answers(network, SPIKES, MEMBRANES)
    assert given["x"].tolist() == [0, 0, 0]
    assert given["y"].tolist() == [1, 0, 0]
