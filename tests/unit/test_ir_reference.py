"""The reference simulator: trace = batch = a naive loop in 64-bit integers, and the readouts."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder import random_network, random_sample

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
from codegen.ir.neurons.base import Range


def naive(network, inputs):
    """All spikes and membranes by loops over samples, steps and layers; sums in int64, nothing clever."""
    spikes = [np.zeros((len(inputs), network.steps, layer.size), bool) for layer in network.layers]
    membranes = [np.zeros((len(inputs), network.steps, layer.size), np.int64) for layer in network.layers]
    for sample, frames in enumerate(inputs):
        v = [np.zeros(layer.size, np.int64) for layer in network.layers]
        for step, x in enumerate(frames):
            for i, layer in enumerate(network.layers):
                theta = layer.neuron.theta.astype(np.int64)
                current = layer.connection.weight.astype(np.int64) @ x.astype(np.int64) + layer.connection.bias
                v[i] = current if layer.neuron.kind == "snn_dc" else v[i] + current
                x = v[i] > theta  # noqa: PLW2901 - the next layer's input
                if layer.neuron.kind == "snn_ct":
                    v[i] = np.where(x, v[i] - theta, v[i])
                spikes[i][sample, step], membranes[i][sample, step] = x, v[i]
    return spikes, membranes


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_trace_is_batch_is_naive(seed):
    network = random_network(seed, largest=40)
    inputs = np.stack([random_sample(network, seed + i).spikes for i in range(3)])
    spikes, membranes = naive(network, inputs)
    batch = simulate_batch(network, inputs)
    before = inputs
    for i, layer in enumerate(network.layers):
        assert np.array_equal(batch.layer_spikes[:, i], spikes[i].sum(axis=2))
        assert np.array_equal(batch.synops[:, i], before.sum(axis=(1, 2)) * layer.size)
        before = spikes[i]
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


def test_chunks_do_not_change_results(monkeypatch):
    network = random_network(3, largest=30)
    inputs = np.stack([random_sample(network, i).spikes for i in range(7)])
    whole = simulate_batch(network, inputs)
    monkeypatch.setattr(reference, "CHUNK_BYTES", 1)
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
