"""Checkpoints: everything needed to go on with training as if it had never stopped, and nothing executable."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from codegen.ir import fail
from trainer.recipe import Recipe, parse_recipe

FORMAT = "spikec-checkpoint"
VERSION = 1


@dataclass(frozen=True)
class Checkpoint:
    """The state after ``epoch`` whole epochs. ``metrics``: the last epoch's figures."""

    recipe: Recipe
    epoch: int
    model: dict[str, Tensor]
    optimiser: dict[str, Any]
    random: Tensor
    metrics: dict[str, float]


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint; the file appears whole or not at all. Raises SpikecError when it cannot be written."""
    partial = path.with_name(path.name + ".part")
    recipe = checkpoint.recipe
    data: dict[str, Any] = {"format": FORMAT, "version": VERSION, "recipe": recipe.text, "quick": recipe.quick}
    data |= {name: getattr(checkpoint, name) for name in ("epoch", "model", "optimiser", "random", "metrics")}
    try:
        torch.save(data, partial)
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise fail(str(path), f"cannot be written ({reason})", "Make room, or train into another folder") from error


def load_checkpoint(path: Path | str) -> Checkpoint:
    """Read a checkpoint without running anything in it. Raises SpikecError: missing, foreign, damaged, too new."""
    where = str(path)
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise fail(where, "does not exist", "Make one with 'spikec train'") from error
    except (OSError, RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        raise fail(where, "is not a whole checkpoint of spikec", "Train again, or copy the file again") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise fail(where, "is not a checkpoint of spikec", "Give the model.pt that 'spikec train' wrote")
    if data["version"] != VERSION:
        raise fail(where, f"has format version {data['version']}, this spikec reads {VERSION}", "Train again")
    recipe = parse_recipe(data["recipe"], where, quick=data["quick"])
    return Checkpoint(recipe, data["epoch"], data["model"], data["optimiser"], data["random"], data["metrics"])
