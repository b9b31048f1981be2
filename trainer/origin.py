"""Where a network of the zoo comes from, for its model card: data, training, licences."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from codegen import __version__
from codegen.card import Card, describe
from codegen.ir import Network, fail
from codegen.ir.images import read_mnist
from codegen.ir.recordings import find_recordings
from codegen.resources import folder
from trainer.batches import REAL_IMAGES
from trainer.checkpoint import Checkpoint, load_checkpoint
from trainer.recipe import IMAGE_SETS, Recipe
from trainer.train import LOG


@dataclass(frozen=True)
class DataSet:
    """A data set: the name of its folder, its name for people, the task, what a sample is, where it is from."""

    folder: str
    title: str
    task: str
    unit: str
    source: str
    licence: str


DATA_SETS = {
    "mnist": DataSet(
        "MNIST",
        "MNIST",
        "reads handwritten digits",
        "images",
        "Y. LeCun, C. Cortes, C. J. C. Burges, http://yann.lecun.com/exdb/mnist/",
        "CC BY-SA 3.0",
    ),
    "fashion-mnist": DataSet(
        "FashionMNIST",
        "Fashion-MNIST",
        "tells ten kinds of clothing",
        "images",
        "H. Xiao, K. Rasul, R. Vollgraf 2017, https://github.com/zalandoresearch/fashion-mnist",
        "MIT",
    ),
    "nmnist": DataSet(
        "NMNIST",
        "N-MNIST",
        "reads digits from an event camera",
        "recordings",
        "G. Orchard et al. 2015, https://www.garrickorchard.com/datasets/n-mnist, recorded from MNIST",
        "CC BY-SA 4.0 (MNIST: CC BY-SA 3.0)",
    ),
    "nmnist-simulated": DataSet(
        "NMNIST",
        "N-MNIST",
        "reads digits from an event camera",
        "recordings",
        "MNIST (Y. LeCun, C. Cortes, C. J. C. Burges) seen by spikec's simulated camera, in the likeness of N-MNIST "
        "(G. Orchard et al. 2015)",
        "CC BY-SA 3.0 (MNIST)",
    ),
    "digits": DataSet(
        "digits",
        "embedded digits",
        "reads digits from a simulated event camera",
        "recordings",
        "scikit-learn's handwritten digits (E. Alpaydin, C. Kaynak, UCI repository), seen by spikec's simulated camera",
        "CC BY 4.0",
    ),
}
"""By the kind of data in a recipe."""


@dataclass(frozen=True)
class Words:
    """What only a person knows about a network. Empty ``task`` and ``commands`` are filled in."""

    task: str = ""
    trained_on: str = ""
    commands: tuple[str, ...] = ()
    machine: str = ""
    licence: str = "MIT"
    notes: str = ""


def data_set(checkpoint: Checkpoint) -> DataSet:
    """What a model was trained for. Raises SpikecError for data that cards cannot describe yet."""
    kind = checkpoint.recipe.data.kind
    if kind not in DATA_SETS:
        raise fail("recipe", f"trains on '{kind}', which cards do not know", "Add it to trainer/card.py")
    return DATA_SETS[kind]


def training_words(recipe: Recipe, folder: Path) -> str:
    """What a recipe trains on in a folder, in words. Raises SpikecError when it is not there."""
    data, source = recipe.data, DATA_SETS[recipe.data.kind]
    if data.kind == "nmnist-simulated":
        words = f"MNIST train from image {REAL_IMAGES + 1} on, seen by the simulated camera"
    elif data.kind in IMAGE_SETS:
        count = len(read_mnist(folder, "Train", source.folder)[1])
        words = f"{source.title} train, {count:,} {source.unit}"
    else:
        words = f"{source.title} train, {len(find_recordings(folder, 'Train')):,} {source.unit}"
    words += f", {data.hold_out:,} of them held out" if data.hold_out else ""
    words += f", limited to {data.limit:,} samples" if data.limit else ""
    return words + (f", and {data.simulated:,} simulated ones in every epoch" if data.simulated else "")


def training_facts(path: Path, words: Words) -> dict[str, Any]:
    """How a checkpoint came to be: recipe, commands, seed, epochs, and seconds by the log beside it (None: no log).

    The commands default to the one that trains the recipe. Raises SpikecError for a damaged checkpoint.
    """
    checkpoint = load_checkpoint(path)
    recipe = checkpoint.recipe
    name = recipe_file(recipe.text)
    quick = " --quick" if recipe.quick else ""
    command = f"spikec train {name or recipe.name + '.toml'}{quick} --data DATA"
    return {
        "recipe": name,
        "recipe_text": recipe.text,
        "quick": recipe.quick,
        "commands": list(words.commands) or [command],
        "seed": recipe.train.seed,
        "epochs": checkpoint.epoch,
        "seconds": _seconds(path.with_name(LOG)),
        "machine": words.machine or None,
        "made_with": {"spikec": __version__, "torch": torch.__version__, "numpy": np.__version__},
    }


def recipe_file(text: str) -> str | None:
    """Which of spikec's recipes has just this text (``recipes/mnist_dc.toml``); None if none has."""
    root = folder("recipes")
    found = sorted(path for path in root.rglob("*.toml") if path.read_text(encoding="utf-8") == text)
    return f"recipes/{found[0].relative_to(root)}" if found else None


def _seconds(log: Path) -> float | None:
    """What all epochs took together, tests after them included."""
    if not log.is_file():
        return None
    with log.open(newline="") as lines:
        return round(sum(float(row["seconds"]) for row in csv.DictReader(lines)), 1)


def make_card(
    name: str,
    network: Network,
    source: DataSet,
    words: Words,
    float_how: str,
    *,
    training: Mapping[str, Any],
    tests: Sequence[Mapping[str, Any]],
) -> Card:
    """Put a card together: ``training`` is what ``training_facts`` gave, ``tests`` what ``measure`` and ``probe`` did.

    Each test needs ``what`` it is, ``samples`` and ``draws`` beside the figures. See ``codegen.card.Card``.
    """
    return Card(
        name=name,
        task=words.task or source.task,
        network=describe(network),
        data={
            "set": source.folder,
            "title": source.title,
            "trained_on": words.trained_on,
            "source": source.source,
            "licence": source.licence,
        },
        training=dict(training),
        float_model=float_how,
        tests=[dict(test) for test in tests],
        licence=words.licence,
        notes=words.notes,
    )
