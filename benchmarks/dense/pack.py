"""Dense layers as ``dense_rows.S`` reads them: four rows next to each other, two weights in each half of a word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.dense.arithmetic import DenseLayer

ROWS, COLUMNS = 4, 8
"""What the kernel takes at a time."""
LEAST_INPUT = -127
MOST = 1 << 23
"""Sums are kept 256 times too large in 32 bits: below this, they are right."""
LARGEST_BIAS, LARGEST_SHIFT = 1 << 28, 20


def packable(layer: DenseLayer) -> bool:
    """Whether the kernel computes this layer rightly, for any inputs from ``LEAST_INPUT`` to 127."""
    sums = 127 * np.abs(layer.weight.astype(np.int64)).sum(axis=1)
    return bool(
        layer.weight.min() >= LEAST_INPUT
        and sums.max() < MOST
        and np.abs(layer.bias.astype(np.int64)).max() < LARGEST_BIAS
        and 1 <= layer.shift <= LARGEST_SHIFT
        and -128 <= layer.low <= layer.high <= 127
        and -128 <= layer.offset <= 127
    )


def packed_weights(layer: DenseLayer) -> NDArray[np.uint32]:
    """Words of four weights: a block of four rows, in it groups of eight columns, in it two words of each row.

    Rows and columns are filled up with zeros. The halves of a word are ``256 * w1 + w0`` and ``256 * w3 + w2``.
    """
    rows, columns = (-(-size // part) * part for size, part in zip(layer.weight.shape, (ROWS, COLUMNS), strict=True))
    whole = np.zeros((rows, columns), np.int64)
    whole[: layer.weight.shape[0], : layer.weight.shape[1]] = layer.weight
    fours = whole.reshape(rows // ROWS, ROWS, columns // 4, 4).transpose(0, 2, 1, 3)
    low, high = 256 * fours[..., 1] + fours[..., 0], 256 * fours[..., 3] + fours[..., 2]
    words: NDArray[np.uint32] = ((low & 0xFFFF) | (high & 0xFFFF) << 16).astype("<u4")
    return words.reshape(-1)


def doubled_biases(layer: DenseLayer) -> NDArray[np.int32]:
    """Twice the biases, for the kernel's doubling multiply, filled up to whole blocks of rows."""
    found = np.zeros(-(-len(layer.bias) // ROWS) * ROWS, np.int32)
    found[: len(layer.bias)] = 2 * layer.bias
    return found
