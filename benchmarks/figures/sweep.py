"""What the sweeps share: recipes that differ in a few values, their training, measuring networks, writing results."""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.figures.chart import Chart
from codegen import zoo
from codegen.ir import Batch, Network, SpikecError, SpikeFrames, load, simulate_batch
from trainer.batches import Samples, load_split
from trainer.datasets.images import load_images
from trainer.quantize import quantize_checkpoint
from trainer.recipe import IMAGE_SETS, Recipe, parse_recipe
from trainer.spikelist import SpikeList
from trainer.train import train

ROOT = Path(__file__).resolve().parent.parent.parent
CHUNK = 500
"""Samples that are simulated at a time."""
Values = Mapping[str, Mapping[str, Any]]
Row = Mapping[str, Any]
Part = tuple[NDArray[np.bool_], dict[str, NDArray[np.int64]]]
"""Some samples: input spikes bool (samples, steps, in), class indices (samples,) by head."""


def options(what: str | None) -> argparse.ArgumentParser:
    """The command line that all sweeps have."""
    parser = argparse.ArgumentParser(description=what, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("SPIKEC_DATA")
    parser.add_argument("--data", type=Path, default=data, required=not data, help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--out", type=Path, default=Path("runs/figures"), help="folder to write to [runs/figures]")
    parser.add_argument("--quick", action="store_true", help="a few minutes: fewer points, epochs and images")
    parser.add_argument("--limit", type=int, default=0, help="test only so many samples [all]")
    return parser


def guarded(main: Callable[[], int | None]) -> int:
    """Run a sweep; what is wrong with its input is told as the command line tells it, with exit code 2.

    A sweep may have an exit code of its own.
    """
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    try:
        with threadpool_limits(torch.get_num_threads(), user_api="blas"):
            return main() or 0
    except SpikecError as error:
        print(error, file=sys.stderr)
        return 2


# ---- recipes and training --------------------------------------------------------------------------------------------


def variant(source: Path, name: str, values: Values) -> Recipe:
    """Make a recipe that differs from the one in ``source`` by its name and ``values`` (key to value, by table)."""
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    tables.pop("quick", None)
    tables["name"] = name
    for table, pairs in values.items():
        tables.setdefault(table, {}).update(pairs)
    return parse_recipe(toml(tables), f"{source.name}, as {name}")


def toml(tables: Mapping[str, Any]) -> str:
    """Spell a recipe: values at the top, then tables of values (numbers, texts, truth values, lists of them)."""
    lines = [f"{key} = {_spell(value)}" for key, value in tables.items() if not isinstance(value, Mapping)]
    for name, table in tables.items():
        if isinstance(table, Mapping):
            lines += ["", f"[{name}]", *(f"{key} = {_spell(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _spell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_spell, value))}]"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def trained(recipe: Recipe, out: Path, data: Path, start: Path | None = None) -> Path:
    """Train a recipe in a folder of its own, or go on where an earlier sweep stopped; returns the checkpoint.

    ``start``: a checkpoint whose weights it begins with.
    """

    def tell(epoch: int, epochs: int, words: str) -> None:
        say(f"{recipe.name}: epoch {epoch} of {epochs}, {words}")

    return train(recipe, out / recipe.name, data=data, start=start, resume=True, progress=tell).checkpoint


def say(words: str) -> None:
    """Tell how it goes: on stderr, stdout is for results."""
    print(words, file=sys.stderr, flush=True)


def open_network(text: str) -> Network:
    """Read a network: a .spk file, a name in the zoo, or a checkpoint (.pt), at the bits that it was trained for."""
    return quantize_checkpoint(text) if text.endswith(".pt") else load(zoo.network_path(text))


def column(row: Row, end: str, start: str = "") -> str:
    """The first of a row's columns that starts and ends so: heads come in the network's order."""
    return next(key for key in row if key.startswith(start) and key.endswith(end))


# ---- measuring -------------------------------------------------------------------------------------------------------


def drawn(
    recipe: Recipe, data: Path, split: str, *, draws: int = 1, chosen: NDArray[np.int64] | None = None
) -> Callable[[], Iterator[Part]]:
    """The samples of a split, or the ``chosen`` ones, in parts; images are coded ``draws`` times, independently.

    An image's draws follow each other. Raises SpikecError for missing or damaged data.
    """
    if isinstance(recipe.encoding, SpikeFrames):
        return _images(recipe, data, split, draws, chosen)
    samples = load_split(recipe, data, split)
    return lambda: _recordings(samples, chosen)


def _images(
    recipe: Recipe, data: Path, split: str, draws: int, chosen: NDArray[np.int64] | None
) -> Callable[[], Iterator[Part]]:
    images, encoding = load_images(data, split, IMAGE_SETS[recipe.data.kind]), recipe.encoding
    assert isinstance(encoding, SpikeFrames)
    numbers = np.arange(len(images)) if chosen is None else chosen
    steps = recipe.network.steps

    def parts() -> Iterator[Part]:
        for start in range(0, len(numbers), CHUNK):
            part = numbers[start : start + CHUNK]
            spikes = images.fixed_spikes(encoding, steps * draws, 0, part)
            yield spikes.reshape(-1, steps, encoding.size), {images.head: np.repeat(images.classes[part], draws)}

    return parts


def _recordings(samples: Samples, chosen: NDArray[np.int64] | None) -> Iterator[Part]:
    numbers = np.arange(len(samples)) if chosen is None else chosen
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        spikes = samples.fixed(part)
        dense = spikes.dense() if isinstance(spikes, SpikeList) else spikes
        yield dense.transpose(0, 1).numpy() > 0, {head: labels[part] for head, labels in samples.labels.items()}


@dataclass
class Measured:
    """Right answers after each step by head, synaptic operations and spikes by layer, summed over ``samples``."""

    samples: int = 0
    right: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    synops: NDArray[np.int64] | int = 0
    spikes: NDArray[np.int64] | int = 0

    def add(self, batch: Batch, labels: Mapping[str, NDArray[np.int64]]) -> None:
        """Count one part's answers."""
        self.count(batch.answers, labels)
        self.synops = self.synops + batch.synops.sum(axis=0)
        self.spikes = self.spikes + batch.layer_spikes.sum(axis=(0, 2), dtype=np.int64)

    def count(self, answers: Mapping[str, NDArray[np.int64]], labels: Mapping[str, NDArray[np.int64]]) -> None:
        """Count answers (samples, steps) by head."""
        for head, named in answers.items():
            self.right[head] = self.right.get(head, 0) + (named == labels[head][:, None]).sum(axis=0)
        self.samples += len(next(iter(labels.values())))

    def accuracy(self, head: str = "digit") -> NDArray[np.float64]:
        """Per cent of right answers after each step."""
        per_cent: NDArray[np.float64] = 100 * self.right[head] / self.samples
        return per_cent

    def ends(self) -> dict[str, float]:
        """Accuracy after the first step and after the last: ``<head>_first``, ``<head>_last``."""
        curves = {head: self.accuracy(head) for head in self.right}
        ends = (("first", 0), ("last", -1))
        return {f"{head}_{name}": float(curve[at]) for head, curve in curves.items() for name, at in ends}

    def operations(self) -> list[float]:
        """Synaptic operations of each layer, of an inference."""
        found: list[float] = (np.asarray(self.synops) / self.samples).tolist()
        return found


def measure(network: Network, parts: Iterator[Part], limit: int = 0) -> Measured:
    """Run the reference simulator over the samples (``limit``: about so many of them)."""
    found = Measured()
    for spikes, labels in parts:
        found.add(simulate_batch(network, spikes), labels)
        if 0 < limit <= found.samples:
            break
    return found


# ---- results ---------------------------------------------------------------------------------------------------------


def write(out: Path, name: str, rows: Sequence[Row], chart: Chart) -> None:
    """Write ``<name>.csv`` and ``<name>.svg``, and say where."""
    table(out / f"{name}.csv", rows)
    (out / f"{name}.svg").write_text(chart.svg(), encoding="utf-8")
    print(f"{out / name}.csv and .svg", flush=True)


def table(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV; what a row does not have stays empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _rounded(value) for key, value in row.items()} for row in rows)


def _rounded(value: Any) -> Any:
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else value
