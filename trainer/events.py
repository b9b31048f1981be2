"""SNN-CT behind a fully connected layer, for the CPU: from spike to spike in one go, without currents in memory.

Product and recursion each read and write what all neurons do in all steps. Here a row of sums stays in the processor's
cache from the first weight that is added until its neurons have fired, and of the weights only those of inputs that
spiked are read, as integers of 8 bits: sums are exact, in whatever order. The result is that of ``Affine`` and
``trainer.neurons.snn_ct`` to the bit, as long as nothing is dropped out; then the order of roundings is another.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import numpy as np
import torch
from numba import njit
from torch import Tensor

from trainer import compiled
from trainer.compiled import arrays, gathered, shared
from trainer.grid import bias_to_grid, exact_dtype, exact_float32, limit
from trainer.layers.affine import Affine
from trainer.layers.base import Connection
from trainer.spikelist import SpikeList, sums_of_rows
from trainer.ste import height

CHUNK = 256
"""So many weights of 8 bits are summed in 16 bits: 256 * 127 < 2^15."""
BLOCK = 32
"""Rows of a table that are turned at a time: they stay in the cache."""
SPARSE = 1 / 8
"""Where a smaller share of the inputs spikes, weights' gradients are sums over the spikes, else a product."""
MOST_INPUTS = 1 << 16
"""Lists number inputs in 16 bits."""


def fire(layer: Connection, kind: str, spikes: Tensor | SpikeList) -> Tensor | None:
    """Spikes (steps, batch, out) of neurons of a ``kind`` behind ``layer``, or None for what this cannot do.

    It can do SNN-CT behind weights on a grid, on the CPU, of spikes (steps, batch, in) that all count the same: 1, or
    what dropout makes of it.
    """
    if kind != "snn_ct" or not isinstance(layer, Affine) or layer.bits is None or layer.weight.device.type != "cpu":
        return None
    dense, found = (spikes, listed(spikes)) if isinstance(spikes, Tensor) else (None, spikes)
    if found is None:
        return None
    bias = bias_to_grid(layer.bias, layer.theta)
    if exact_float32(layer.bits, found.inputs, bias, layer.theta, found.steps):
        dtype = torch.float32
    else:
        dtype = exact_dtype(layer.parameters_on_grid(), found.steps)
    fired = _Fire.apply(dense, layer.weight, bias.to(dtype), layer.theta, layer.bits, found)  # type: ignore[no-untyped-call]
    return cast(Tensor, fired)


def listed(spikes: Tensor) -> SpikeList | None:
    """Spelt-out spikes (steps, batch, in) as a list; None if they do not all count the same."""
    steps, batch, inputs = spikes.shape
    if inputs > MOST_INPUTS:
        return None
    (flat,) = arrays(spikes.reshape(-1, inputs))
    columns, counts = np.empty(flat.shape, np.uint16), np.empty(len(flat), np.int64)
    values = set(shared(_list, len(flat), flat, columns, counts)) - {0.0}
    if len(values) > 1 or any(np.isnan(value) for value in values):
        return None
    rows, found = gathered(columns.reshape(-1), np.arange(len(flat)) * inputs, counts)
    return SpikeList(steps, batch, inputs, rows, found, float(values.pop()) if values else 1.0)


class _Fire(torch.autograd.Function):
    """Weights are rounded here, too: their gradient is turned, scaled and stopped where they are clipped in one pass.

    ``dense``: the same spikes spelt out, if they are to get a gradient.
    """

    @staticmethod
    def forward(
        ctx: Any, dense: Tensor | None, weight: Tensor, bias: Tensor, theta: Tensor, bits: int, spikes: SpikeList
    ) -> Tensor:
        table = np.empty(weight.shape[::-1], np.int8)
        shared(_round, len(table), *arrays(weight, theta), limit(bits), bits == 1, table)
        shape = (spikes.steps, spikes.batch, len(bias))
        fired, passes = (torch.empty(shape, dtype=dtype) for dtype in (bias.dtype, torch.bool))
        on_grid, found = arrays(bias, theta.to(bias.dtype)), (fired.numpy(), passes.numpy())
        ends = np.searchsorted(spikes.rows, np.arange(spikes.steps * spikes.batch + 1, dtype=np.int32))
        value = on_grid[0].dtype.type(spikes.value)
        shared(_fire, spikes.batch, table, *on_grid, value, spikes.columns, ends, *found)
        ctx.save_for_backward(dense, weight, theta, passes)
        ctx.rest = table, bits, spikes, bias.dtype
        return fired

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        dense, weight, theta, passes = ctx.saved_tensors
        table, bits, spikes, dtype = ctx.rest
        by_current, by_bias = compiled.backward(gradients[0], theta.to(dtype), height(theta).to(dtype), passes)
        flat = by_current.reshape(-1, len(theta))
        if dense is None or len(spikes.rows) < SPARSE * dense.numel():
            sums, value = sums_of_rows(flat, spikes.rows, spikes.columns, spikes.inputs), spikes.value
        else:
            sums, value = product(dense.reshape(-1, spikes.inputs).T.to(dtype), flat), 1.0
        by_weight = torch.empty_like(weight, memory_format=torch.contiguous_format)
        high = np.inf if bits == 1 else float(limit(bits))
        shared(_turn, len(theta), *arrays(sums, weight, theta), high, value, by_weight.numpy())
        by_spikes = None
        if ctx.needs_input_grad[0]:
            by_spikes = product(flat, torch.from_numpy(table.T).to(dtype)).reshape(dense.shape).to(dense.dtype)
        return by_spikes, by_weight, by_bias, None, None, None


