"""MNIST and Fashion-MNIST as spikes: the input of SNN-DC (Yin et al. 2017, section III-A)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from codegen.ir import images as coding
from codegen.ir.encoding import SpikeFrames

HEADS = {"MNIST": "digit", "FashionMNIST": "class"}
"""What the classes of a set are called."""


@dataclass(frozen=True)
class ImageSet:
    """Images uint8 (n, rows, columns), what each shows, int64 (n,), and the head that is to tell."""

    images: NDArray[np.uint8]
    classes: NDArray[np.int64]
    head: str = "digit"

    def __len__(self) -> int:
        return len(self.images)

    @property
    def labels(self) -> dict[str, NDArray[np.int64]]:
        """Class indices by head."""
        return {self.head: self.classes}

    def fixed_spikes(
        self, encoding: SpikeFrames, steps: int, seed: int, chosen: NDArray[np.integer[Any]]
    ) -> NDArray[np.bool_]:
        """Spikes for evaluation, bool (chosen, steps, inputs): the same whatever the batch and the machine."""
        return np.concatenate([coding.encode(self.images[i : i + 1], encoding, steps, seed, int(i)) for i in chosen])


def load_images(folder: Path | str, split: str = "Train", name: str = "MNIST") -> ImageSet:
    """MNIST, or a set in its files (``name`` is ``FashionMNIST``). Raises SpikecError for missing or damaged files."""
    images, labels = coding.read_mnist(folder, split, name)
    return ImageSet(images, labels, HEADS[name])


def fresh_spikes(images: torch.Tensor, encoding: SpikeFrames, steps: int) -> torch.Tensor:
    """Spikes for training: float32 0 or 1, (steps, n, inputs), from images (n, rows, columns) of 0 to 255.

    As ``codegen.ir.images.encode``, but random coding draws from torch's global stream.
    """
    if encoding.downsample > 1:
        images = functional.avg_pool2d(images[:, None].float(), encoding.downsample, ceil_mode=True)[:, 0]
    flat = images.reshape(1, len(images), -1)
    if encoding.coding == "threshold":
        level = torch.from_numpy(coding.levels(steps)).to(images.device)[:, None, None]
        return (flat > level).to(torch.float32)
    draw = torch.rand((steps, *flat.shape[1:]), device=images.device)
    return (draw < flat / 255).to(torch.float32)
