"""Distorting training samples: turned, sized, sheared and moved a little, each in its own way."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from trainer.schema import Augment
from trainer.spikelist import SpikeList

STRETCH = 0.5
"""How far the zoom of rows and columns may differ, as a part of the zoom."""


def maps(augment: Augment, count: int) -> Tensor:
    """Draw affine maps about the centre of a picture: (count, 2, 3) for (x, y, 1), in pixels.

    Draws from torch's global random numbers.
    """

    def draw(most: float) -> Tensor:
        return (2 * torch.rand(count) - 1) * most

    angle, zoom, shear = draw(math.radians(augment.rotate)), 1 + draw(augment.zoom), draw(augment.shear)
    tall = zoom * (1 + draw(augment.zoom * STRETCH))
    cosine, sine = angle.cos(), angle.sin()
    first = torch.stack([cosine * zoom, (shear - sine) * zoom, draw(augment.shift)], dim=1)
    second = torch.stack([sine * tall, cosine * tall, draw(augment.shift)], dim=1)
    return torch.stack([first, second], dim=1)


def distort_images(images: Tensor, augment: Augment) -> Tensor:
    """Distort images (n, rows, columns), any type, each in its own way; returns float32. What comes in is 0."""
    if augment == Augment():
        return images.float()
    count, rows, columns = images.shape
    chosen = maps(augment, count).to(images.device)
    chosen[:, :, 2] *= 2 / torch.tensor([columns, rows], device=images.device)  # torch counts from -1 to 1.
    grid = functional.affine_grid(chosen, [count, 1, rows, columns], align_corners=False)
    return functional.grid_sample(images[:, None].float(), grid, align_corners=False)[:, 0]


def distort_spikes(spikes: SpikeList, shape: tuple[int, int, int], augment: Augment) -> SpikeList:
    """Distort the samples of a batch, each in its own way, all its steps alike.

    ``shape``: (rows, columns, channels). Spikes go to the nearest pixel; those that leave the sensor are lost.
    """
    if augment == Augment():
        return spikes
    rows, columns, channels = shape
    chosen = maps(augment, spikes.batch).numpy()[spikes.rows % spikes.batch]
    pixel, channel = np.divmod(spikes.columns.astype(np.int32), channels)
    y, x = np.divmod(pixel, columns)
    centre = ((columns - 1) / 2, (rows - 1) / 2)
    place = np.stack([x - centre[0], y - centre[1], np.ones(len(x))], axis=1)
    moved = np.einsum("nij,nj->in", chosen, place)
    x, y = (np.rint(value + middle).astype(np.int32) for value, middle in zip(moved, centre, strict=True))
    inside = (x >= 0) & (x < columns) & (y >= 0) & (y < rows)
    return spikes.at(inside, ((y * columns + x) * channels + channel)[inside])
