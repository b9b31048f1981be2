"""Several processes that train one model together: torchrun starts them, each has a processor of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from codegen.ir import fail
from trainer.batches import Indices, Samples, TrainingSet
from trainer.recipe import Recipe
from trainer.spikelist import SpikeList

PATIENCE = timedelta(hours=1)
"""How long a process waits for the others: the first may have to simulate data while the others do nothing."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class Processes:
    """Which of how many processes this one is: ``rank`` of ``count``, and ``local`` on its own machine."""

    rank: int = 0
    count: int = 1
    local: int = 0

    @property
    def first(self) -> bool:
        """Whether files, progress and results are this process's."""
        return self.rank == 0

    def device(self, wanted: str) -> str:
        """The processor that is this process's: of ``cuda`` one for each. Raises SpikecError when it cannot be used."""
        if self.count > 1 and wanted.startswith("cuda:"):
            raise fail("--device", f"'{wanted}' is one GPU for {self.count} processes", "Use cuda: each takes its own")
        own = f"cuda:{self.local}" if self.count > 1 and wanted == "cuda" else wanted
        try:
            torch.zeros(1, device=own)
        except (RuntimeError, AssertionError) as error:
            text = f"'{own}' cannot be used ({str(error).splitlines()[0]})"
            raise fail("--device", text, "Use cpu, install a torch that knows it, or start fewer processes") from error
        return own

    def part(self, size: int) -> slice:
        """Which of ``size`` things in a row are this process's; the parts differ by one at most."""
        return slice(size * self.rank // self.count, size * (self.rank + 1) // self.count)

    def share(self, size: int) -> tuple[slice, float]:
        """Which part of a batch is this process's, and the factor of its mean: the average of all is the batch's mean.

        A process that nothing is left for takes one sample all the same, which counts nothing: all must take part.
        """
        part = self.part(size)
        own = part.stop - part.start
        return part if own else slice(0, 1), own * self.count / size

    def wrap(self, module: nn.Module) -> nn.Module:
        """Average the module's gradients over all processes; all begin with the first's weights."""
        return DistributedDataParallel(module) if self.count > 1 else module

    def total(self, values: Tensor) -> Tensor:
        """The sum of all processes' values."""
        if self.count > 1:
            dist.all_reduce(values)
        return values

    def of_first(self, make: Callable[[], Value]) -> Value:
        """What ``make`` gives to the first process, for all of them."""
        if self.count == 1:
            return make()
        box = [make() if self.first else None]
        dist.broadcast_object_list(box, src=0, device=torch.device("cpu"))
        return cast(Value, box[0])

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Let one process a machine run the block before the others do: what it puts into caches, they find there."""
        if self.local > 0:
            self._wait()
        yield
        if self.local == 0:
            self._wait()

    def part_ways(self) -> None:
        """Give every process random numbers of its own, which follow from those that all have had so far.

        The first goes on in the stream that a process alone has.
        """
        if not self.first:
            torch.manual_seed(int(torch.randint(2**62, ())) + self.rank)

    def meet(self) -> None:
        """Let all processes go on with the first's random numbers."""
        if self.count > 1:
            torch.set_rng_state(self.of_first(torch.get_rng_state))

    def _wait(self) -> None:
        if self.count > 1:
            self.total(torch.zeros(1))


ALONE = Processes()


def processes_here() -> Processes:
    """What torchrun says in the environment."""
    rank, count, local = (os.environ.get(name, "") for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    return Processes(int(rank), int(count), int(local or rank)) if rank and count and int(count) > 1 else ALONE


@contextmanager
def joined(device: str) -> Iterator[Processes]:
    """Join the processes that torchrun started together with this one; alone when it started none.

    ``device``: what is trained on. Raises SpikecError when another process ends before its work is done.
    """
    processes = processes_here()
    if processes.count == 1:
        yield processes
        return
    own = processes.device(device)
    gpu = own.startswith("cuda")
    if gpu:
        torch.cuda.set_device(own)
    try:
        dist.init_process_group("cpu:gloo,cuda:nccl" if gpu else "gloo", timeout=PATIENCE)
        yield processes
        if gpu:  # After an error NCCL would wait here for the others.
            dist.destroy_process_group()
    except RuntimeError as error:
        if not _by_others(error):
            raise
        where = f"process {processes.rank + 1} of {processes.count}"
        raise fail(where, "another process has ended", "See what that one says") from error
    finally:
        if not gpu and dist.is_initialized():
            dist.destroy_process_group()


def _by_others(error: RuntimeError) -> bool:
    return isinstance(error, dist.DistError) or "gloo" in str(error).lower()


Share = tuple[Tensor | SpikeList, dict[str, Tensor], float]
"""Spikes (steps, batch, in), class indices by head, and the factor of their mean: see ``Processes.share``."""


def shares(training: TrainingSet, recipe: Recipe, device: str, processes: Processes) -> Iterator[Share]:
    """One epoch: this process's share of every batch.

    All draw the same order, from the first's random numbers; coding and distortions are drawn by each in its own way.
    """
    processes.meet()
    own = replace(training, samples=_OwnPart(training.samples, processes))
    for spikes, whole in own.batches(recipe, device):
        part, weight = processes.share(len(next(iter(whole.values()))))
        yield spikes, {name: labels[part] for name, labels in whole.items()}, weight


class _OwnPart:
    """Samples for one epoch: of the spikes of a batch only this process's part is made, but all labels are kept."""

    def __init__(self, samples: Samples, processes: Processes) -> None:
        self._samples = samples
        self._processes = processes
        self._parted = False
        self.labels = samples.labels
        self.originals = samples.originals
        self.extra = samples.extra

    def __len__(self) -> int:
        return len(self._samples)

    def fresh(self, chosen: Indices, recipe: Recipe) -> Tensor | SpikeList:
        if not self._parted:  # The order has been drawn.
            self._processes.part_ways()
            self._parted = True
        return self._samples.fresh(chosen[self._processes.share(len(chosen))[0]], recipe)

    def fixed(self, chosen: Indices) -> Tensor | SpikeList:
        return self._samples.fixed(chosen)
