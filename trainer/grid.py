"""The grid that weights are rounded to: a layer's scale is chosen so that its threshold is an integer on it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.ste import clipped_through, round_through, sign_through

MIN_BITS = 1
"""One bit is a sign: weights are -1 or +1, and the integer network keeps them in the 2 bits that are its least."""
MAX_THETA = 1 << 14
"""Finest grid: with tiny weights, more resolution of the threshold would only widen the membranes."""
CLIP_TRIALS = 24
BIAS_LIMIT = 2.0**24
EXACT = 2**24
"""Float32 holds all integers below."""


def limit(bits: int) -> int:
    """The largest weight of that many signed bits; the grid is symmetric, and without 0 where a bit is all there is."""
    return max(1, (1 << (bits - 1)) - 1)


def choose_theta(weight: Tensor, bits: int, *, per_output: bool = False) -> Tensor:
    """Integer thresholds for weights (out, in) of a layer whose float threshold is 1; the scale is 1 / theta.

    Tried are the grid in which the largest weight just fits, and finer ones that clip it: the least squared error
    wins. One bit has the scale that loses least of the weights for given signs: their mean absolute value (Rastegari et
    al. 2016, XNOR-Net, eq. 6). One for all outputs, or one for each (``per_output``): float32 holding integers >= 1,
    shape (out,).
    """
    flat = weight.detach() if per_output else weight.detach().reshape(1, -1)
    if bits == 1:
        mean = flat.abs().mean(dim=1).clamp(min=1e-12)
        return (1 / mean).round().clamp(1, MAX_THETA).expand(weight.shape[0]).clone()
    largest = flat.abs().amax(dim=1).clamp(min=1e-12)
    coarsest = (limit(bits) / largest).floor().clamp(1, MAX_THETA)
    best, least = coarsest, torch.full_like(coarsest, torch.inf)
    for trial in range(CLIP_TRIALS):
        theta = (coarsest * (1 + trial / 8)).floor().clamp(1, MAX_THETA)
        rounded = (flat * theta[:, None]).round().clamp(-limit(bits), limit(bits)) / theta[:, None]
        error = (rounded - flat).square().sum(dim=1)
        best, least = torch.where(error < least, theta, best), torch.minimum(error, least)
    return best.expand(weight.shape[0]).clone()


@dataclass(frozen=True)
class OnGrid:
    """A layer's weights (out, ...), biases (out,) and thresholds (out,): integers, held in floats that are exact."""

    weight: Tensor
    bias: Tensor
    theta: Tensor


def to_grid(weight: Tensor, bias: Tensor, theta: Tensor, bits: int) -> OnGrid:
    """Round float weights and biases (for threshold 1) to the grid of ``theta``; gradients pass straight through.

    They stop at clipped weights. One bit keeps the sign only (0 counts as positive) and clips nothing.
    """
    scale = theta.reshape(-1, *[1] * (weight.dim() - 1))
    high = limit(bits)
    rounded = sign_through(weight * scale) if bits == 1 else clipped_through(weight, scale, high)
    return OnGrid(rounded, round_through(bias * theta).clamp(-BIAS_LIMIT, BIAS_LIMIT), theta)


@torch.no_grad()
def exact_dtype(grid: OnGrid, steps: int) -> torch.dtype:
    """Get the float type in which no sum and no membrane of ``steps`` steps is rounded, whatever the spikes.

    Thresholds are positive in training, so a reset never makes a membrane larger. The weights' sums are asked for only
    where their largest values do not settle it.
    """
    rest = steps * grid.bias.abs() + grid.theta
    low, high = grid.weight.aminmax()
    reach = steps * max(-float(low), float(high)) * grid.weight[0].numel() + float(rest.max())
    if reach >= EXACT:
        reach = float((steps * grid.weight.abs().double().flatten(1).sum(dim=1) + rest).max())
    return torch.float32 if reach < EXACT else torch.float64
