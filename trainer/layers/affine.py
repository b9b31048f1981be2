"""A fully connected layer."""

from __future__ import annotations

import math
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from codegen.ir.layers import affine as ir
from codegen.ir.layers.base import Connection as IrConnection
from trainer.architecture import Dense, Shape, Spec
from trainer.layers.base import Synapses
from trainer.spikelist import SpikeList


class Affine(Synapses):
    """``current = bias + spikes @ weight.T``; ``weight``: (out, in)."""

    kind: ClassVar[str] = "affine"
    spec: ClassVar[type[Spec]] = Dense
    label: ClassVar[str] = "fc"

    def __init__(
        self, inputs: int, outputs: int, *, bits: int | None, gain: float = 1.0, per_output: bool = False
    ) -> None:
        super().__init__((outputs, inputs), bits=bits, gain=gain, per_output=per_output)
        self.out_size = outputs
        self.fan_out = outputs

    @classmethod
    def make(cls, spec: Spec, shape: Shape, *, bits: int | None, gain: float, per_output: bool) -> Self:
        """See ``Synapses.make``: the input may have any shape."""
        assert isinstance(spec, Dense)
        return cls(math.prod(shape), spec.size, bits=bits, gain=gain, per_output=per_output)

    def product(self, spikes: Tensor | SpikeList, weight: Tensor, bias: Tensor) -> Tensor:
        """See ``Synapses.product``."""
        if isinstance(spikes, SpikeList):
            return spikes.product(weight, bias)
        flat = spikes.reshape(-1, spikes.shape[-1]).to(weight.dtype)
        return torch.addmm(bias, flat, weight.T).reshape(*spikes.shape[:-1], -1)

    def neurons(self, values: Tensor) -> Tensor:
        """See ``Synapses.neurons``."""
        return values

    def connection(self) -> ir.Affine:
        """See ``Connection.connection``."""
        assert self.bits is not None
        grid = self.parameters_on_grid()
        weight, bias = (t.detach().double().cpu().numpy() for t in (grid.weight, grid.bias))
        return ir.Affine(weight=weight.astype(np.int8), bias=bias.astype(np.int32), bits=self.bits)

    @classmethod
    def restore(cls, connection: IrConnection) -> Self:
        """See ``Connection.restore``."""
        assert isinstance(connection, ir.Affine)
        module = cls(connection.in_size, connection.out_size, bits=None)
        return module.take(*(torch.from_numpy(a.astype(np.float64)) for a in (connection.weight, connection.bias)))
