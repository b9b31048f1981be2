"""The recursion of SNN-CT as compiled loops for the CPU: one pass over memory, where torch's operations take several.

numba compiles them when they are first called, once for each float type, in about a second.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise

import torch
from numba import njit
from torch import Tensor

SMALL = 1 << 16
"""Values below which a second thread costs more than it saves."""


def forward(current: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
    """Spikes (steps, batch, n), as ``current``, and where eq. 4 lets a gradient pass: bool, the same shape."""
    spikes, passes = torch.empty_like(current), torch.empty_like(current, dtype=torch.bool)
    _by_samples(_forward, current.detach(), theta, spikes, passes)
    return spikes, passes


def backward(gradient: Tensor, theta: Tensor, slope: Tensor, passes: Tensor) -> Tensor:
    """The gradient by ``current`` of one by spikes, both (steps, batch, n); ``slope`` (n,): eq. 4 where it is not 0."""
    out = torch.empty_like(passes, dtype=theta.dtype)
    _by_samples(_backward, gradient, theta, slope, passes, out)
    return out


def _by_samples(loops: Callable[..., None], *tensors: Tensor) -> None:
    """Share the samples, which do not touch each other, out over as many threads as torch uses."""
    arrays = [tensor.contiguous().numpy() for tensor in tensors]
    samples = arrays[0].shape[1]
    threads = min(torch.get_num_threads(), samples) if arrays[0].size >= SMALL else 1
    if threads == 1:
        loops(0, samples, *arrays)
        return
    bounds = [samples * i // threads for i in range(threads + 1)]
    jobs = [_pool(os.getpid(), threads).submit(loops, *part, *arrays) for part in pairwise(bounds)]
    for job in jobs:
        job.result()


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:  # noqa: ARG001 (a forked process needs its own threads)
    return ThreadPoolExecutor(threads, "spikec-recursion")


@njit(nogil=True)
def _forward(first, last, current, theta, spikes, passes):  # type: ignore[no-untyped-def]
    for sample in range(first, last):
        left = current[0, sample] * 0
        for step in range(current.shape[0]):
            for n in range(current.shape[2]):
                v = left[n] + current[step, sample, n]
                fires = v > theta[n]
                spikes[step, sample, n] = 1 if fires else 0
                passes[step, sample, n] = (v >= 0) & (v <= 2 * theta[n])
                left[n] = v - theta[n] if fires else v


@njit(nogil=True)
def _backward(first, last, gradient, theta, slope, passes, out):  # type: ignore[no-untyped-def]
    for sample in range(first, last):
        rest = gradient[0, sample] * 0
        for step in range(gradient.shape[0] - 1, -1, -1):
            for n in range(gradient.shape[2]):
                if passes[step, sample, n]:
                    rest[n] += (gradient[step, sample, n] - theta[n] * rest[n]) * slope[n]
                out[step, sample, n] = rest[n]
