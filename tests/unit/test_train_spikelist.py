"""Input spikes as lists: the same spikes, moves, dropouts, products and gradients as spelt-out batches."""

import numpy as np
import pytest
import torch

from trainer.layers.affine import Affine
from trainer.model import drop
from trainer.spikelist import SpikeStore

STEPS, SIZE = 4, 70


@pytest.fixture(params=[0.0, 0.1, 1.0])
def spikes(request):
    """Thirteen recordings, bool (recordings, steps, inputs)."""
    return np.random.default_rng(0).random((13, STEPS, SIZE)) < request.param


def store(spikes):
    return SpikeStore(np.packbits(spikes, axis=2, bitorder="little"), spikes.shape[2])


def dense(spikes):
    """The batch as the model sees it: float (steps, batch, inputs)."""
    return torch.from_numpy(spikes.astype(np.float32)).transpose(0, 1)


def test_batches_hold_the_chosen_recordings(spikes):
    chosen = np.array([3, 0, 12, 3])
    assert torch.equal(store(spikes).take(chosen).dense(), dense(spikes[chosen]))


def test_numbers_beyond_the_recordings_mean_backwards(spikes):
    chosen = np.array([3, 13 + 3, 13])
    wanted = np.stack([spikes[3], spikes[3, ::-1], spikes[0, ::-1]])
    assert torch.equal(store(spikes).take(chosen).dense(), dense(wanted))


def test_no_recordings_at_all():
    assert store(np.zeros((0, STEPS, SIZE), bool)).take(np.arange(0)).dense().shape == (STEPS, 0, SIZE)


def test_spikes_at_other_inputs_meet_and_become_one(spikes):
    batch = store(spikes).take(np.arange(13))
    kept = batch.columns % 3 > 0
    moved = batch.at(kept, batch.columns[kept] // 10)
    wanted = np.zeros_like(spikes)
    for recording, step, place in zip(*np.nonzero(spikes), strict=True):
        if place % 3:
            wanted[recording, step, place // 10] = True
    assert torch.equal(moved.dense(), dense(wanted))


def test_dropout_is_that_of_spelt_out_batches(spikes):
    batch = store(spikes).take(np.arange(13))
    torch.manual_seed(6)
    dropped = drop(batch, 0.3)
    torch.manual_seed(6)
    assert torch.equal(dropped.dense(), drop(batch.dense(), 0.3))


@pytest.mark.parametrize("dropped", [0.0, 0.3])
@pytest.mark.parametrize("bits", [None, 4])
def test_products_and_gradients(spikes, bits, dropped):
    batch = store(spikes).take(np.arange(13)).dropped(dropped)
    found = []
    for x in (batch, batch.dense()):
        torch.manual_seed(7)
        layer = Affine(SIZE, 9, bits=bits)
        current, theta = layer(x)
        (current * torch.linspace(-1, 1, 9)).sum().backward()
        found.append((current.detach(), theta, layer.weight.grad, layer.bias.grad))
    for one, other in zip(*found, strict=True):
        if bits is not None and not dropped and one is found[0][0]:
            assert torch.equal(one, other), "on the grid every sum is exact, in any order"
        torch.testing.assert_close(one, other)
