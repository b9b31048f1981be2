"""Max-pooling of spikes."""

from __future__ import annotations

from typing import ClassVar, Self

from torch import Tensor
from torch.nn import functional

from codegen.ir.layers import max_pool2d as ir
from codegen.ir.layers.base import Connection as IrConnection
from trainer.architecture import Pool, Shape, Spec
from trainer.layers.base import Pooling


class MaxPool2d(Pooling):
    """The OR of each window; the gradient goes to the window's first spike, or its first place if there is none."""

    kind: ClassVar[str] = "max_pool2d"
    spec: ClassVar[type[Spec]] = Pool
    label: ClassVar[str] = "pool"

    def __init__(self, in_shape: Shape, kernel: int, stride: int) -> None:
        super().__init__()
        self.in_shape, self.kernel, self.stride = in_shape, kernel, stride
        self.out_size = self.connection().out_size

    @classmethod
    def make(cls, spec: Spec, shape: Shape) -> Self:
        """See ``Pooling.make``."""
        assert isinstance(spec, Pool)
        return cls(shape, spec.kernel, spec.kernel)

    def forward(self, spikes: Tensor) -> Tensor:
        """See ``Pooling.forward``."""
        pictures = spikes.reshape(-1, *self.in_shape).permute(0, 3, 1, 2)
        pooled = functional.max_pool2d(pictures, self.kernel, self.stride)
        return pooled.permute(0, 2, 3, 1).reshape(*spikes.shape[:-1], self.out_size)

    def connection(self) -> ir.MaxPool2d:
        """See ``Connection.connection``."""
        height, width, channels = self.in_shape
        return ir.MaxPool2d(height, width, channels, self.kernel, self.stride)

    @classmethod
    def restore(cls, connection: IrConnection) -> Self:
        """See ``Connection.restore``."""
        assert isinstance(connection, ir.MaxPool2d)
        return cls(connection.in_shape, connection.kernel, connection.stride)
