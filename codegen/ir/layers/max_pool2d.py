"""Max-pooling of spikes: the OR of each window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import Problem
from codegen.ir.layers.base import Pooling, Shape


@dataclass(frozen=True)
class MaxPool2d(Pooling):
    """``out[y, x, c]`` is the OR of ``spikes[y * stride + i, x * stride + j, c]`` over all i and j below ``kernel``.

    ``height``, ``width`` and ``channels`` are the input's. There is no padding: rows and columns that do not fill a
    window are left out.
    """

    kind: ClassVar[str] = "max_pool2d"
    nir: ClassVar[str] = "SumPool2d"  # With a threshold of 0 behind it, which makes the sum an OR.
    height: int
    width: int
    channels: int
    kernel: int
    stride: int

    @property
    def label(self) -> str:
        """See ``Connection.label``."""
        stride = f", stride {self.stride}" if self.stride != self.kernel else ""
        return f"{self.kind} {self.kernel}x{self.kernel}{stride}"

    @property
    def in_shape(self) -> Shape:
        """See ``Connection.in_shape``."""
        return self.height, self.width, self.channels

    @property
    def out_shape(self) -> Shape:
        """See ``Connection.out_shape``."""
        rows, columns = ((size - self.kernel) // self.stride + 1 for size in (self.height, self.width))
        return rows, columns, self.channels

    def pool(self, spikes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """See ``Pooling.pool``."""
        frames = spikes.reshape(-1, *self.in_shape)
        rows, columns, _ = self.out_shape
        out = np.zeros((len(frames), *self.out_shape), np.bool_)
        for down, right in product(range(self.kernel), repeat=2):
            out |= frames[:, down :: self.stride, right :: self.stride][:, :rows, :columns]
        return out.reshape(*spikes.shape[:-1], self.out_size)

    def problems(self, where: str) -> list[Problem]:
        """See ``Connection.problems``."""
        found = [
            Problem(where, f"{name} {value}", "Use 1 or more") for name, value in self.fields().items() if value < 1
        ]
        if not found and self.kernel > min(self.height, self.width):
            what = f"windows of {self.kernel}x{self.kernel} but an input of {self.height}x{self.width}"
            found.append(Problem(where, what, "Use a smaller window"))
        return found

    def fields(self) -> dict[str, int]:
        """See ``Connection.fields``."""
        return asdict(self)

    @classmethod
    def restore(cls, arrays: Mapping[str, NDArray[Any]], fields: Mapping[str, Any]) -> Self:  # noqa: ARG003
        """See ``Connection.restore``."""
        return cls(**fields)
