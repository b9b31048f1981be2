"""Loops for the CPU, compiled by numba when they are first called, which takes it about a second each.

The recursion of SNN-CT, in one pass over memory where torch's operations take several; and spikes sorted by input. They
run on one thread: torch's go on spinning for a while after each operation, and others would be in their way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor


def forward(current: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Spikes (steps, batch, n), as ``current``, and where eq. 4 lets a gradient pass: bool, the same shape."""
    spikes, passes = (torch.empty(current.shape, dtype=dtype) for dtype in (current.dtype, torch.bool))
    _forward(*_arrays(current, theta), spikes.numpy(), passes.numpy())
    return spikes, passes


def backward(gradient: Tensor, theta: Tensor, slope: Tensor, passes: Tensor) -> Tensor:
    """The gradient by ``current`` of one by spikes, both (steps, batch, n); ``slope`` (n,): eq. 4 where it is not 0."""
    out = torch.empty(passes.shape, dtype=theta.dtype)
    _backward(*_arrays(gradient, theta, slope, passes), out.numpy())
    return out


@njit
def gathered(values, starts, counts):  # type: ignore[no-untyped-def]
    """Stretches of ``values``, one after the other: from each of ``starts``, ``counts`` many.

    Returns the number of the stretch that each is from, int32, and the values. All are arrays (n,) of integers.
    """
    total = counts.sum()
    origins, found = np.empty(total, np.int32), np.empty(total, values.dtype)
    at = 0
    for stretch in range(len(starts)):
        for i in range(starts[stretch], starts[stretch] + counts[stretch]):
            origins[at], found[at] = stretch, values[i]
            at += 1
    return origins, found


@njit
def grouped(members, groups, count):  # type: ignore[no-untyped-def]
    """Sort ``members``, int32 (n,), by their ``groups`` (n,), numbers below ``count``, and keep the order within each.

    Returns them, and where each group starts: int32 (n,) and (count,).
    """
    ends = np.zeros(count + 1, np.int32)
    for group in groups:
        ends[group + 1] += 1
    for group in range(count):
        ends[group + 1] += ends[group]
    starts = ends[:-1].copy()
    found = np.empty(len(members), np.int32)
    for member, group in zip(members, groups):  # noqa: B905 (numba knows no strict)
        found[ends[group]] = member
        ends[group] += 1
    return found, starts


def _arrays(*tensors: Tensor) -> list[NDArray[Any]]:
    """What is only read, as numba takes it: copies where the order in memory is another."""
    return [tensor.detach().contiguous().numpy() for tensor in tensors]


@njit
def _forward(current, theta, spikes, passes):  # type: ignore[no-untyped-def]
    for sample in range(current.shape[1]):
        left = current[0, sample] * 0
        for step in range(current.shape[0]):
            for n in range(current.shape[2]):
                v = left[n] + current[step, sample, n]
                fires = v > theta[n]
                spikes[step, sample, n] = 1 if fires else 0
                passes[step, sample, n] = (v >= 0) & (v <= 2 * theta[n])
                left[n] = v - theta[n] if fires else v


@njit
def _backward(gradient, theta, slope, passes, out):  # type: ignore[no-untyped-def]
    for sample in range(gradient.shape[1]):
        rest = gradient[0, sample] * 0
        for step in range(gradient.shape[0] - 1, -1, -1):
            for n in range(gradient.shape[2]):
                if passes[step, sample, n]:
                    rest[n] += (gradient[step, sample, n] - theta[n] * rest[n]) * slope[n]
                out[step, sample, n] = rest[n]
