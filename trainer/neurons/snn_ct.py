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
    with eq. 4 for h'. What does not depend on the recursion is computed for all steps at once, so that each step costs
    three passes over its neurons forward and one backward.
    """

    @staticmethod
    def forward(ctx: Any, current: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        before = torch.empty_like(current)
        spikes = torch.empty_like(current)
        after = torch.empty_like(current)
        rest = torch.zeros_like(current[0])
        for step in range(current.shape[0]):
            torch.add(rest, current[step], out=before[step])
            torch.gt(before[step], theta, out=spikes[step])
            rest = torch.addcmul(before[step], spikes[step], theta, value=-1, out=after[step])
        ctx.save_for_backward(before, theta)
        ctx.set_materialize_grads(False)
        return spikes, after

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor, None]:
        by_spikes, by_after = gradients
        before, theta = ctx.saved_tensors
        slope = surrogate(before, theta)
        out = torch.zeros_like(before) if by_spikes is None else by_spikes * slope
        kept = 1 - theta * slope
        rest = torch.zeros_like(before[0])
        for step in reversed(range(before.shape[0])):
            if by_after is not None:
                rest = rest + by_after[step]
            rest = out[step].addcmul_(rest, kept[step])
        return out, None


def run(current: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """See ``Dynamics``."""
    return cast(tuple[Tensor, Tensor], _Run.apply(current, theta))  # type: ignore[no-untyped-call]
