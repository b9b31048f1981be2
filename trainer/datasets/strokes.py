"""scikit-learn's handwritten digits, 8x8 pixels, drawn smooth and large, moved, sized and turned a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import fail

SIDE = 28
"""Pixels a side of the drawn image, as in MNIST."""

BOX = 23.0
"""The 8x8 pixels fill this many pixels a side in its middle: more than the 20 of MNIST, whose digits are wider."""

SOFT = (0.30, 0.60)
"""Brightness below which the smooth image becomes background, and above which full stroke."""


@dataclass(frozen=True)
class Jitter:
    """How far copies of an image differ from it, drawn evenly up to these: shift in pixels of the drawn image, relative
    size, and angle in degrees.
    """

    shift: float = 1.5
    scale: float = 0.08
    degrees: float = 8.0


def load_digits() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """scikit-learn's 1,797 digits: images (1797, 8, 8) from 0 to 1, and labels. Raises SpikecError without it."""
    try:
        from sklearn import datasets  # noqa: PLC0415 (an extra)
    except ImportError as error:
        hint = "Install it with: pip install 'spikec[train]'"
        raise fail("embedded data", "scikit-learn, which ships the digits, is not installed", hint) from error
    bunch = datasets.load_digits()
    return bunch.images / 16.0, bunch.target.astype(np.int64)


def jittered(count: int, jitter: Jitter, random: np.random.Generator) -> NDArray[np.float64]:
    """``count`` random ways from drawn to source coordinates: (count, 2, 3) affine maps of (row, column, 1)."""
    angle = np.radians(random.uniform(-jitter.degrees, jitter.degrees, count))
    scale = 1.0 + random.uniform(-jitter.scale, jitter.scale, count)
    shift = random.uniform(-jitter.shift, jitter.shift, (count, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]).transpose(2, 0, 1)
    turn /= scale[:, None, None]
    return np.concatenate([turn, -turn @ shift[:, :, None]], axis=2)


def draw(images: NDArray[np.float64], maps: NDArray[np.float64]) -> NDArray[np.float32]:
    """Draw images (n, 8, 8) through affine maps (n, 2, 3): float32 (n, 28, 28), strokes with soft edges, 0 to 1.

    Every drawn pixel is a Gaussian mean of the source around the place where its map sends it.
    """
    side = images.shape[-1]
    grid = np.arange(SIDE) - (SIDE - 1) / 2
    places = np.stack([*np.meshgrid(grid, grid, indexing="ij"), np.ones((SIDE, SIDE))]).reshape(3, -1)
    source = (maps @ places) * (side / BOX) + (side - 1) / 2  # (n, 2, pixels)
    distance = source[..., None] - np.arange(side)
    weight = np.exp(-0.5 * (distance / 0.5) ** 2) / (0.5 * np.sqrt(2 * np.pi))
    smooth = ((weight[:, 0] @ images) * weight[:, 1]).sum(axis=-1)
    low, high = SOFT
    part = np.clip((smooth - low) / (high - low), 0.0, 1.0)
    drawn = part * part * (3.0 - 2.0 * part)
    large: NDArray[np.float32] = drawn.reshape(-1, SIDE, SIDE).astype(np.float32)
    return large
