"""The training loop: a recipe goes in; a checkpoint and a log of every epoch come out."""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from codegen.ir import Problem, SpikecError, fail
from codegen.ir.neurons import models
from trainer.batches import Indices, Samples, TrainingSet, evaluation_batches, load_split, training_set
from trainer.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from trainer.distributed import ALONE, Processes, shares
from trainer.loss import membrane_scores, spike_scores, squared_hinge
from trainer.model import SpikingNetwork
from trainer.precision import exact_products
from trainer.quantize import quantize
from trainer.recipe import Recipe
from trainer.spikelist import SpikeList

CHECKPOINT = "model.pt"
LOG = "training.csv"
EVALUATION_BATCH = 256
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class TrainResult:
    """Where the trained model is, and the last epoch's figures (accuracies by head, loss)."""

    checkpoint: Path
    metrics: dict[str, float]


def train(
    recipe: Recipe,
    folder: Path,
    *,
    data: Path | None,
    start: Path | None = None,
    resume: bool = False,
    device: str = "cpu",
    tensorboard: bool = False,
    progress: Progress | None = None,
    processes: Processes = ALONE,
) -> TrainResult:
    """Train a recipe in ``folder`` (model.pt after every epoch, training.csv).

    What the recipe holds out is measured after every epoch, the test split once, after the last. ``start``: a
    checkpoint whose weights training begins with, instead of random ones. On the CPU a seed gives the same weights
    every time, and ``resume`` goes on as if training had never stopped. ``processes``: those that train together, all
    with the same arguments (``trainer.distributed.joined``); the first alone writes files and calls ``progress``.
    Raises SpikecError: data missing or damaged, a device that is not there, a checkpoint of another recipe, or of
    another shape to start from.
    """
    if data is None:
        raise fail("--data", f"is missing, and '{recipe.name}' trains on {recipe.data.kind}", "Give the data's folder")
    device = processes.device(device)
    torch.manual_seed(recipe.train.seed)
    run = _Run(recipe, folder, device, recipe.build().to(device), processes)
    old = run.restore() if resume else None
    if start is not None and old is None:
        run.begin_with(start)
    with processes.in_turn():
        training, test = training_set(recipe, data), load_split(recipe, data, "Test")
    quantize(run.model, recipe)  # A network that cannot be deployed is found out now, not after hours.
    metrics, done = (old.metrics, old.epoch) if old else ({}, 0)
    if processes.first:
        _make_room(folder, keep=resume)
    log = _Log(folder, _columns(recipe), keep=done, tensorboard=tensorboard) if processes.first else None
    with log or nullcontext():
        for epoch in range(done, recipe.train.epochs):
            metrics = run.epoch(epoch, training)
            if epoch + 1 == recipe.train.epochs:
                metrics |= run.measure("test", test)
            if log is not None:
                run.save(epoch + 1, metrics)
                log.add({"epoch": epoch + 1, **metrics})
            if progress is not None and processes.first:
                words = "  ".join(f"{k} {v:.2%}" for k, v in metrics.items() if k.startswith(("test_", "valid_")))
                progress(epoch + 1, recipe.train.epochs, words or f"loss {metrics['loss']:.4f}")
    return TrainResult(folder / CHECKPOINT, metrics)


