"""A spiking network in torch: connections and neurons in turn, dropout between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from trainer.architecture import Dense, Shape, parse, shapes
from trainer.layers import kinds
from trainer.layers.base import Connection, Pooling, Synapses
from trainer.neurons import dynamics
from trainer.spikelist import SpikeList


@dataclass(frozen=True)
class Activity:
    """What every layer did: ``spikes`` and ``membranes`` after each step, each (steps, batch, n).

    Pooling has no membranes: an empty tensor. ``current`` (steps, batch, out) and ``theta`` (out,): summed input and
    thresholds of the output neurons. ``inner``: the connections behind the first, each with its input spikes.
    """

    spikes: list[Tensor]
    membranes: list[Tensor]
    current: Tensor
    theta: Tensor
    inner: list[tuple[Synapses, Tensor]]

    def synops(self) -> Tensor:
        """Synaptic operations behind the first layer, as a share of what they would be if every neuron always fired.

        Computed when asked for: it reads all hidden spikes once more, which is a twentieth of a training step.
        """
        most = [layer.fan_out * spikes.shape[-1] for layer, spikes in self.inner]
        parts = [spikes.mean() * count / sum(most) for (_, spikes), count in zip(self.inner, most, strict=True)]
        return torch.stack(parts).sum() if parts else self.current.new_zeros(())


class SpikingNetwork(nn.Module):
    """A network of one neuron kind: ``layers`` as recipes write them (see ``trainer.architecture``).

    ``sizes``: the input's size or its shape (rows, columns, channels), the hidden layers, the number of outputs.
    Raises ValueError for layers that do not fit together.
    """

    def __init__(
        self,
        sizes: Sequence[int | str | Shape],
        kind: str,
        *,
        bits: int | None,
        gain: float = 1.0,
        per_output: bool = False,
        dropout_input: float = 0.0,
        dropout_hidden: float = 0.0,
    ) -> None:
        super().__init__()
        first, *rest = sizes
        in_shape = first if isinstance(first, tuple) else (int(first),)
        specs = [parse(word) for word in rest if not isinstance(word, tuple)]
        makers = {cls.spec: cls for cls in kinds().values()}
        self.layers = nn.ModuleList()
        self.dropout: list[float] = []
        for spec, shape, _ in shapes(in_shape, specs):
            cls = makers[type(spec)]
            if issubclass(cls, Synapses):
                layer: Connection = cls.make(spec, shape, bits=bits, gain=gain, per_output=per_output)
            else:
                assert issubclass(cls, Pooling)
                layer = cls.make(spec, shape)
            hidden = dropout_hidden if isinstance(spec, Dense) else 0.0
            self.dropout.append(hidden if len(self.layers) else dropout_input)
            self.layers.append(layer)
        self.kind = kind

    def synapses(self) -> list[Synapses]:
        """The connections with weights, in order."""
        return [layer for layer in self.layers if isinstance(layer, Synapses)]

    def activity(self, spikes: Tensor | SpikeList, *, membranes: bool = True) -> Activity:
        """Run (steps, batch, in) spikes through all layers; without ``membranes``, they may be missing."""
        neurons = dynamics()[self.kind]
        all_spikes, all_membranes = list[Tensor](), list[Tensor]()
        inner: list[tuple[Synapses, Tensor]] = []
        for layer, rate in zip(self.layers, self.dropout, strict=True):
            before = all_spikes[-1] if all_spikes else spikes
            if isinstance(layer, Synapses):
                if isinstance(before, Tensor) and all_spikes:
                    inner.append((layer, before))
                current, theta = layer(drop(before, rate) if self.training and rate else before)
                fired, after = neurons(current, theta, membranes=membranes)
            else:
                fired = layer(before.dense() if isinstance(before, SpikeList) else before)
                after = fired.new_zeros(*fired.shape[:2], 0)
            all_spikes.append(fired)
            all_membranes.append(after)
        return Activity(all_spikes, all_membranes, current, theta, inner)

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
