"""The training loop: a recipe goes in; a checkpoint and a log of every epoch come out."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from codegen.ir import Problem, SpikecError, fail
from trainer.batches import Samples, evaluation_batches, load_split, training_batches
from trainer.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from trainer.loss import squared_hinge
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
    resume: bool = False,
    device: str = "cpu",
    tensorboard: bool = False,
    progress: Progress | None = None,
) -> TrainResult:
    """Train a recipe in ``folder`` (model.pt after every epoch, training.csv).

    On the CPU a seed gives the same weights every time, and ``resume`` goes on as if training had never stopped.
    Raises SpikecError: data missing or damaged, a device that is not there, a checkpoint of another recipe.
    """
    if data is None:
        raise fail("--data", f"is missing, and '{recipe.name}' trains on {recipe.data.kind}", "Give the data's folder")
    _check_device(device)
    torch.manual_seed(recipe.train.seed)
    run = _Run(recipe, folder, device, recipe.build().to(device))
    old = run.restore() if resume else None
    training, test = (load_split(recipe, data, split) for split in ("Train", "Test"))
    training = _limited(training, recipe)
    quantize(run.model, recipe)  # A network that cannot be deployed is found out now, not after hours.
    _make_room(folder, keep=resume)
    metrics = old.metrics if old else {}
    with _Log(folder, keep=old.epoch if old else 0, tensorboard=tensorboard) as log:
        for epoch in range(old.epoch if old else 0, recipe.train.epochs):
            metrics = run.epoch(epoch, training, test)
            run.save(epoch + 1, metrics)
            log.add({"epoch": epoch + 1, **metrics})
            if progress is not None:
                words = "  ".join(f"{k} {v:.2%}" for k, v in metrics.items() if k.startswith("test_"))
                progress(epoch + 1, recipe.train.epochs, words)
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


def _check_device(device: str) -> None:
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        text = f"'{device}' cannot be used ({str(error).splitlines()[0]})"
        raise fail("--device", text, "Use cpu, or install a torch that knows it") from error


@dataclass(frozen=True)
class _Limited:
    """The first ``count`` samples of others, spread evenly."""

    samples: Samples
    chosen: np.ndarray[Any, np.dtype[np.int64]]

    @property
    def labels(self) -> dict[str, np.ndarray[Any, np.dtype[np.int64]]]:
        return {name: values[self.chosen] for name, values in self.samples.labels.items()}

    def __len__(self) -> int:
        return len(self.chosen)

    def spikes(self, chosen: np.ndarray[Any, np.dtype[np.int64]], *, fresh: bool) -> torch.Tensor | SpikeList:
        return self.samples.spikes(self.chosen[chosen], fresh=fresh)


def _limited(samples: Samples, recipe: Recipe) -> Samples:
    limit = recipe.data.limit
    if limit == 0 or limit >= len(samples):
        return samples
    return _Limited(samples, np.linspace(0, len(samples) - 1, limit).astype(np.int64))


class _Run:
    """A model in training."""

    def __init__(self, recipe: Recipe, folder: Path, device: str, model: SpikingNetwork) -> None:
        self.recipe = recipe
        self.path = folder / CHECKPOINT
        self.device = device
        self.model = model
        self.optimiser = torch.optim.Adam(model.parameters(), lr=recipe.train.learning_rate, fused=True)

    def restore(self) -> Checkpoint | None:
        """Take up the checkpoint in the folder; None when there is none."""
        if not self.path.exists():
            return None
        old = load_checkpoint(self.path)
        if (old.recipe.text, old.recipe.quick) != (self.recipe.text, self.recipe.quick):
            hint = "Train into another folder (--out), or without --resume"
            raise SpikecError(Problem(str(self.path), "was trained by another recipe than this one is now", hint))
        self.model.load_state_dict(old.model)
        self.optimiser.load_state_dict(old.optimiser)
        torch.set_rng_state(old.random)
        return old

    def save(self, epoch: int, metrics: dict[str, float]) -> None:
        """Write the checkpoint after ``epoch`` whole epochs."""
        state = {name: value.cpu() for name, value in self.model.state_dict().items()}
        random = torch.get_rng_state()
        save_checkpoint(self.path, Checkpoint(self.recipe, epoch, state, self.optimiser.state_dict(), random, metrics))

    def epoch(self, epoch: int, training: Samples, test: Samples) -> dict[str, float]:
        """Train over all samples once, then measure on the test split."""
        start = time.perf_counter()
        train = self.recipe.train
        rate = train.learning_rate * train.decay**epoch
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self._set_bits(epoch)
        self.model.train()
        with exact_products(self.model):
            losses = [self._step(*batch) for batch in training_batches(training, self.recipe, self.device)]
        self._set_bits(epoch)  # The grid for evaluation and quantization fits the weights as they are now.
        metrics = {"loss": float(torch.stack(losses).mean()), "learning_rate": rate}
        for name, curve in accuracy(self.model, self.recipe, test, self.device).items():
            metrics[f"test_{name}"] = curve[-1]
        return {**metrics, "seconds": round(time.perf_counter() - start, 2)}

    def _set_bits(self, epoch: int) -> None:
        train = self.recipe.train
        quantized = train.bits > 0 and epoch >= train.quantize_from
        for layer in self.model.affine():
            layer.bits = train.bits if quantized else None
            if quantized:
                layer.fit_grid()
            else:
                layer.theta.fill_(1.0)

    def _step(self, spikes: torch.Tensor | SpikeList, labels: dict[str, torch.Tensor]) -> torch.Tensor:
        loss = squared_hinge(self.model(spikes), self.recipe.heads, labels, self.recipe.train.rate)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()
        return loss.detach()


@torch.no_grad()
def accuracy(model: SpikingNetwork, recipe: Recipe, samples: Samples, device: str = "cpu") -> dict[str, list[float]]:
    """Share of right answers after each step, by head: arg-max of spike counts, ties to the lowest index."""
    model.eval()
    right = {head.name: torch.zeros(recipe.network.steps, device=device) for head in recipe.heads}
    for spikes, labels in evaluation_batches(samples, EVALUATION_BATCH, device):
        with exact_products(model):
            counts = model(spikes).cumsum(dim=0)
        for head in recipe.heads:
            part = counts[..., head.start : head.stop]
            right[head.name] += (part.argmax(dim=-1) == labels[head.name]).sum(dim=1)
    return {name: (hits / len(samples)).tolist() for name, hits in right.items()}


class _Log:
    """training.csv, a line an epoch, and TensorBoard's files when asked for."""

    def __init__(self, folder: Path, *, keep: int, tensorboard: bool) -> None:
        path = folder / LOG
        old = path.read_text().splitlines(keepends=True)[: keep + 1] if keep and path.exists() else []
        self._file = path.open("w", newline="")
        self._file.writelines(old)
        self._header = not old
        self._board: Any = None
        if tensorboard:
            from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 (an optional extra)

            self._board = SummaryWriter(str(folder / "tensorboard"))

    def add(self, row: dict[str, float]) -> None:
        writer = csv.DictWriter(self._file, list(row), lineterminator="\n")
        if self._header:
            writer.writeheader()
            self._header = False
        writer.writerow(row)
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
