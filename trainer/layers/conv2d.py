"""A convolution."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from codegen.ir.layers import conv2d as ir
from codegen.ir.layers.base import Connection as IrConnection
from trainer.architecture import Conv, Shape, Spec
from trainer.layers.base import Synapses
from trainer.spikelist import SpikeList


class Conv2d(Synapses):
    """The convolution of ``codegen.ir.layers.conv2d``; ``weight``: (out, kernel, kernel, in), channels last.

    A convolution of integers in floats is exact as long as it is computed as written: as sums of products. That holds
    for torch's own kernels; see ``trainer.precision`` for GPUs.
    """

    kind: ClassVar[str] = "conv2d"
    spec: ClassVar[type[Spec]] = Conv
    label: ClassVar[str] = "conv"

    def __init__(
        self,
        weight: Shape,
        in_shape: Shape,
        stride: int = 1,
        padding: int = 0,
        *,
        bits: int | None,
        gain: float = 1.0,
        per_output: bool = False,
    ) -> None:
        super().__init__(weight, bits=bits, gain=gain, per_output=per_output)
        self.in_shape, self.stride, self.padding = in_shape, stride, padding
        rows, columns = (
            (size + 2 * padding - kernel) // stride + 1 for size, kernel in zip(in_shape[:2], weight[1:3], strict=True)
        )
        self.places, self.out_size = rows * columns, rows * columns * weight[0]
        self.fan_out = weight[0] * weight[1] * weight[2] / stride**2

    @classmethod
    def make(cls, spec: Spec, shape: Shape, *, bits: int | None, gain: float, per_output: bool) -> Self:
        """See ``Synapses.make``."""
        assert isinstance(spec, Conv)
        weight = (spec.channels, spec.kernel, spec.kernel, shape[2])
        return cls(weight, shape, spec.stride, spec.padding, bits=bits, gain=gain, per_output=per_output)

    def product(self, spikes: Tensor | SpikeList, weight: Tensor, bias: Tensor) -> Tensor:
        """See ``Synapses.product``. Axes are permuted, not moved: torch's channels-last layout is ours."""
        if isinstance(spikes, SpikeList):
            spikes = spikes.dense()
        pictures = spikes.reshape(-1, *self.in_shape).permute(0, 3, 1, 2).to(weight.dtype)
        current = functional.conv2d(pictures, weight.permute(0, 3, 1, 2), bias, self.stride, self.padding)
        return current.permute(0, 2, 3, 1).reshape(*spikes.shape[:-1], self.out_size)

    def neurons(self, values: Tensor) -> Tensor:
        """See ``Synapses.neurons``: one for every place of a channel."""
        return values.repeat(self.places)

    def connection(self) -> ir.Conv2d:
        """See ``Connection.connection``."""
        assert self.bits is not None
        grid = self.parameters_on_grid()
        weight, bias = (t.detach().double().cpu().numpy() for t in (grid.weight, grid.bias))
        return ir.Conv2d(
            weight=weight.astype(np.int8),
            bias=bias.astype(np.int32),
            bits=self.bits,
            height=self.in_shape[0],
            width=self.in_shape[1],
            stride=self.stride,
            padding=self.padding,
        )

    @classmethod
    def restore(cls, connection: IrConnection) -> Self:
        """See ``Connection.restore``."""
        assert isinstance(connection, ir.Conv2d)
        module = cls(connection.weight.shape, connection.in_shape, connection.stride, connection.padding, bits=None)
        return module.take(*(torch.from_numpy(a.astype(np.float64)) for a in (connection.weight, connection.bias)))
