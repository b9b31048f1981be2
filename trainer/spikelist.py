"""Input spikes as lists: the first layer's product then skips what is silent, which is nearly everything.

In a step of an N-MNIST recording 3 % of the inputs spike, so a dense product would spend 97 % of its time on zeros.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

CHUNK = 256
"""Samples unpacked at a time while the lists are made."""


@dataclass(frozen=True)
class SpikeList:
    """The spikes of a batch: (steps, batch, inputs), of which only those that are there are kept.

    ``rows``: int32 (spikes,), ``step * batch + sample``, not decreasing; ``columns``: uint16 (spikes,), the inputs;
    ``values``: float32 (spikes,), 1 or what dropout makes of it.
    """

    steps: int
    batch: int
    inputs: int
    rows: NDArray[np.int32]
    columns: NDArray[np.uint16]
    values: NDArray[np.float32]

    def dense(self) -> Tensor:
        """Spell the same spikes out: float32 (steps, batch, inputs)."""
        spikes = np.zeros((self.steps * self.batch, self.inputs), np.float32)
        spikes[self.rows, self.columns] = self.values
        return torch.from_numpy(spikes).reshape(self.steps, self.batch, self.inputs)

    def at(self, kept: NDArray[np.bool_], columns: NDArray[np.integer[Any]]) -> SpikeList:
        """The ``kept`` spikes, (spikes,), at other inputs, ``columns`` (kept spikes,); those that meet become one."""
        there = np.zeros(self.steps * self.batch * self.inputs, np.bool_)
        there[self.rows[kept].astype(np.int64) * self.inputs + columns] = True
        rows, places = np.divmod(np.flatnonzero(there), self.inputs)
        values = np.ones(len(rows), np.float32)
        return replace(self, rows=rows.astype(np.int32), columns=places.astype(np.uint16), values=values)

    def dropped(self, rate: float) -> SpikeList:
        """Silence inputs as ``trainer.model.drop`` does, with the same random numbers."""
        keep = ((torch.rand(self.batch, self.inputs) >= rate) / (1 - rate)).numpy()
        return replace(self, values=self.values * keep[self.rows % self.batch, self.columns])

    def product(self, weight: Tensor, bias: Tensor) -> Tensor:
        """Summed input ``bias + weight @ spikes``, (steps, batch, out), in the dtype of ``weight`` (out, inputs)."""
        if torch.backends.mkl.is_available():  # type: ignore[no-untyped-call]
            flat = cast(Tensor, _Product.apply(weight, bias, self))  # type: ignore[no-untyped-call]
        else:  # Torch has no sparse products on the CPU without that library.
            dense = self.dense().reshape(-1, self.inputs).to(weight.dtype)
            flat = torch.addmm(bias, dense, weight.T)
        return flat.reshape(self.steps, self.batch, -1)

    def matrix(self, dtype: torch.dtype) -> Tensor:
        """Make the sparse matrix (steps * batch, inputs)."""
        shape = (self.steps * self.batch, self.inputs)
        return _csr(self.rows, self.columns, self.values, shape, dtype)

    def transposed(self, dtype: torch.dtype) -> Tensor:
        """Make the sparse matrix (inputs, steps * batch)."""
        order = np.argsort(self.columns, kind="stable")  # A radix sort: these are 16 bits.
        shape = (self.inputs, self.steps * self.batch)
        return _csr(self.columns[order], self.rows[order], self.values[order], shape, dtype)


def _csr(
    rows: NDArray[Any], columns: NDArray[Any], values: NDArray[np.float32], shape: tuple[int, int], dtype: torch.dtype
) -> Tensor:
    starts = np.zeros(shape[0] + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=shape[0]), out=starts[1:])
    place, weights = torch.from_numpy(columns.astype(np.int32)), torch.from_numpy(values).to(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Torch calls these matrices a beta feature, once.
        return torch.sparse_csr_tensor(torch.from_numpy(starts), place, weights, shape, check_invariants=False)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor, bias: Tensor, spikes: SpikeList) -> Tensor:
        ctx.spikes = spikes
        return (spikes.matrix(weight.dtype) @ weight.T.contiguous()).add_(bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        (gradient,) = gradients
        return (ctx.spikes.transposed(gradient.dtype) @ gradient.contiguous()).T, gradient.sum(dim=0), None


class SpikeStore:
    """All recordings of a data set as lists, ready to be put together to batches."""

    def __init__(self, packed: NDArray[np.uint8], inputs: int) -> None:
        """Unpack ``packed`` (recordings, steps, bytes; lowest bit first) of ``inputs`` inputs a step."""
        self.inputs = inputs
        counts, columns = [], []
        for start in range(0, len(packed), CHUNK):
            spikes = np.unpackbits(packed[start : start + CHUNK], axis=2, count=inputs, bitorder="little")
            counts.append(np.count_nonzero(spikes, axis=2))
            columns.append((np.flatnonzero(spikes) % inputs).astype(np.uint16))
        empty = np.zeros((0, packed.shape[1]), np.int64)
        self._counts: NDArray[np.int64] = np.concatenate([empty, *counts])
        self._columns: NDArray[np.uint16] = np.concatenate([np.zeros(0, np.uint16), *columns])
        ends = self._counts.reshape(-1).cumsum().reshape(self._counts.shape)
        self._starts: NDArray[np.int64] = ends - self._counts

    def take(self, chosen: NDArray[np.int64]) -> SpikeList:
        """Put a batch together. Numbers from the count of recordings on mean these, backwards in time."""
        backward = chosen >= len(self._counts)
        recordings = chosen - len(self._counts) * backward
        counts, starts = self._counts[recordings], self._starts[recordings]
        counts[backward], starts[backward] = counts[backward, ::-1], starts[backward, ::-1]
        batch, steps = counts.shape
        each = counts.T.reshape(-1)
        before = each.cumsum() - each
        place = np.arange(each.sum()) + np.repeat(starts.T.reshape(-1) - before, each)
        rows = np.repeat(np.arange(steps * batch, dtype=np.int32), each)
        return SpikeList(steps, batch, self.inputs, rows, self._columns[place], np.ones(len(rows), np.float32))
