"""From spike to spike in one loop: the spikes and gradients of product and recursion one after the other."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer import events
from trainer.events import fire, listed
from trainer.layers.affine import Affine
from trainer.model import SpikingNetwork, drop
from trainer.neurons import dynamics
from trainer.precision import exact_products
from trainer.spikelist import SpikeStore


def plain(layer, spikes):
    current, theta = layer(spikes)
    return dynamics()["snn_ct"](current, theta, membranes=False)[0]


def at_once(layer, spikes):
    found = fire(layer, "snn_ct", spikes)
    assert found is not None
    return found


def dense_of(shape, density, seed):
    random = torch.Generator().manual_seed(seed)
    return (torch.rand(shape, generator=random) < density).float()


def as_list(spikes):
    """The list of a spelt-out batch (steps, batch, in)."""
    packed = np.packbits(spikes.transpose(0, 1).numpy().astype(bool), axis=2, bitorder="little")
    return SpikeStore(packed, spikes.shape[2]).take(np.arange(spikes.shape[1]))


def results(way, layer, spikes, learn=1):
    """Spikes, and gradients by weights, biases and spikes, of a layer that is trained towards any numbers."""
    layer.zero_grad()
    wants = isinstance(spikes, torch.Tensor)
    given_spikes = spikes.clone().requires_grad_() if wants else spikes
    fired = way(layer, given_spikes)
    wanted = torch.linspace(-1, 2, fired.numel(), dtype=fired.dtype).reshape(fired.shape)
    (fired * wanted * learn).sum().backward()
    return fired.detach(), layer.weight.grad, layer.bias.grad, given_spikes.grad if wants else torch.zeros(())


def assert_same(found, wanted):
    assert found[0].dtype == wanted[0].dtype
    assert torch.equal(found[0], wanted[0])
    for one, other in zip(found[1:], wanted[1:], strict=True):
        assert one.shape == other.shape
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5 * float(other.abs().max() + 1))


@settings(deadline=None)  # The first example compiles.
@given(
    st.tuples(st.integers(1, 9), st.integers(1, 5), st.integers(1, 70), st.integers(1, 40)),
    st.integers(1, 8),
    st.sampled_from([0.0, 0.02, 0.1, 0.5, 1.0]),
    st.booleans(),
    st.sampled_from([0.5, 1.0, 4.0]),
    st.integers(0, 2**32),
)
def test_spikes_are_the_same_bits_and_gradients_the_same_sums(sizes, bits, density, per_output, gain, seed):
    steps, batch, inputs, outputs = sizes
    torch.manual_seed(seed)
    layer = Affine(inputs, outputs, bits=bits, gain=gain, per_output=per_output)
    layer.bias.data.uniform_(-0.3, 0.3)
    layer.theta.mul_(0.75).ceil_()  # A grid that fitted earlier weights: some are clipped now, others are not.
    spikes = dense_of((steps, batch, inputs), density, seed)
    wanted = results(plain, layer, spikes)
    assert_same(results(at_once, layer, spikes), wanted)
    assert_same(results(at_once, layer, as_list(spikes)), (*wanted[:3], torch.zeros(())))


@pytest.mark.parametrize("bits", [7, 8])
@pytest.mark.parametrize("sign", [-1, 1])
def test_sums_that_do_not_fit_16_bits(bits, sign):
    layer = Affine(1156, 3, bits=bits)
    layer.weight.data.fill_(sign * 1.0)
    layer.theta.fill_(127)
    layer.bias.data.fill_(-sign * 500.0)
    spikes = dense_of((3, 4, 1156), 1.0, 0)
    largest = (2 ** (bits - 1) - 1) * 1156
    assert largest > 2 * 2**15
    assert_same(results(at_once, layer, spikes), results(plain, layer, spikes))


def test_membranes_that_do_not_fit_float32():
    torch.manual_seed(0)
    layer = Affine(40, 9, bits=8)
    layer.theta.fill_(2**14)
    layer.bias.data.uniform_(-100, 100)  # 16 steps of 100 * 2^14 are beyond 2^24.
    spikes = dense_of((16, 5, 40), 0.3, 0)
    found = results(at_once, layer, spikes)
    assert found[0].dtype == torch.float64
    assert_same(found, results(plain, layer, spikes))


@pytest.mark.parametrize("density", [0.03, 0.6])
def test_dropout_scales_what_is_left(density):
    torch.manual_seed(3)
    layer = Affine(50, 20, bits=5, gain=2.0)
    spikes = drop(dense_of((8, 6, 50), density, 1), 0.2)
    assert set(spikes.unique().tolist()) == {0.0, 1.25}  # A number without rounding, so that the spikes are the same.
    assert_same(results(at_once, layer, spikes), results(plain, layer, spikes))


def test_spikes_that_count_differently_are_left_to_the_product():
    spikes = torch.tensor([0.0, 1.0, 0.5, 1.0]).reshape(1, 2, 2)
    assert listed(spikes) is None
    assert fire(Affine(2, 3, bits=4), "snn_ct", spikes) is None
    assert listed(torch.tensor([1.0, torch.nan]).reshape(1, 1, 2)) is None


@pytest.mark.parametrize(("kind", "bits"), [("snn_dc", 4), ("snn_ct", None)])
def test_other_neurons_and_float_weights_are_left_to_the_product(kind, bits):
    assert fire(Affine(2, 3, bits=bits), kind, torch.ones(1, 1, 2)) is None


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("batch", [1, 3, 64])
def test_any_number_of_threads_makes_the_same_spikes(threads, batch):
    torch.manual_seed(0)
    layer = Affine(30, 12, bits=6)
    spikes = dense_of((4, batch, 30), 0.2, 0)
    before = torch.get_num_threads()
    wanted = results(plain, layer, spikes)
    torch.set_num_threads(threads)
    try:
        assert_same(results(at_once, layer, spikes), wanted)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("units", [False, True])
@pytest.mark.parametrize("density", [0.05, 0.5])
def test_gradients_in_bfloat16_are_near_and_spikes_the_same(monkeypatch, units, density):
    """In full precision outside of ``exact_products``, whatever the processor has."""
    monkeypatch.setattr(events, "bfloat16_units", lambda: units)
    torch.manual_seed(0)
    network = SpikingNetwork([64, 32, 4], "snn_ct", bits=7)
    layer, spikes = network.layers[0], dense_of((6, 16, 64), density, 0)
    wanted = results(plain, layer, spikes)
    assert_same(results(at_once, layer, spikes), wanted)
    with exact_products(network):
        found = results(at_once, layer, spikes)
    assert torch.equal(found[0], wanted[0])
    for one, other in zip(found[1:], wanted[1:], strict=True):
        torch.testing.assert_close(one, other, rtol=0.02, atol=0.02 * float(other.abs().max()))
    rounded = torch.equal(found[3], found[3].bfloat16().float())
    assert rounded == units, "the product was to be rounded just where there are units"


def test_the_network_takes_it_where_nobody_asks_for_membranes(monkeypatch):
    taken = []
    monkeypatch.setattr("trainer.model.fire", lambda *given: taken.append(given[0]) or fire(*given))
    torch.manual_seed(0)
    network = SpikingNetwork([40, 30, 20, 5], "snn_ct", bits=6, gain=3.0)
    spikes = dense_of((8, 7, 40), 0.2, 0)
    full = network.activity(spikes)
    assert not taken
    quick = network.activity(spikes, membranes=False)
    assert taken == list(network.layers[:2])  # The outputs' summed input is wanted for the loss on membranes.
    assert all(layer.any() for layer in full.spikes)
    assert all(torch.equal(one, other) for one, other in zip(full.spikes, quick.spikes, strict=True))
    assert torch.equal(full.current, quick.current)
