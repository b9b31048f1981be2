"""What connections in torch have in common: float weights that are trained, and the integers that they stand for."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar, Self

import torch
from torch import Tensor, nn

from codegen.ir.layers import base as ir
from trainer.architecture import Shape, Spec
from trainer.grid import OnGrid, choose_theta, exact_dtype, to_grid
from trainer.spikelist import SpikeList


class Connection(nn.Module, ABC):
    """What stands between two spike vectors, which are flat: (steps, batch, n), channels last."""

    kind: ClassVar[str]
    spec: ClassVar[type[Spec]]
    """How recipes write it."""
    label: ClassVar[str]
    """What its layers are called in the integer network, with a number behind it."""
    out_size: int

    @classmethod
    @abstractmethod
    def restore(cls, connection: ir.Connection) -> Self:
        """The module that computes what an integer connection computes."""

    @abstractmethod
    def connection(self) -> ir.Connection:
        """The integer connection that this one stands for."""


class Pooling(Connection):
    """A connection without weights and neurons."""

    @classmethod
    @abstractmethod
    def make(cls, spec: Spec, shape: Shape) -> Self:
        """The module behind an input of that shape."""

    @abstractmethod
    def forward(self, spikes: Tensor) -> Tensor:
        """Spikes (steps, batch, in) to spikes (steps, batch, out)."""


class Synapses(Connection):
    """``current = bias + weights * spikes`` in front of neurons with threshold 1.

    With ``bits``, the forward pass runs on the integer grid (weights, biases and thresholds are integer-valued floats),
    so that it makes the very spikes that the integer network makes. ``weight``: (out, ...), ``bias``: (out,),
    ``theta``: (out,), the grid's thresholds. ``gain`` scales the initial weights, which are uniform with a standard
    deviation of ``gain / sqrt(inputs of a neuron)``.
    """

    theta: Tensor
    fan_out: float
    """Neurons that a spike reaches, away from edges."""

    def __init__(self, shape: Shape, *, bits: int | None, gain: float = 1.0, per_output: bool = False) -> None:
        super().__init__()
        bound = gain * math.sqrt(3 / math.prod(shape[1:]))
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(shape[0]))
        self.bits = bits
        self.per_output = per_output
        self.register_buffer("theta", torch.ones(shape[0]))
        self.fit_grid()

    @classmethod
    @abstractmethod
    def make(cls, spec: Spec, shape: Shape, *, bits: int | None, gain: float, per_output: bool) -> Self:
        """An untrained module behind an input of that shape."""

    @abstractmethod
    def product(self, spikes: Tensor | SpikeList, weight: Tensor, bias: Tensor) -> Tensor:
        """Currents (steps, batch, n) of spikes (steps, batch, in), for weights and biases like this layer's."""

    @abstractmethod
    def neurons(self, values: Tensor) -> Tensor:
        """Values (out,) of the biases' kind, repeated for each neuron: (n,)."""

    def fit_grid(self) -> None:
        """Choose the grid for the weights as they are now; called between epochs, so that it does not wobble."""
        if self.bits is not None:
            self.theta.copy_(choose_theta(self.weight.flatten(1), self.bits, per_output=self.per_output))

    def parameters_on_grid(self) -> OnGrid:
        """Weights, biases and thresholds as the forward pass uses them."""
        if self.bits is None:
            return OnGrid(self.weight, self.bias, self.theta)
        return to_grid(self.weight, self.bias, self.theta, self.bits)

    def forward(self, spikes: Tensor | SpikeList) -> tuple[Tensor, Tensor]:
        """(steps, batch, in) spikes to (steps, batch, n) currents, all steps in one product; and thresholds (n,)."""
        grid = self.parameters_on_grid()
        steps = spikes.steps if isinstance(spikes, SpikeList) else spikes.shape[0]
        dtype = grid.weight.dtype if self.bits is None else exact_dtype(grid, steps)
        current = self.product(spikes, grid.weight.to(dtype), grid.bias.to(dtype))
        return current, self.neurons(grid.theta.to(dtype))

    def take(self, weight: Tensor, bias: Tensor) -> Self:
        """Fill in weights and biases, and compute with them as they are."""
        self.weight.data, self.bias.data, self.bits = weight, bias, None
        return self
