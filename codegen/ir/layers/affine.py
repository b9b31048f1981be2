"""A fully connected layer: every presynaptic spike adds one column of weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from codegen.ir.errors import Problem
from codegen.ir.layers.base import Connection
from codegen.ir.neurons.base import Range

MIN_BITS, MAX_BITS = 2, 8


@dataclass(frozen=True)
class Affine(Connection):
    """``current = bias + weight @ spikes``.

    ``weight``: int8, shape (out, in), each within the signed ``bits`` (2 to 8, symmetric: ``-(2**(bits-1) - 1)`` up to
    ``2**(bits-1) - 1``). ``bias``: int32, shape (out,), on the weights' grid.
    """

    kind: ClassVar[str] = "affine"
    nir: ClassVar[str] = "Affine"
    weight: NDArray[np.int8]
    bias: NDArray[np.int32]
    bits: int

    @property
    def in_size(self) -> int:
        """Number of presynaptic spikes."""
        return int(self.weight.shape[1])

    @property
    def out_size(self) -> int:
        """Number of postsynaptic neurons."""
        return int(self.weight.shape[0])

    def current(self, spikes: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """See ``Connection.current``."""
        product: NDArray[Any] = spikes.astype(dtype) @ self.weight.T.astype(dtype)
        product += self.bias.astype(dtype)
        return product

    def current_range(self) -> Range:
        """See ``Connection.current_range``."""
        weight, bias = self.weight.astype(np.int64), self.bias.astype(np.int64)
        low = np.minimum(weight, 0).sum(axis=1) + np.minimum(bias, 0)
        high = np.maximum(weight, 0).sum(axis=1) + np.maximum(bias, 0)
        return Range(low, high)

    def synops(self, active: NDArray[np.int64]) -> NDArray[np.int64]:
        """See ``Connection.synops``: each active input meets every neuron."""
        return active * self.out_size

    def problems(self, where: str) -> list[Problem]:
        """See ``Connection.problems``."""
        found: list[Problem] = []
        if self.weight.ndim != 2 or self.bias.shape != self.weight.shape[:1] or 0 in self.weight.shape:
            shapes = f"weight has shape {self.weight.shape} and bias {self.bias.shape}"
            return [Problem(where, shapes, "They must be (out, in) and (out,), neither empty")]
        if not MIN_BITS <= self.bits <= MAX_BITS:
            hint = f"Use {MIN_BITS} to {MAX_BITS}"
            return [Problem(where, f"weights of {self.bits} bits are not supported", hint)]
        limit = 2 ** (self.bits - 1) - 1
        wide = np.argwhere(np.abs(self.weight.astype(np.int16)) > limit)
        if wide.size:
            out, inp = (int(i) for i in wide[0])
            value = int(self.weight[out, inp])
            text = f"weight[{out}, {inp}] = {value} does not fit {self.bits} signed bits ({len(wide)} such weights)"
            found.append(Problem(where, text, f"Symmetric {self.bits}-bit weights go from {-limit} to {limit}"))
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """See ``Connection.arrays``."""
        return {"weight": self.weight, "bias": self.bias}

    def fields(self) -> dict[str, int]:
        """See ``Connection.fields``."""
        return {"bits": self.bits}

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], fields: Mapping[str, Any]) -> Self:
        """See ``Connection.restore``."""
        return cls(weight=arrays["weight"], bias=arrays["bias"], bits=fields["bits"])
