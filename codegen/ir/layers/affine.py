"""A fully connected layer: every presynaptic spike adds one column of weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from codegen.ir.errors import Problem
from codegen.ir.layers.base import Shape, Synapses
from codegen.ir.neurons.base import Range


@dataclass(frozen=True)
class Affine(Synapses):
    """``current = bias + weight @ spikes``, with ``weight`` int8 of shape (out, in) and ``bias`` int32 (out,)."""

    kind: ClassVar[str] = "affine"
    nir: ClassVar[str] = "Affine"

    @property
    def in_shape(self) -> Shape:
        """See ``Connection.in_shape``."""
        return (int(self.weight.shape[1]),)

    @property
    def out_shape(self) -> Shape:
        """See ``Connection.out_shape``."""
        return (int(self.weight.shape[0]),)

    def current(self, spikes: NDArray[Any], dtype: DTypeLike) -> NDArray[Any]:
        """See ``Synapses.current``."""
        product: NDArray[Any] = spikes.astype(dtype) @ self.weight.T.astype(dtype)
        product += self.bias.astype(dtype)
        return product

    def current_range(self) -> Range:
        """See ``Synapses.current_range``."""
        weight, bias = self.weight.astype(np.int64), self.bias.astype(np.int64)
        low = np.minimum(weight, 0).sum(axis=1) + np.minimum(bias, 0)
        high = np.maximum(weight, 0).sum(axis=1) + np.maximum(bias, 0)
        return Range(low, high)

    def synops(self, spikes: NDArray[np.bool_]) -> NDArray[np.int64]:
        """See ``Connection.synops``: each active input meets every neuron."""
        synops: NDArray[np.int64] = np.count_nonzero(spikes, axis=(1, 2)) * np.int64(self.out_size)
        return synops

    def problems(self, where: str) -> list[Problem]:
        """See ``Connection.problems``."""
        if self.weight.ndim != 2 or self.bias.shape != self.weight.shape[:1] or 0 in self.weight.shape:
            shapes = f"weight has shape {self.weight.shape} and bias {self.bias.shape}"
            return [Problem(where, shapes, "They must be (out, in) and (out,), neither empty")]
        return self.weight_problems(where)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], fields: Mapping[str, Any]) -> Self:
        """See ``Connection.restore``."""
        return cls(weight=arrays["weight"], bias=arrays["bias"], bits=fields["bits"])
