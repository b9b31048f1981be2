"""Spikes with a gradient: the straight-through estimator (Yin et al. 2017, eq. 4)."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor


def surrogate(membrane: Tensor, theta: Tensor) -> Tensor:
    """Stand-in for the derivative of a spike by its membrane: ``0.5 / theta`` where ``0 <= v <= 2 theta``, else 0.

    For ``theta = 1`` this is eq. 4 to the letter; other thresholds only change the unit that membranes are counted in.
    Neurons whose threshold is not positive get no gradient.
    """
    return ((membrane >= 0) & (membrane <= 2 * theta)) * height(theta)


def height(theta: Tensor) -> Tensor:
    """What eq. 4 lets pass of a gradient: ``0.5 / theta``, and nothing at thresholds that are not positive."""
    return torch.where(theta > 0, 0.5 / theta, 0.0)


class _Spike(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, membrane: Tensor, theta: Tensor) -> Tensor:
        ctx.save_for_backward(membrane, theta)
        return (membrane > theta).to(membrane.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        membrane, theta = ctx.saved_tensors
        return gradients[0] * surrogate(membrane, theta), None


def spike(membrane: Tensor, theta: Tensor) -> Tensor:
    """1 where ``membrane > theta`` (strictly), else 0, with the gradient of eq. 4; shapes must broadcast."""
    return cast(Tensor, _Spike.apply(membrane, theta))  # type: ignore[no-untyped-call]


class _Round(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:  # noqa: ARG004 (torch hands it over)
        return torch.round(value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ARG004
        return gradients[0]


def round_through(value: Tensor) -> Tensor:
    """Nearest integers (ties to even), with the gradient of the identity."""
    return cast(Tensor, _Round.apply(value))  # type: ignore[no-untyped-call]


class _Clipped(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, scale: Tensor, high: float) -> Tensor:
        scaled = (value * scale).round_()
        clipped = scaled.clamp(-high, high)
        ctx.save_for_backward(scaled == clipped, scale)
        return clipped

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        inside, scale = ctx.saved_tensors
        return gradients[0] * scale * inside, None, None


def clipped_through(value: Tensor, scale: Tensor, high: float) -> Tensor:
    """``value * scale`` as the nearest integers from ``-high`` to ``high``, with the gradient of the product.

    It stops at what was clipped.
    """
    return cast(Tensor, _Clipped.apply(value, scale, high))  # type: ignore[no-untyped-call]


class _Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:  # noqa: ARG004 (torch hands it over)
        return torch.where(value < 0, -1.0, 1.0).to(value.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:  # noqa: ARG004
        return gradients[0]


def sign_through(value: Tensor) -> Tensor:
    """-1 for negative values, +1 for all others, with the gradient of the identity."""
    return cast(Tensor, _Sign.apply(value))  # type: ignore[no-untyped-call]
