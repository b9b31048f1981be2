"""Max-pooling of spikes."""

from __future__ import annotations

from typing import Any, ClassVar, Self, cast

import torch
from torch import Tensor
from torch.nn import functional

from codegen.ir.layers import max_pool2d as ir
from codegen.ir.layers.base import Connection as IrConnection
from trainer.architecture import Pool, Shape, Spec
from trainer.layers.base import Pooling


class _Or(torch.autograd.Function):
    """The OR of whole windows that do not overlap, of pictures (n, channels, rows, columns).

    Its gradient is that of 1 - prod(1 - s): a spike that is alone in its window gets it, and every place of a window
    without spikes, since each could have made the difference; where several spike, none does.
    """

    @staticmethod
    def forward(ctx: Any, pictures: Tensor, kernel: int) -> Tensor:
        counts = functional.avg_pool2d(pictures, kernel) * kernel**2
        ctx.save_for_backward(pictures, counts)
        ctx.kernel = kernel
        return (counts > 0.5).to(pictures.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        pictures, counts = ctx.saved_tensors
        spread = functional.interpolate(torch.stack([gradients[0], counts]).flatten(0, 1), scale_factor=ctx.kernel)
        rows, columns = pictures.shape[2:]
        edge = (0, columns - spread.shape[3], 0, rows - spread.shape[2])  # What fills no window gets nothing.
        gradient, around = functional.pad(spread, edge).chunk(2)
        return gradient * (around - pictures < 0.5), None


class MaxPool2d(Pooling):
    """The OR of each window."""

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
        if self.kernel == self.stride:
            pooled = cast(Tensor, _Or.apply(pictures, self.kernel))  # type: ignore[no-untyped-call]
        else:
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