def _make_room(folder: Path, *, keep: bool) -> None:
    """Make the folder; without ``keep``, an earlier training in it is put aside (model.old.pt), not lost."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in () if keep else (CHECKPOINT, LOG):
            path = folder / name
            if path.exists():
                path.replace(path.with_suffix(f".old{path.suffix}"))
    except OSError as error:
        raise fail(str(folder), f"cannot be written ({error.strerror})", "Give another folder with --out") from error


class Objective(nn.Module):
    """What training makes small, of a batch: a module, so that torch's wrapper for several processes can call it."""

    def __init__(self, model: SpikingNetwork, recipe: Recipe) -> None:
        super().__init__()
        self.model = model
        self.recipe = recipe

    def forward(self, spikes: Tensor | SpikeList, labels: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The loss, and the share of all possible synaptic operations that the batch took."""
        train = self.recipe.train
        activity = self.model.activity(spikes, membranes=False)
        if train.loss == "membrane":
            memory = models()[self.model.kind].has_memory
            scores = membrane_scores(activity.current, activity.theta, train.rate, memory=memory)
        else:
            scores = spike_scores(activity.spikes[-1], train.rate)
        return squared_hinge(scores, self.recipe.heads, labels), activity.synops()


class _Run:
    """A model in training."""

    def __init__(self, recipe: Recipe, folder: Path, device: str, model: SpikingNetwork, processes: Processes) -> None:
        self.recipe = recipe
        self.path = folder / CHECKPOINT
        self.device = device
        self.model = model
        self.processes = processes
        self.objective = processes.wrap(Objective(model, recipe))
        self.optimiser = torch.optim.Adam(model.parameters(), lr=recipe.train.learning_rate, fused=True)

    def restore(self) -> Checkpoint | None:
        """Take up the checkpoint in the folder; None when there is none."""
        old = self.processes.of_first(self._earlier)
        if old is None:
            return None
        self.model.load_state_dict(old.model)
        self.optimiser.load_state_dict(old.optimiser)
        torch.set_rng_state(old.random)
        return old

    def _earlier(self) -> Checkpoint | None:
        if not self.path.exists():
            return None
        old = load_checkpoint(self.path)
        if (old.recipe.text, old.recipe.quick) != (self.recipe.text, self.recipe.quick):
            hint = "Train into another folder (--out), or without --resume"
            raise SpikecError(Problem(str(self.path), "was trained by another recipe than this one is now", hint))
        return old

    def begin_with(self, path: Path) -> None:
        """Take over the weights of a checkpoint. Raises SpikecError when its network is another."""
        other = self.processes.of_first(lambda: load_checkpoint(path))
        if other.recipe.sizes != self.recipe.sizes:
            sizes = " and ".join("-".join(map(str, recipe.sizes)) for recipe in (other.recipe, self.recipe))
            raise fail(str(path), f"its network and the recipe's differ: {sizes}", "Start from one of the same shape")
        self.model.load_state_dict(other.model)

    def save(self, epoch: int, metrics: dict[str, float]) -> None:
        """Write the checkpoint after ``epoch`` whole epochs."""
        state = {name: value.cpu() for name, value in self.model.state_dict().items()}
        random = torch.get_rng_state()
        save_checkpoint(self.path, Checkpoint(self.recipe, epoch, state, self.optimiser.state_dict(), random, metrics))

    def epoch(self, epoch: int, training: TrainingSet) -> dict[str, float]:
        """Train over all samples once, then measure on those that are held out."""
        start = time.perf_counter()
        rate = self._learning_rate(epoch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self._set_bits(epoch)
        self.model.train()
        with exact_products(self.model):
            batches = shares(training, self.recipe, self.device, self.processes)
            steps = [self._step(*batch) for batch in batches]
        self._set_bits(epoch)  # The grid for evaluation and quantization fits the weights as they are now.
        loss, synops = self.processes.total(torch.stack(steps).mean(dim=0)).tolist()
        metrics = {"loss": loss, "activity": synops, "learning_rate": rate}
        if len(training.held_out):
            metrics |= self.measure("valid", training.samples, training.held_out)
        return {**metrics, "seconds": round(time.perf_counter() - start, 2)}

    def measure(self, name: str, samples: Samples, chosen: Indices | None = None) -> dict[str, float]:
        """Accuracy of every head after the last step."""
        curves = accuracy(self.model, self.recipe, samples, self.device, chosen, self.processes)
        return {f"{name}_{head}": curve[-1] for head, curve in curves.items()}

    def _learning_rate(self, epoch: int) -> float:
        train = self.recipe.train
        if train.schedule == "cosine":
            return train.learning_rate * (1 + math.cos(math.pi * epoch / train.epochs)) / 2
        return train.learning_rate * train.decay**epoch

    def _set_bits(self, epoch: int) -> None:
        train = self.recipe.train
        quantized = train.bits > 0 and epoch >= train.quantize_from
        for layer in self.model.synapses():
            layer.bits = train.bits if quantized else None
            if quantized:
                layer.fit_grid()
            else:
                layer.theta.fill_(1.0)

    def _step(self, spikes: Tensor | SpikeList, labels: dict[str, Tensor], weight: float) -> Tensor:
        """Learn from this process's share of a batch.

        Returns what it adds to the batch's loss, and to its share of all possible synaptic operations.
        """
        loss, synops = self.objective(spikes, labels)
        self.optimiser.zero_grad()
        ((loss + self.recipe.train.penalty * synops) * weight).backward()
        self.optimiser.step()
        return torch.stack([loss.detach(), synops.detach()]) * (weight / self.processes.count)


@torch.no_grad()
def accuracy(
    model: SpikingNetwork,
    recipe: Recipe,
    samples: Samples,
    device: str = "cpu",
    chosen: Indices | None = None,
    processes: Processes = ALONE,
) -> dict[str, list[float]]:
    """Share of right answers after each step, by head: arg-max of spike counts, ties to the lowest index.

    ``chosen``: numbers of the samples to take, all by default. ``processes``: those that share the work.
    """
    model.eval()
    right = {head.name: torch.zeros(recipe.network.steps, device=device) for head in recipe.heads}
    numbers = np.arange(len(samples)) if chosen is None else chosen
    own = numbers[processes.part(len(numbers))]
    for spikes, labels in evaluation_batches(samples, EVALUATION_BATCH, device, own):
        with exact_products(model):
            counts = model(spikes).cumsum(dim=0)
        for head in recipe.heads:
            part = counts[..., head.start : head.stop]
            right[head.name] += (part.argmax(dim=-1) == labels[head.name]).sum(dim=1)
    return {name: (processes.total(hits) / len(numbers)).tolist() for name, hits in right.items()}


def _columns(recipe: Recipe) -> list[str]:
    """What the log holds: the test split's accuracy stands in its last line alone."""
    splits = ["valid", "test"] if recipe.data.hold_out else ["test"]
    accuracies = [f"{split}_{head.name}" for split in splits for head in recipe.heads]
    return ["epoch", "loss", "activity", "learning_rate", *accuracies, "seconds"]


class _Log:
    """training.csv, a line an epoch, and TensorBoard's files when asked for."""

    def __init__(self, folder: Path, columns: list[str], *, keep: int, tensorboard: bool) -> None:
        path = folder / LOG
        old = path.read_text().splitlines(keepends=True)[: keep + 1] if keep and path.exists() else []
        self._file = path.open("w", newline="")
        self._file.writelines(old)
        self._writer = csv.DictWriter(self._file, columns, lineterminator="\n")
        if not old:
            self._writer.writeheader()
        self._board: Any = None
        if tensorboard:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 (an optional extra)

            self._board = SummaryWriter(str(folder / "tensorboard"))

    def add(self, row: dict[str, float]) -> None:
        self._writer.writerow(row)
        self._file.flush()
        if self._board is not None:
            for name, value in row.items():
                self._board.add_scalar(name, value, row["epoch"])

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._board is not None:
            self._board.close()
