"""Distorted images and recordings: within the bounds, each in its own way, steps alike."""

import numpy as np
import pytest
import torch

from trainer.augment import distort_images, distort_spikes, maps
from trainer.recipe import Augment
from trainer.spikelist import SpikeStore

SHAPE = (5, 7, 2)


def test_maps_keep_to_their_bounds():
    torch.manual_seed(0)
    moves = maps(Augment(shift=2.5), 1000)
    assert torch.equal(moves[:, :, :2], torch.eye(2).expand(1000, 2, 2))
    assert 2.3 < float(moves[:, :, 2].abs().max()) <= 2.5
    turns = maps(Augment(rotate=30), 1000)[:, :, :2]
    assert torch.allclose(torch.linalg.det(turns), torch.ones(1000), atol=1e-5)
    assert 25 < float(turns[:, 0, 0].clamp(max=1).acos().rad2deg().max()) <= 30.01
    sizes = torch.linalg.det(maps(Augment(zoom=0.2), 1000)[:, :, :2])
    assert 0.8**2 * 0.9 <= float(sizes.min()) < 0.9
    assert 1.1 < float(sizes.max()) <= 1.2**2 * 1.1


def test_images_are_left_alone_or_moved():
    image = torch.zeros(1, 5, 5, dtype=torch.uint8)
    image[0, 2, 2] = 200
    assert torch.equal(distort_images(image, Augment()), image.float())
    torch.manual_seed(1)
    moved = distort_images(image.expand(50, 5, 5), Augment(shift=1.5))
    assert torch.allclose(moved.sum(dim=(1, 2)), torch.tensor(200.0), rtol=1e-4)  # Nothing lost, nothing new.
    assert len({tuple(picture.flatten().tolist()) for picture in moved}) == 50


@pytest.mark.parametrize("augment", [Augment(shift=1.0), Augment(shift=2.0, rotate=20, zoom=0.3, shear=0.1)])
def test_recordings_are_distorted_step_by_step_alike(augment):
    random = np.random.default_rng(0)
    still = np.repeat(random.random((40, 1, 70)) < 0.1, 3, axis=1)  # The same picture in all three steps.
    batch = SpikeStore(np.packbits(still, axis=2, bitorder="little"), 70).take(np.arange(40))
    torch.manual_seed(2)
    moved = distort_spikes(batch, SHAPE, augment).dense()
    assert set(moved.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(moved[0], moved[1])
    assert not torch.equal(moved, batch.dense())
    assert torch.all(moved.sum(dim=2) <= batch.dense().sum(dim=2))  # Spikes are lost or meet; none is made.


def test_a_move_by_whole_pixels_is_one():
    spikes = np.zeros((1, 1, 70), bool)
    spikes[0, 0, (2 * 7 + 3) * 2 + 1] = True  # Row 2, column 3, channel 1.
    batch = SpikeStore(np.packbits(spikes, axis=2, bitorder="little"), 70).take(np.arange(1))
    places = set()
    for seed in range(200):
        torch.manual_seed(seed)
        (place,) = np.flatnonzero(distort_spikes(batch, SHAPE, Augment(shift=1.4)).dense().numpy())
        pixel, channel = divmod(int(place), 2)
        assert channel == 1
        places.add(divmod(pixel, 7))
    assert places == {(row, column) for row in (1, 2, 3) for column in (2, 3, 4)}
