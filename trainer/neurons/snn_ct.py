"""SNN-CT: integration that goes on over the steps, reset by subtraction (Yin et al. 2017, eqs 5 to 7)."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from trainer import compiled
from trainer.ste import height


class _Run(torch.autograd.Function):
    """The recursion over all steps and its back-propagation through time, without a graph node a step.

    Forward, from rest (r = 0):   v[t] = r[t-1] + i[t];   s[t] = v[t] > theta;   r[t] = v[t] - theta s[t].
    Backward, from the last step: dv[t] = dr[t] + (ds[t] - theta dr[t]) h'(v[t]);   di[t] = dr[t-1] = dv[t],
    with eq. 4 for h'. Every pass goes over the neurons of one step, which stay in the processor's cache, and of the
    membranes before the reset only what eq. 4 asks of them is kept: memory, not arithmetic, is what costs here. Where
    no membranes are asked for, the CPU does it in compiled loops.
    """

    @staticmethod
    def forward(ctx: Any, current: Tensor, theta: Tensor, membranes: bool) -> tuple[Tensor, Tensor]:
        ctx.set_materialize_grads(False)
        if current.device.type == "cpu" and not membranes:
            spikes, passes = compiled.forward(current, theta)
            ctx.save_for_backward(passes, theta)
            return spikes, current.new_empty(0)
        spikes = torch.empty_like(current)
        after = torch.empty_like(current if membranes else current[:0])
        passes = torch.empty_like(current, dtype=torch.bool)
        v, inside = torch.zeros_like(current[0]), torch.empty_like(current[0])
        nought, double = torch.zeros_like(theta), 2 * theta
        for step in range(current.shape[0]):
            v.add_(current[step])
            torch.gt(v, theta, out=spikes[step])
            if ctx.needs_input_grad[0]:
                torch.clamp(v, nought, double, out=inside)  # Equal to v just where 0 <= v <= 2 theta.
                torch.eq(inside, v, out=passes[step])
            v.addcmul_(spikes[step], theta, value=-1)
            if membranes:
                after[step] = v
        ctx.save_for_backward(passes, theta)
        return spikes, after

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor, None, None]:
        by_spikes, by_after = gradients
        passes, theta = ctx.saved_tensors
        if passes.device.type == "cpu" and by_spikes is not None and by_after is None:
            return compiled.backward(by_spikes, theta, height(theta), passes), None, None
        out = torch.empty_like(passes, dtype=theta.dtype)
        rest, slope = torch.zeros_like(theta.expand_as(passes[0])), height(theta)
        for step in reversed(range(out.shape[0])):
            if by_after is not None:
                rest = rest + by_after[step]
            wanted = theta * -rest if by_spikes is None else torch.addcmul(by_spikes[step], theta, rest, value=-1)
            rest = torch.addcmul(rest, wanted, passes[step] * slope, out=out[step])
        return out, None, None


def run(current: Tensor, theta: Tensor, *, membranes: bool = True) -> tuple[Tensor, Tensor]:
    """See ``Dynamics``."""
    return cast(tuple[Tensor, Tensor], _Run.apply(current, theta, membranes))  # type: ignore[no-untyped-call]
