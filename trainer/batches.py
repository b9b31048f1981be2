"""Training data as batches of spikes, whatever they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codegen.ir import EventBinning, SpikeFrames, fail
from trainer.augment import distort_images, distort_spikes
from trainer.datasets.cache import Progress
from trainer.datasets.frames import FrameSet, frames
from trainer.datasets.images import ImageSet, fresh_spikes, load_images
from trainer.datasets.simulated import simulated_frames
from trainer.schema import IMAGE_SETS, Recipe
from trainer.spikelist import SpikeList, SpikeStore

EVALUATION_SEED = 0
HOLD_OUT_SEED = 0
"""Which samples are held out never depends on a recipe's own seed: seeds can be compared on the same ones."""
REAL_IMAGES = 700
"""The first images of MNIST's training split are those of which people keep real recordings, as small parts of N-MNIST:
simulated training data leaves them out, so that a real recording never shows a digit that was trained on."""
Batch = tuple[Tensor | SpikeList, dict[str, Tensor]]
Indices = NDArray[np.int64]


class Samples(Protocol):
    """Where spikes come from. A recording that is also seen backwards makes two samples, ``originals`` apart.

    The last ``extra`` of the originals are a pool to draw from, the others are the data set itself.
    """

    @property
    def labels(self) -> dict[str, Indices]:
        """Class indices by head."""

    @property
    def originals(self) -> int:
        """How many recordings or images there are."""

    @property
    def extra(self) -> int:
        """How many of them are only drawn from."""

    def __len__(self) -> int:
        """How many samples there are."""

    def fresh(self, chosen: Indices, recipe: Recipe) -> Tensor | SpikeList:
        """Spikes to train on, (steps, batch, in): distorted, random coding drawn anew."""

    def fixed(self, chosen: Indices) -> Tensor | SpikeList:
        """Spikes to evaluate on, (steps, batch, in): the fixed coding of ``spikec eval``."""


class _Recordings:
    def __init__(self, frames: FrameSet, extra: int = 0) -> None:
        self.labels = frames.labels
        self.extra = extra
        self.originals = len(frames.packed)
        self._count = len(frames)
        self._store = SpikeStore(frames.packed, frames.size)

    def __len__(self) -> int:
        return self._count

    def fresh(self, chosen: Indices, recipe: Recipe) -> SpikeList:
        return distort_spikes(self._store.take(chosen), recipe.encoding.shape, recipe.augment)

    def fixed(self, chosen: Indices) -> SpikeList:
        return self._store.take(chosen)


@dataclass(frozen=True)
class _Images:
    images: ImageSet
    encoding: SpikeFrames
    steps: int

    @property
    def labels(self) -> dict[str, Indices]:
        return self.images.labels

    @property
    def originals(self) -> int:
        return len(self.images)

    @property
    def extra(self) -> int:
        return 0

    def __len__(self) -> int:
        return len(self.images)

    def fresh(self, chosen: Indices, recipe: Recipe) -> Tensor:
        pictures = distort_images(torch.from_numpy(self.images.images[chosen]), recipe.augment)
        return fresh_spikes(pictures, self.encoding, recipe.training_steps)

    def fixed(self, chosen: Indices) -> Tensor:
        spikes = self.images.fixed_spikes(self.encoding, self.steps, EVALUATION_SEED, chosen)
        return torch.from_numpy(spikes.view(np.uint8)).transpose(0, 1).to(torch.float32)


