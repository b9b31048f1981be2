"""A fully connected layer: float weights that are trained, and the integers that they stand for."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from trainer.grid import OnGrid, choose_theta, exact_dtype, to_grid
from trainer.spikelist import SpikeList


class Affine(nn.Module):
    """``current = bias + spikes @ weight.T`` in front of neurons with threshold 1.

    With ``bits``, the forward pass runs on the integer grid (weights, biases and thresholds are integer-valued floats),
    so that it makes the very spikes that the integer network makes. ``gain`` scales the initial weights, which are
    uniform with a standard deviation of ``gain / sqrt(in)``.
    """

    theta: Tensor

    def __init__(
        self, inputs: int, outputs: int, *, bits: int | None, gain: float = 1.0, per_output: bool = False
    ) -> None:
        super().__init__()
        bound = gain * math.sqrt(3 / inputs)
        self.weight = nn.Parameter(torch.empty(outputs, inputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.bits = bits
        self.per_output = per_output
        self.register_buffer("theta", torch.ones(outputs))
        self.fit_grid()

    def fit_grid(self) -> None:
        """Choose the grid for the weights as they are now; called between epochs, so that it does not wobble."""
        if self.bits is not None:
            self.theta.copy_(choose_theta(self.weight, self.bits, per_output=self.per_output))

    def parameters_on_grid(self) -> OnGrid:
        """Weights, biases and thresholds as the forward pass uses them."""
        if self.bits is None:
            return OnGrid(self.weight, self.bias, self.theta)
        return to_grid(self.weight, self.bias, self.theta, self.bits)

    def forward(self, spikes: Tensor | SpikeList) -> tuple[Tensor, Tensor]:
        """(steps, batch, in) spikes to (steps, batch, out) currents, all steps in one product; and the thresholds."""
        grid = self.parameters_on_grid()
        steps = spikes.steps if isinstance(spikes, SpikeList) else spikes.shape[0]
        dtype = grid.weight.dtype if self.bits is None else exact_dtype(grid, steps)
        if isinstance(spikes, SpikeList):
            return spikes.product(grid.weight.to(dtype), grid.bias.to(dtype)), grid.theta.to(dtype)
        flat = spikes.reshape(-1, spikes.shape[-1]).to(dtype)
        current = torch.addmm(grid.bias.to(dtype), flat, grid.weight.T.to(dtype))
        return current.reshape(*spikes.shape[:-1], -1), grid.theta.to(dtype)
