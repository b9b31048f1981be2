"""MNIST's images as spikes, for training (torch) and for evaluation (numpy)."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
import torch

from codegen.ir import SpikecError
from codegen.ir import images as coding
from codegen.ir.encoding import SpikeFrames
from trainer.datasets import images

FRAMES = SpikeFrames(1, 5, 4)


def write_set(folder, pictures, labels):
    (folder / "raw").mkdir(parents=True)
    for name, array in (("images-idx3", pictures), ("labels-idx1", labels)):
        header = struct.pack(f">I{array.ndim}I", 0x800 | array.ndim, *array.shape)
        (folder / "raw" / f"t10k-{name}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (6, 5, 4), dtype=np.uint8)


def test_sets_in_mnist_s_files(tmp_path, pictures):
    write_set(tmp_path / "FashionMNIST", pictures, np.arange(6, dtype=np.uint8))
    found = images.load_images(tmp_path, "Test", "FashionMNIST")
    assert np.array_equal(found.images, pictures)
    assert found.labels["class"].tolist() == list(range(6))
    assert len(found) == 6
    with pytest.raises(SpikecError, match="holds no MNIST images"):
        images.load_images(tmp_path, "Test")


def test_bad_sets_are_told(tmp_path, pictures):
    with pytest.raises(SpikecError, match="'test' is unknown"):
        images.load_images(tmp_path, "test")
    write_set(tmp_path, pictures, np.arange(5, dtype=np.uint8))
    with pytest.raises(SpikecError, match=r"shape \(6, 5, 4\), its labels one of shape \(5,\)"):
        images.load_images(tmp_path, "Test")


def test_evaluation_spikes_do_not_depend_on_the_batch(pictures):
    found = images.ImageSet(pictures, np.zeros(6, np.int64))
    everything = found.fixed_spikes(FRAMES, 9, 3, np.arange(6))
    assert everything.shape == (6, 9, 20)
    assert np.array_equal(everything, coding.bernoulli(pictures, 9, 3))
    assert np.array_equal(found.fixed_spikes(FRAMES, 9, 3, np.array([5, 2])), everything[[5, 2]])
    assert not np.array_equal(found.fixed_spikes(FRAMES, 9, 4, np.arange(6)), everything)


def test_training_spikes_follow_the_grey_values():
    grey = torch.tensor([[0, 51, 128, 254, 255]], dtype=torch.uint8)
    torch.manual_seed(0)
    spikes = images.fresh_spikes(grey, SpikeFrames(1, 1, 5), 40_000)
    assert spikes.shape == (40_000, 1, 5)
    assert set(spikes.unique().tolist()) == {0.0, 1.0}
    rate = spikes.mean(dim=(0, 1)).tolist()
    assert rate[0] == 0.0
    assert rate[4] == 1.0
    assert rate[1:4] == pytest.approx([51 / 255, 128 / 255, 254 / 255], abs=0.01)


def test_training_spikes_are_fresh_and_repeatable(pictures):
    batch = torch.from_numpy(pictures)
    torch.manual_seed(5)
    first, second = (images.fresh_spikes(batch, FRAMES, 8) for _ in range(2))
    assert not torch.equal(first, second)
    torch.manual_seed(5)
    assert torch.equal(first, images.fresh_spikes(batch, FRAMES, 8))


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["MNIST", "FashionMNIST"])
def test_the_real_sets(name, real_data):
    found = images.load_images(real_data, "Test", name)
    assert found.images.shape == (10_000, 28, 28)
    assert np.bincount(found.classes).min() > 800


def test_coding_without_random_numbers_is_the_same_in_training(pictures):
    encoding = SpikeFrames(1, 5, 4, "threshold")
    found = images.ImageSet(pictures, np.zeros(len(pictures), np.int64))
    fixed = found.fixed_spikes(encoding, 5, 0, np.arange(6))
    fresh = images.fresh_spikes(torch.from_numpy(found.images), encoding, 5)
    assert np.array_equal(fresh.transpose(0, 1).numpy(), fixed)


def test_training_downsamples_as_evaluation_does():
    blocks = np.random.default_rng(0).integers(0, 64, (3, 14, 14), dtype=np.uint8) * 4
    pictures = blocks.repeat(2, axis=1).repeat(2, axis=2)  # Blocks of one brightness: their means are exact.
    encoding = SpikeFrames(1, 14, 14, "threshold", 2)
    fixed = images.ImageSet(pictures, np.zeros(len(pictures), np.int64)).fixed_spikes(encoding, 7, 0, np.arange(3))
    fresh = images.fresh_spikes(torch.from_numpy(pictures), encoding, 7)
    assert np.array_equal(fresh.transpose(0, 1).numpy(), fixed)
    assert np.array_equal(fixed[:, 0], (blocks > 127).reshape(3, -1))
