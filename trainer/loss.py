"""Squared hinge loss (Yin et al. 2017, section II), on spike counts or on membranes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from codegen.ir import Head


def spike_scores(spikes: Tensor, rate: float) -> Tensor:
    """Scores (1, batch, out) of spike counts: -1 for none, +1 for ``rate * steps`` spikes.

    ``spikes``: (steps, batch, out). The right neuron is to fire at least that often, the others never.
    """
    full = max(1.0, rate * spikes.shape[0])
    return spikes.sum(dim=0, keepdim=True) * (2 / full) - 1


def membrane_scores(current: Tensor, theta: Tensor, rate: float, *, memory: bool) -> Tensor:
    """Scores (steps, batch, out) of what the output neurons integrate: every step's answer is trained.

    ``current``: their input (steps, batch, out). Neurons without memory score ``2 (v - theta) / theta`` in each step:
    they are to stay away from the threshold by half of it. Those with ``memory`` score their mean input so far, -1 for
    none and +1 for what makes them fire at ``rate``. No spike stands between this loss and the last layer's weights, so
    its gradient is exact there and reaches neurons that eq. 4 would leave out.
    """
    if not memory:
        return 2 * (current - theta) / theta
    steps = torch.arange(1, current.shape[0] + 1, device=current.device, dtype=current.dtype)
    return current.cumsum(dim=0) * 2 / (rate * theta * steps[:, None, None]) - 1


def squared_hinge(scores: Tensor, heads: Sequence[Head], labels: Mapping[str, Tensor]) -> Tensor:
    """Mean over steps and samples, summed over heads, of ``mean_j max(0, 1 - y_j score_j) ** 2``.

    ``scores``: (steps, batch, out). ``labels``: class indices (batch,) by head. ``y_j`` is +1 for the right class and
    -1 for the others.
    """
    total = torch.zeros((), device=scores.device)
    for head in heads:
        part = scores[..., head.start : head.stop]
        wanted = -torch.ones_like(part[0])
        wanted.scatter_(1, labels[head.name][:, None], 1.0)
        total = total + torch.relu(1 - wanted * part).square().mean()
    return total
