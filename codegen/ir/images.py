"""Images in the MNIST file format, and how they become spikes (the input of SNN-DC)."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import SpikeFrames
from codegen.ir.errors import fail

_PREFIX = {"Train": "train", "Test": "t10k"}


def read_idx(path: Path | str) -> NDArray[np.uint8]:
    """Read one idx file of bytes, gzipped or not. Raises SpikecError when it is missing, foreign or truncated."""
    where = str(path)
    try:
        raw = Path(path).read_bytes()
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise fail(where, f"cannot be read ({error})", "Copy it again") from error
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08" or len(raw) < 4 + 4 * raw[3]:
        raise fail(where, "is not an idx file of bytes", "Give MNIST's original files")
    shape = tuple(int(n) for n in np.frombuffer(raw, ">u4", raw[3], 4))
    data = np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])
    if data.size != math.prod(shape):
        raise fail(where, f"holds {data.size} bytes of data, its header says {shape}", "It is truncated; copy it again")
    return data.reshape(shape)


def read_mnist(folder: Path | str, split: str = "Test", name: str = "MNIST") -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Images uint8 (n, rows, columns) and labels int64 (n,) of MNIST or a set of its format.

    ``folder`` holds the four original files, or ``raw`` or ``<name>/raw`` below it does. Raises SpikecError.
    """
    if split not in _PREFIX:
        raise fail("split", f"'{split}' is unknown", f"Known: {', '.join(_PREFIX)}")
    for root in (Path(folder) / name / "raw", Path(folder) / "raw", Path(folder)):
        for suffix in (".gz", ""):
            images = root / f"{_PREFIX[split]}-images-idx3-ubyte{suffix}"
            if images.is_file():
                labels = root / f"{_PREFIX[split]}-labels-idx1-ubyte{suffix}"
                return _pair(read_idx(images), read_idx(labels), str(images))
    what = "does not exist" if not Path(folder).exists() else f"holds no {name} images"
    raise fail(str(folder), what, f"Give the folder that holds {name}/raw/{_PREFIX[split]}-images-idx3-ubyte.gz")


def _pair(
    images: NDArray[np.uint8], labels: NDArray[np.uint8], where: str
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images with their labels, if they belong together."""
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        what = f"holds an array of shape {images.shape}, its labels one of shape {labels.shape}"
        raise fail(where, what, "These files are no pair of (n, rows, columns) and (n,); copy them again")
    return images, labels.astype(np.int64)


def encode(
    images: NDArray[np.uint8], encoding: SpikeFrames, steps: int, seed: int = 0, first: int = 0
) -> NDArray[np.bool_]:
    """Make spikes of images uint8 (n, rows, columns), as the network's encoding says: bool (n, steps, size).

    ``seed`` and ``first`` are for random coding, see ``bernoulli``.
    """
    images = downsampled(images, encoding.downsample)
    if encoding.coding == "threshold":
        spikes: NDArray[np.bool_] = images.reshape(len(images), 1, -1) > levels(steps)[:, None]
        return spikes
    return bernoulli(images, steps, seed, first)


def downsampled(images: NDArray[np.uint8], block: int) -> NDArray[np.uint8]:
    """Means, rounded, of blocks of ``block`` x ``block`` pixels; images are filled up with 0 to whole blocks."""
    if block == 1:
        return images
    count, *size = images.shape
    rows, columns = (-(-n // block) for n in size)
    whole = np.zeros((count, rows * block, columns * block), np.int64)
    whole[:, : size[0], : size[1]] = images
    sums = whole.reshape(count, rows, block, columns, block).sum(axis=(2, 4))
    means: NDArray[np.uint8] = ((2 * sums + block * block) // (2 * block * block)).astype(np.uint8)
    return means


def levels(steps: int) -> NDArray[np.uint8]:
    """Brightness that a pixel must exceed to spike in each step, without random numbers: uint8 (steps,).

    Step t has the level 255 times the binary van der Corput number t + 1 (1/2, 1/4, 3/4, 1/8, ...): the first step
    tells dark from light, every further one asks between those before, and after any number of steps a pixel's spikes
    are about its brightness.
    """
    numbers = np.arange(1, steps + 1)
    found = np.zeros(steps)
    for bit in range(int(steps).bit_length()):
        found += (numbers >> bit & 1) / 2 ** (bit + 1)
    return (255 * found).astype(np.uint8)


def bernoulli(images: NDArray[np.uint8], steps: int, seed: int, first: int = 0) -> NDArray[np.bool_]:
    """Rate coding: in each step a pixel spikes with probability value / 255, independently.

    ``images``: uint8 (n, ...); returns bool (n, steps, pixels). Image ``i`` of the array is number ``first + i`` of its
    data set and has its own random stream, so a sample's spikes do not depend on the batch that it is in.
    """
    flat = images.reshape(images.shape[0], 1, -1)
    spikes = np.empty((flat.shape[0], steps, flat.shape[2]), np.bool_)
    for i in range(flat.shape[0]):
        random = np.random.Generator(np.random.Philox(key=[seed, first + i]))
        # 255 equally likely values, so that a white pixel always spikes and a black one never.
        spikes[i] = random.integers(0, 255, spikes.shape[1:], dtype=np.uint8) < flat[i]
    return spikes
