"""Numbers as Verilog spells them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def extend(name: str, bits: int, wanted: int) -> str:
    """A signed value of ``bits`` bits as one of ``wanted`` bits: its sign repeated, or its upper bits left out.

    >>> extend("w", 7, 9), extend("w", 7, 7), extend("w", 7, 5)
    ('{{2{w[6]}}, w}', 'w', 'w[4:0]')
    """
    if wanted == bits:
        return name
    return f"{{{{{wanted - bits}{{{name}[{bits - 1}]}}}}, {name}}}" if wanted > bits else f"{name}[{wanted - 1}:0]"


def literal(value: int, bits: int) -> str:
    """A signed constant.

    >>> literal(-3, 8), literal(5, 8)
    ("-8'sd3", "8'sd5")
    """
    return f"-{bits}'sd{-value}" if value < 0 else f"{bits}'sd{value}"


def packed(values: Sequence[int] | NDArray[np.int64], bits: int) -> str:
    """Values side by side in one constant, the first in the lowest bits; negative ones as two's complement.

    >>> packed([1, -1, 3], 4)
    "12'h3f1"
    """
    whole = sum((int(value) & ((1 << bits) - 1)) << (i * bits) for i, value in enumerate(values))
    return f"{len(values) * bits}'h{whole:x}"


def hex_words(values: NDArray[np.int64], bits: int) -> str:
    """Rows of values as ``$readmemh`` reads them, a word a line: int64 (words, values), the first in the lowest bits.

    >>> print(hex_words(np.array([[1, -1], [0, 2]]), 4), end="")
    f1
    20
    """
    words, count = values.shape
    ones = (values[:, :, None] >> np.arange(bits)) & 1
    bytes_ = np.packbits(ones.astype(np.uint8).reshape(words, count * bits), axis=1, bitorder="little")
    digits = -(-count * bits // 4)
    return "".join(f"{row[::-1].tobytes().hex()[-digits:]}\n" for row in bytes_)
