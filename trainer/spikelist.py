"""Input spikes as lists: the first layer's product then skips what is silent, which is nearly everything.

In a step of an N-MNIST recording 3 % of the inputs spike, so a dense product would spend 97 % of its time on zeros.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from trainer.compiled import gathered, grouped

CHUNK = 256
"""Samples unpacked at a time while the lists are made."""


@dataclass(frozen=True)
class SpikeList:
    """The spikes of a batch: (steps, batch, inputs), of which only those that are there are kept.

    ``rows``: int32 (spikes,), ``step * batch + sample``, not decreasing; ``columns``: uint16 (spikes,), the inputs;
    ``value``: what a spike counts, 1 or what dropout makes of it.
    """

    steps: int
    batch: int
    inputs: int
    rows: NDArray[np.int32]
    columns: NDArray[np.uint16]
    value: float = 1.0

    def dense(self) -> Tensor:
        """Spell the same spikes out: float32 (steps, batch, inputs)."""
        spikes = np.zeros((self.steps * self.batch, self.inputs), np.float32)
        spikes[self.rows, self.columns] = self.value
        return torch.from_numpy(spikes).reshape(self.steps, self.batch, self.inputs)

    def at(self, kept: NDArray[np.bool_], columns: NDArray[np.integer[Any]]) -> SpikeList:
        """The ``kept`` spikes, (spikes,), at other inputs, ``columns`` (kept spikes,); those that meet become one."""
        there = np.zeros(self.steps * self.batch * self.inputs, np.bool_)
        there[self.rows[kept].astype(np.int64) * self.inputs + columns] = True
        rows, places = np.divmod(np.flatnonzero(there), self.inputs)
        return replace(self, rows=rows.astype(np.int32), columns=places.astype(np.uint16))

    def dropped(self, rate: float) -> SpikeList:
        """Silence inputs as ``trainer.model.drop`` does, with the same random numbers."""
        keep = (torch.rand(self.batch, self.inputs) >= rate).numpy()[self.rows % self.batch, self.columns]
        value = self.value * float(1 / torch.tensor(1 - rate))
        return replace(self, rows=self.rows[keep], columns=self.columns[keep], value=value)

    def product(self, weight: Tensor, bias: Tensor) -> Tensor:
        """Summed input ``bias + weight @ spikes``, (steps, batch, out), in the dtype of ``weight`` (out, inputs)."""
        flat = cast(Tensor, _Product.apply(weight, bias, self))  # type: ignore[no-untyped-call]
        return flat.reshape(self.steps, self.batch, -1)


class _Product(torch.autograd.Function):
    """Each row of the result sums the weights of the inputs that spiked; each weight's gradient, the rows it is in."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, bias: Tensor, spikes: SpikeList) -> Tensor:
        ctx.spikes = spikes
        table = _times(weight.T.clone(memory_format=torch.contiguous_format), spikes.value)
        return _sums(table, spikes.columns, spikes.rows, spikes.steps * spikes.batch).add_(bias)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        (gradient,) = gradients
        spikes = ctx.spikes
        sums = _sums(gradient.contiguous(), spikes.rows, spikes.columns, spikes.inputs)
        return _times(sums, spikes.value).T, gradient.sum(dim=0), None


def _times(values: Tensor, factor: float) -> Tensor:
    """Multiply, in place, where it changes anything."""
    return values if factor == 1.0 else values.mul_(factor)


def _sums(table: Tensor, members: NDArray[Any], groups: NDArray[Any], count: int) -> Tensor:
    """Sums of rows of a ``table``, one for each of ``count`` groups: ``members`` are row numbers, ``groups`` theirs."""
    chosen, starts = (torch.from_numpy(part) for part in grouped(members, groups, count))
    return functional.embedding_bag(chosen, table, starts, mode="sum")


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
        rows, columns = gathered(self._columns, starts.T.reshape(-1), counts.T.reshape(-1))
        return SpikeList(steps, batch, self.inputs, rows, columns)
