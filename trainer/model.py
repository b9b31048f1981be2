"""A spiking network in torch: connections and neurons in turn, dropout between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from trainer.layers.affine import Affine
from trainer.neurons import dynamics
from trainer.spikelist import SpikeList


@dataclass(frozen=True)
class Activity:
    """Spikes and membranes of every layer, each (steps, batch, n)."""

    spikes: list[Tensor]
    membranes: list[Tensor]


class SpikingNetwork(nn.Module):
    """A multilayer perceptron of one neuron kind. ``sizes``: inputs, hidden layers, outputs."""

    def __init__(
        self,
        sizes: Sequence[int],
        kind: str,
        *,
        bits: int | None,
        gain: float = 1.0,
        per_output: bool = False,
        dropout_input: float = 0.0,
        dropout_hidden: float = 0.0,
    ) -> None:
        super().__init__()
        pairs = pairwise(sizes)
        self.layers = nn.ModuleList(Affine(i, o, bits=bits, gain=gain, per_output=per_output) for i, o in pairs)
        self.kind = kind
        self.dropout = [dropout_input] + [dropout_hidden] * (len(self.layers) - 1)

    def affine(self) -> list[Affine]:
        """The connections, in order."""
        return [layer for layer in self.layers if isinstance(layer, Affine)]

    def activity(self, spikes: Tensor | SpikeList, *, membranes: bool = True) -> Activity:
        """Run (steps, batch, in) spikes through all layers."""
        neurons = dynamics()[self.kind]
        result = Activity([], [])
        for layer, rate in zip(self.layers, self.dropout, strict=True):
            current, theta = layer(drop(spikes, rate) if self.training and rate else spikes)
            fired, after = neurons(current, theta, membranes=membranes)
            spikes = fired
            result.spikes.append(fired)
            result.membranes.append(after)
        return result

    def forward(self, spikes: Tensor | SpikeList) -> Tensor:
        """Output spikes (steps, batch, out) of input spikes (steps, batch, in)."""
        return self.activity(spikes, membranes=False).spikes[-1]


def drop(spikes: Tensor | SpikeList, rate: float) -> Tensor | SpikeList:
    """Silence inputs at random, each for a whole sample, and make up for it in the others.

    One mask for all steps: fresh masks every step would average out over the steps of SNN-CT and teach it nothing.
    """
    if isinstance(spikes, SpikeList):
        return spikes.dropped(rate)
    keep = torch.rand(spikes.shape[1:], device=spikes.device) >= rate
    return spikes * (keep / (1 - rate))
