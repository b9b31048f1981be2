"""Squared hinge loss on spike counts (Yin et al. 2017, section II)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from codegen.ir import Head


def squared_hinge(spikes: Tensor, heads: Sequence[Head], labels: Mapping[str, Tensor], rate: float) -> Tensor:
    """Mean over samples, summed over heads, of ``mean_j max(0, 1 - y_j score_j) ** 2``.

    ``spikes``: output spikes (steps, batch, out). ``labels``: class indices (batch,) by head. ``y_j`` is +1 for the
    right class and -1 for the others; ``score_j`` is neuron j's spike count, mapped so that 0 spikes are -1 and
    ``rate * steps`` spikes are +1: the right neuron is to fire at least that often, the others never.
    """
    full = max(1.0, rate * spikes.shape[0])
    score = spikes.sum(dim=0) * (2 / full) - 1
    total = torch.zeros((), device=spikes.device)
    for head in heads:
        wanted = -torch.ones_like(score[:, head.start : head.stop])
        wanted.scatter_(1, labels[head.name][:, None], 1.0)
        total = total + torch.relu(1 - wanted * score[:, head.start : head.stop]).square().mean(dim=1).mean()
    return total