def load_split(recipe: Recipe, folder: Path, split: str, progress: Progress | None = None) -> Samples:
    """The training or test samples of a recipe. Raises SpikecError for missing or damaged data."""
    kind, steps, reverse = recipe.data.kind, recipe.network.steps, recipe.data.reverse
    if kind in IMAGE_SETS:
        images, encoding = load_images(folder, split, IMAGE_SETS[kind]), recipe.encoding
        assert isinstance(encoding, SpikeFrames)
        shape = images.images.shape[1:]
        if (*(-(-n // encoding.downsample) for n in shape), 1) != encoding.shape:
            pixels = "x".join(map(str, shape))
            raise fail(str(folder), f"holds images of {pixels} pixels", "spikec's recipes take 28x28")
        return _Images(images, encoding, steps)
    if kind == "nmnist-simulated":
        return _Recordings(_simulated(recipe, folder, split, progress))
    assert isinstance(recipe.encoding, EventBinning)
    found = frames(folder, split, recipe.encoding, steps, reverse=reverse, progress=progress)
    if split == "Train" and recipe.data.simulated:
        simulated = _simulated(recipe, folder, split, progress)
        return _Recordings(joined(found, simulated), len(simulated.packed))
    return _Recordings(found)


def _simulated(recipe: Recipe, folder: Path, split: str, progress: Progress | None) -> FrameSet:
    assert isinstance(recipe.encoding, EventBinning)
    steps, reverse = recipe.network.steps, recipe.data.reverse
    first = REAL_IMAGES if split == "Train" else 0
    return simulated_frames(folder, split, recipe.encoding, steps, reverse=reverse, first=first, progress=progress)


def joined(one: FrameSet, other: FrameSet) -> FrameSet:
    """Both sets' recordings, those of ``one`` first; where both are also seen backwards, so is the result."""
    ways = 2 if one.reverse else 1

    def join(first: Any, second: Any) -> NDArray[Any]:
        return np.concatenate([np.reshape(part, (ways, -1)) for part in (first, second)], axis=1).reshape(-1)

    labels = {name: join(values, other.labels[name]) for name, values in one.labels.items()}
    packed = np.concatenate([one.packed, other.packed])
    return FrameSet(packed, one.size, labels, join(one.ids, other.ids).tolist(), one.reverse)


@dataclass(frozen=True)
class TrainingSet:
    """What to train on: sample numbers that every epoch sees, and ``draw`` of those in the ``pool``, others each time.

    ``held_out``: the numbers of samples that are kept out.
    """

    samples: Samples
    always: Indices
    held_out: Indices
    pool: Indices
    draw: int

    def batches(self, recipe: Recipe, device: str) -> Iterator[Batch]:
        """One epoch in random order: spikes (steps, batch, in) as floats or lists, and class indices by head.

        Draws order, coding and distortions from torch's global random numbers.
        """
        drawn = self.pool[torch.randperm(len(self.pool))[: self.draw].numpy()]
        order = np.concatenate([self.always, drawn])
        order = order[torch.randperm(len(order)).numpy()]
        for start in range(0, len(order), recipe.train.batch):
            chosen = order[start : start + recipe.train.batch]
            yield _batch(self.samples.fresh(chosen, recipe), device), _chosen(self.samples.labels, chosen, device)


def training_set(recipe: Recipe, folder: Path, progress: Progress | None = None) -> TrainingSet:
    """The recipe's training split, without what it holds out. Raises SpikecError for missing or damaged data."""
    samples = load_split(recipe, folder, "Train", progress)
    own, out, fold = samples.originals - samples.extra, recipe.data.hold_out, recipe.data.fold
    if out * (fold + 1) > own or out == own:
        what = f"fold {fold} of {out} cannot be held out of {own} training samples"
        raise fail(str(folder), what, "Lower [data] hold_out or fold")
    kept_out = np.random.default_rng(HOLD_OUT_SEED).permutation(own)[out * fold : out * (fold + 1)]
    numbers = np.arange(len(samples))
    original = numbers % samples.originals
    held_out = np.isin(original, kept_out)
    always = numbers[(original < own) & ~held_out]
    if 0 < recipe.data.limit < len(always):
        always = always[np.linspace(0, len(always) - 1, recipe.data.limit).astype(np.int64)]
    return TrainingSet(samples, always, numbers[held_out], numbers[original >= own], recipe.data.simulated)


def evaluation_batches(samples: Samples, batch: int, device: str, chosen: Indices | None = None) -> Iterator[Batch]:
    """All samples, or the ``chosen``, in their order, with the fixed coding of ``spikec eval``."""
    numbers = np.arange(len(samples)) if chosen is None else chosen
    for start in range(0, len(numbers), batch):
        part = numbers[start : start + batch]
        yield _batch(samples.fixed(part), device), _chosen(samples.labels, part, device)


def _batch(spikes: Tensor | SpikeList, device: str) -> Tensor | SpikeList:
    """Lists stay lists on the CPU; other devices multiply dense matrices fast enough."""
    if isinstance(spikes, SpikeList):
        return spikes if device == "cpu" else spikes.dense().to(device)
    return spikes.to(device)


def _chosen(labels: Mapping[str, Indices], chosen: Indices, device: str) -> dict[str, Tensor]:
    return {name: torch.from_numpy(values[chosen]).to(device) for name, values in labels.items()}
