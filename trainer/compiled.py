"""Loops for the CPU, compiled by numba when they are first called, which takes it a quarter of a second each.

The recursion of SNN-CT, in one pass over memory where torch's operations take several; and spikes sorted by input. What
takes long is shared by as many threads as torch has, in large parts: torch's own go on spinning for a while after each
operation, and many small parts would wait for them. Loops that fill arrays are spelt out: numba compiles them faster
than numpy's functions.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor

HELPERS = ThreadPoolExecutor(os.cpu_count(), "spikec")
"""Threads beside the one that asks; they start when they are first needed."""


def shared(loop: Callable[..., Any], count: int, *given: Any) -> list[Any]:
    """Results of ``loop(*given, first, last)`` for parts of ``count`` things, one for each of torch's threads."""
    parts = max(1, min(torch.get_num_threads(), count))
    bounds = [count * part // parts for part in range(parts + 1)]
    others = [HELPERS.submit(loop, *given, *bounds[part : part + 2]) for part in range(1, parts)]
    return [loop(*given, *bounds[:2]), *(other.result() for other in others)]


def forward(current: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Spikes (steps, batch, n), as ``current``, and where eq. 4 lets a gradient pass: bool, the same shape."""
    spikes, passes = (torch.empty(current.shape, dtype=dtype) for dtype in (current.dtype, torch.bool))
    shared(_forward, current.shape[1], *arrays(current, theta), spikes.numpy(), passes.numpy())
    return spikes, passes


def backward(gradient: Tensor, theta: Tensor, slope: Tensor, passes: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients by ``current``, (steps, batch, n), and by what is added to it in every step, (n,), of one by spikes.

    ``slope`` (n,): eq. 4 where it is not 0.
    """
    out = torch.empty(passes.shape, dtype=theta.dtype)
    sums = shared(_backward, passes.shape[1], *arrays(gradient, theta, slope, passes), out.numpy())
    return out, torch.from_numpy(np.sum(sums, axis=0))


@njit
def gathered(values, starts, counts):  # type: ignore[no-untyped-def]
    """Stretches of ``values``, one after the other: from each of ``starts``, ``counts`` many.

    Returns the number of the stretch that each is from, int32, and the values. All are arrays (n,) of integers.
    """
    total = 0
    for count in counts:  # As its own loop: numba would take a third of a second longer to compile ``sum``.
        total += count
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
    ends, starts = np.empty(count + 1, np.int32), np.empty(count, np.int32)
    for group in range(count + 1):
        ends[group] = 0
    for group in groups:
        ends[group + 1] += 1
    for group in range(count):
        ends[group + 1] += ends[group]
        starts[group] = ends[group]
    found = np.empty(len(members), np.int32)
    for member, group in zip(members, groups):  # noqa: B905 (numba knows no strict)
        found[ends[group]] = member
        ends[group] += 1
    return found, starts


def arrays(*tensors: Tensor) -> list[NDArray[Any]]:
    """What is only read, as numba takes it: copies where the order in memory is another."""
    return [tensor.detach().contiguous().numpy() for tensor in tensors]


@njit(nogil=True)
def _forward(current, theta, spikes, passes, first, last):  # type: ignore[no-untyped-def]
    left = np.empty_like(theta)
    for sample in range(first, last):
        for n in range(len(left)):
            left[n] = 0
        for step in range(current.shape[0]):
            for n in range(current.shape[2]):
                v = left[n] + current[step, sample, n]
                fires = v > theta[n]
                spikes[step, sample, n] = 1 if fires else 0
                passes[step, sample, n] = (v >= 0) & (v <= 2 * theta[n])
                left[n] = v - theta[n] if fires else v


@njit(nogil=True)
def _backward(gradient, theta, slope, passes, out, first, last):  # type: ignore[no-untyped-def]
    rest, sums = np.empty_like(theta), np.empty_like(theta)
    for n in range(len(theta)):
        sums[n] = 0
    for sample in range(first, last):
        for n in range(len(rest)):
            rest[n] = 0
        for step in range(len(passes) - 1, -1, -1):
            for n in range(len(theta)):
                if passes[step, sample, n]:
                    rest[n] += (gradient[step, sample, n] - theta[n] * rest[n]) * slope[n]
                out[step, sample, n] = rest[n]
            for n in range(len(theta)):
                sums[n] += rest[n]
    return sums
