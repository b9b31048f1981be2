"""SNN-CT: integration that goes on over the steps, reset by subtraction (Yin et al. 2017, eqs 5 to 7)."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from trainer.ste import surrogate


class _Run(torch.autograd.Function):
    """The recursion over all steps and its back-propagation through time, without a graph node a step.

    Forward, from rest (r = 0):   v[t] = r[t-1] + i[t];   s[t] = v[t] > theta;   r[t] = v[t] - theta s[t].
    Backward, from the last step: dv[t] = dr[t] + (ds[t] - theta dr[t]) h'(v[t]);   di[t] = dr[t-1] = dv[t],
    with eq. 4 for h'.
    """

    @staticmethod
    def forward(ctx: Any, current: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        before = torch.empty_like(current)
        spikes = torch.empty_like(current)
        after = torch.empty_like(current)
        rest = torch.zeros_like(current[0])
        for step in range(current.shape[0]):
            torch.add(rest, current[step], out=before[step])
            spikes[step] = before[step] > theta
            rest = torch.sub(before[step], spikes[step] * theta, out=after[step])
        ctx.save_for_backward(before, theta)
        return spikes, after

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        by_spikes, by_after = gradients
        before, theta = ctx.saved_tensors
        slope = surrogate(before, theta)
        out = torch.empty_like(before)
        later = torch.zeros_like(before[0])
        for step in reversed(range(before.shape[0])):
            rest = by_after[step] + later
            later = torch.add(rest, (by_spikes[step] - theta * rest) * slope[step], out=out[step])
        return out, None


def run(current: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """See ``Dynamics``."""
    return cast(tuple[Tensor, Tensor], _Run.apply(current, theta))  # type: ignore[no-untyped-call]