def product(one: Tensor, other: Tensor) -> Tensor:
    """Matrix product of gradients: in bfloat16 where ``trainer.precision`` lets it and the processor has units for it.

    Torch would round the factors to bfloat16 as well, but not the product: that takes it twice as long.
    """
    if one.dtype == torch.float32 and torch.get_float32_matmul_precision() == "medium" and bfloat16_units():
        return (one.bfloat16() @ other.bfloat16()).float()
    return one @ other


@cache
def bfloat16_units() -> bool:
    """Whether the processor multiplies in bfloat16; False with a torch that cannot tell."""
    capabilities = getattr(torch.cpu, "get_capabilities", dict[str, bool])()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16"))


@njit(nogil=True)
def _list(spikes, columns, counts, first, last):  # type: ignore[no-untyped-def]
    """Write down where rows of ``spikes`` are not 0. Returns what they are there: NaN for different values."""
    value = spikes.dtype.type(0)
    for row in range(first, last):
        found = 0
        for n in range(spikes.shape[1]):
            columns[row, found] = n  # Written always, kept if there is a spike: no branch to guess wrong.
            found += spikes[row, n] != 0
        counts[row] = found
        for k in range(found):
            x = spikes[row, columns[row, k]]
            if value == 0:
                value = x
            elif x != value:
                value = spikes.dtype.type(np.nan)
    return value


@njit(nogil=True)
def _round(weight, theta, high, sign, table, first, last):  # type: ignore[no-untyped-def]
    """Fill rows of the ``table`` (in, out) with ``weight`` (out, in) on the grid: see ``trainer.grid.to_grid``."""
    for start in range(first, last, BLOCK):
        for n in range(len(weight)):
            for i in range(start, min(start + BLOCK, last)):
                x = weight[n, i] * theta[n]
                if sign:
                    table[i, n] = -1 if x < 0 else 1
                else:
                    table[i, n] = np.int8(min(max(np.rint(x), -high), high))


@njit(nogil=True)
def _fire(table, bias, theta, value, columns, ends, spikes, passes, first, last):  # type: ignore[no-untyped-def]
    """Integrate and fire, sample by sample."""
    steps, batch, count = spikes.shape
    sums, v = np.empty(count, np.int16), np.empty_like(bias)
    for sample in range(first, last):
        for n in range(count):
            v[n] = 0
        for step in range(steps):
            row = step * batch + sample
            for n in range(count):
                v[n] += bias[n]
            for start in range(ends[row], ends[row + 1], CHUNK):
                _add_up(table, columns, start, min(start + CHUNK, ends[row + 1]), sums)
                for n in range(count):
                    v[n] += value * sums[n]
            _step(v, theta, spikes[step, sample], passes[step, sample])


@njit(nogil=True)
def _add_up(table, columns, start, end, sums):  # type: ignore[no-untyped-def]
    """Sum up the rows named in ``columns[start:end]``, four at a time: the sums are touched less often."""
    for n in range(len(sums)):
        sums[n] = 0
    fours = start + (end - start) // 4 * 4
    for k in range(start, fours, 4):
        a, b, c, d = columns[k], columns[k + 1], columns[k + 2], columns[k + 3]
        for n in range(len(sums)):
            one = np.int16(np.int16(table[a, n]) + np.int16(table[b, n]))
            sums[n] += np.int16(one + np.int16(np.int16(table[c, n]) + np.int16(table[d, n])))
    for k in range(fours, end):
        a = columns[k]
        for n in range(len(sums)):
            sums[n] += table[a, n]


@njit(nogil=True)
def _step(v, theta, spikes, passes):  # type: ignore[no-untyped-def]
    """Fire what is above its threshold; ``passes``: where eq. 4 lets a gradient pass."""
    for n in range(len(v)):
        fires = v[n] > theta[n]
        spikes[n] = 1 if fires else 0
        passes[n] = (v[n] >= 0) & (v[n] <= 2 * theta[n])
        v[n] = v[n] - theta[n] if fires else v[n]


@njit(nogil=True)
def _turn(sums, weight, theta, high, value, by_weight, first, last):  # type: ignore[no-untyped-def]
    """Turn the gradient (in, out) by integers into that by ``weight`` (out, in), which stops at what was clipped."""
    for start in range(0, len(sums), BLOCK):
        for n in range(first, last):
            for i in range(start, min(start + BLOCK, len(sums))):
                inside = abs(np.rint(weight[n, i] * theta[n])) <= high
                by_weight[n, i] = sums[i, n] * value * theta[n] if inside else 0
