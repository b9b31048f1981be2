"""Training data as batches of spikes, whatever they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codegen.ir import EventBinning, fail
from trainer.datasets.cache import Progress
from trainer.datasets.frames import FrameSet, frames
from trainer.datasets.images import ImageSet, bernoulli, load_images
from trainer.recipe import Recipe
from trainer.spikelist import SpikeList, SpikeStore

EVALUATION_SEED = 0
IMAGE_SETS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}
Batch = tuple[Tensor | SpikeList, dict[str, Tensor]]


class Samples(Protocol):
    """Where spikes come from."""

    @property
    def labels(self) -> dict[str, NDArray[np.int64]]:
        """Class indices by head."""

    def __len__(self) -> int:
        """How many samples there are."""

    def spikes(self, chosen: NDArray[np.int64], *, fresh: bool) -> Tensor | SpikeList:
        """Make a batch: lists, or uint8 0 or 1 (samples, steps, in); ``fresh`` draws random coding anew."""


class _Recordings:
    def __init__(self, frames: FrameSet) -> None:
        self.labels = frames.labels
        self._count = len(frames)
        self._store = SpikeStore(frames.packed, frames.size)

    def __len__(self) -> int:
        return self._count

    def spikes(self, chosen: NDArray[np.int64], *, fresh: bool) -> SpikeList:  # noqa: ARG002 (they are what they are)
        return self._store.take(chosen)


@dataclass(frozen=True)
class _Images:
    images: ImageSet
    steps: int

    @property
    def labels(self) -> dict[str, NDArray[np.int64]]:
        return self.images.labels

    def __len__(self) -> int:
        return len(self.images)

    def spikes(self, chosen: NDArray[np.int64], *, fresh: bool) -> Tensor:
        if fresh:
            pixels = torch.from_numpy(self.images.images[chosen])
            return bernoulli(pixels, self.steps, torch.default_generator).to(torch.uint8)
        part = slice(int(chosen[0]), int(chosen[-1]) + 1)
        return torch.from_numpy(self.images.fixed_spikes(self.steps, EVALUATION_SEED, part).view(np.uint8))


def load_split(recipe: Recipe, folder: Path, split: str, progress: Progress | None = None) -> Samples:
    """The training or test samples of a recipe. Raises SpikecError for missing or damaged data."""
    if recipe.data.kind in IMAGE_SETS:
        images = load_images(folder, split, IMAGE_SETS[recipe.data.kind])
        if images.encoding != recipe.encoding:
            shape = "x".join(str(n) for n in images.images.shape[1:])
            raise fail(str(folder), f"holds images of {shape} pixels", "spikec's recipes take 28x28")
        return _Images(images, recipe.network.steps)
    assert isinstance(recipe.encoding, EventBinning)
    steps, reverse = recipe.network.steps, recipe.data.reverse
    return _Recordings(frames(folder, split, recipe.encoding, steps, reverse=reverse, progress=progress))


def training_batches(samples: Samples, recipe: Recipe, device: str) -> Iterator[Batch]:
    """One epoch in random order: spikes (steps, batch, in) as floats or lists, and class indices by head.

    Draws order, coding and shifts from torch's global random numbers.
    """
    order = torch.randperm(len(samples)).numpy()
    for start in range(0, len(order), recipe.train.batch):
        chosen = order[start : start + recipe.train.batch]
        spikes = samples.spikes(chosen, fresh=True)
        if recipe.train.shift:
            shape, most = recipe.encoding.shape, recipe.train.shift
            spikes = spikes.moved(shape, most) if isinstance(spikes, SpikeList) else shifted(spikes, shape, most)
        yield _batch(spikes, device), _chosen(samples.labels, chosen, device)


def evaluation_batches(samples: Samples, batch: int, device: str) -> Iterator[Batch]:
    """All samples in their order, with the fixed coding of ``spikec eval``."""
    for start in range(0, len(samples), batch):
        chosen = np.arange(start, min(start + batch, len(samples)))
        yield _batch(samples.spikes(chosen, fresh=False), device), _chosen(samples.labels, chosen, device)


def shifted(spikes: Tensor, shape: tuple[int, int, int], most: int) -> Tensor:
    """Move each sample of (samples, steps, in) spikes by up to ``most`` pixels each way; what comes in is silent."""
    pictures = spikes.reshape(*spikes.shape[:2], *shape)
    padded = torch.nn.functional.pad(pictures, (0, 0, most, most, most, most))
    moves = torch.randint(0, 2 * most + 1, (len(spikes), 2)).tolist()
    rows, columns = shape[:2]
    moved = [padded[i, :, y : y + rows, x : x + columns] for i, (y, x) in enumerate(moves)]
    return torch.stack(moved).reshape(spikes.shape)


def _batch(spikes: Tensor | SpikeList, device: str) -> Tensor | SpikeList:
    """Lists stay lists on the CPU; other devices multiply dense matrices fast enough."""
    if isinstance(spikes, SpikeList):
        return spikes if device == "cpu" else spikes.dense().to(device)
    return spikes.transpose(0, 1).to(device).to(torch.float32)


def _chosen(labels: Mapping[str, NDArray[np.int64]], chosen: NDArray[np.int64], device: str) -> dict[str, Tensor]:
    return {name: torch.from_numpy(values[chosen]).to(device) for name, values in labels.items()}
