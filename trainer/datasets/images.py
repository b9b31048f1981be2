"""MNIST and Fashion-MNIST as spikes: Bernoulli rate coding, the input of SNN-DC (Yin et al. 2017, section III-A)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from codegen.ir import images as coding
from codegen.ir.encoding import SpikeFrames


@dataclass(frozen=True)
class ImageSet:
    """Images uint8 (n, rows, columns), and labels int64 (n,) by head (``digit``)."""

    images: NDArray[np.uint8]
    labels: dict[str, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.images)

    @property
    def encoding(self) -> SpikeFrames:
        """The network's input that fits these images."""
        return SpikeFrames(1, int(self.images.shape[1]), int(self.images.shape[2]))

    def fixed_spikes(self, steps: int, seed: int, chosen: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
        """Spikes for evaluation, bool (chosen, steps, pixels): the same whatever the batch and the machine."""
        return np.concatenate([coding.bernoulli(self.images[i : i + 1], steps, seed, int(i)) for i in chosen])


def load_images(folder: Path | str, split: str = "Train", name: str = "MNIST") -> ImageSet:
    """MNIST, or a set in its files (``name`` is ``FashionMNIST``). Raises SpikecError for missing or damaged files."""
    images, labels = coding.read_mnist(folder, split, name)
    return ImageSet(images, {"digit": labels})


def bernoulli(images: torch.Tensor, steps: int) -> torch.Tensor:
    """Fresh spikes for training: float32 0 or 1, (steps, n, pixels), from images (n, ...) of 0 to 255.

    A pixel spikes in a step with probability value / 255, as in ``codegen.ir.images.bernoulli``, from torch's stream.
    """
    flat = images.reshape(1, len(images), -1) / 255
    draw = torch.rand((steps, *flat.shape[1:]), device=images.device)
    return (draw < flat).to(torch.float32)
