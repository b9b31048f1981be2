"""A small recipe, and recordings that are easy to tell apart."""

import gzip
import struct

import numpy as np

from codegen.ir import make_events, write_nmnist

SMALL = """
name = "small"
[data]
kind = "nmnist"
[network]
neuron = "snn_ct"
hidden = [16]
steps = 6
[encoding]
downsample = 4
bin_us = 1000
[train]
epochs = 3
batch = 16
learning_rate = 5e-3
gain = 2.0
dropout_input = 0.1
dropout_hidden = 0.1
bits = 4
per_output = false
[augment]
shift = 1
[quick.train]
epochs = 1
"""


def write_bars(folder, train=6, test=3, seed=0):
    """Recordings in N-MNIST's layout, of ten classes: each digit fires in a block of its own."""
    random = np.random.default_rng(seed)
    number = 0
    for split, count in (("Train", train), ("Test", test)):
        for digit in range(10):
            (folder / split / str(digit)).mkdir(parents=True, exist_ok=True)
            for _ in range(count):
                number += 1
                x = 7 * (digit % 5) + random.integers(0, 4, 150)
                y = 20 * (digit // 5) + random.integers(0, 12, 150)
                t = np.sort(random.integers(0, 6000, 150))
                events = make_events(x, y, t, random.integers(0, 2, 150))
                write_nmnist(folder / split / str(digit) / f"{number:05d}.bin", events)
    return folder


def write_images(root, counts=(30, 23), seed=0, name="MNIST"):
    """28x28 images in which each digit has a block of its own, grey, so that its coding is random."""
    random = np.random.default_rng(seed)
    raw = root / name / "raw"
    raw.mkdir(parents=True)
    for prefix, count in zip(("train", "t10k"), counts, strict=True):
        labels = (np.arange(count) % 10).astype(np.uint8)
        pictures = random.integers(0, 60, (count, 28, 28)).astype(np.uint8)
        for picture, digit in zip(pictures, labels, strict=True):
            y, x = 14 * (digit // 5), 5 * (digit % 5)
            picture[y : y + 14, x : x + 5] += np.uint8(70)
        for kind, array in (("images-idx3", pictures), ("labels-idx1", labels)):
            header = struct.pack(f">I{array.ndim}I", 0x800 | array.ndim, *array.shape)
            (raw / f"{prefix}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    return root
