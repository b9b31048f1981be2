"""Recipes: TOML files that say everything about a training run."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from codegen.ir import EventBinning, Head, Network, Problem, SpikecError, SpikeFrames, fail, find_problems
from codegen.ir.encoding import Encoding
from trainer import tables
from trainer.datasets.images import HEADS
from trainer.rules import broken_rules
from trainer.schema import (
    DATA_KINDS,
    DIGITS,
    FASHION,
    IMAGE_KINDS,
    IMAGE_SETS,
    IMAGE_SHAPE,
    MOTIONS,
    Augment,
    Coding,
    Data,
    ImageCoding,
    NetworkShape,
    Recipe,
    Training,
)

__all__ = ["DATA_KINDS", "IMAGE_SETS", "Augment", "Recipe", "load_recipe", "parse_recipe"]


def load_recipe(path: Path | str, *, quick: bool = False) -> Recipe:
    """Read a recipe. Raises SpikecError with everything that is wrong with it."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(str(path), f"cannot be read ({error})", "Give a recipe: a TOML file as in recipes/") from error
    return parse_recipe(text, str(path), quick=quick)


def parse_recipe(text: str, where: str, *, quick: bool = False) -> Recipe:
    """Parse a recipe's TOML; with ``quick``, its table ``quick.train`` and ``quick.data`` override the others."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise fail(where, f"is no TOML: {error}", "Mend the line") from error
    problems: list[Problem] = []
    parts = _parts(data, where, problems, quick=quick)
    source = tables.read(Data, parts["data"], f"{where}: [data]", problems)
    shape = tables.read(NetworkShape, parts["network"], f"{where}: [network]", problems)
    train = tables.read(Training, parts["train"], f"{where}: [train]", problems)
    augment = tables.read(Augment, parts["augment"], f"{where}: [augment]", problems)
    kind: type[EventBinning] | type[ImageCoding] = (
        ImageCoding if parts["data"].get("kind") in IMAGE_KINDS else EventBinning
    )
    coding: Coding | None = tables.read(kind, parts["encoding"], f"{where}: [encoding]", problems)
    if not isinstance(data.get("name"), str):
        problems.append(Problem(where, "has no name", 'Give it one: name = "my_network"'))
    if not (source and shape and train and augment and coding):
        raise SpikecError(problems)
    problems += [Problem(f"{where}: {p.where}", p.what, p.hint) for p in coding_problems(coding)]
    if not problems:
        heads = _heads(source)
        recipe = Recipe(data["name"], source, shape, train, augment, _encoding(coding), heads, text, quick)
        problems = broken_rules(recipe, where)
    if problems:
        raise SpikecError(problems)
    return _deployable(recipe, where)


def _encoding(coding: Coding) -> Encoding:
    if isinstance(coding, EventBinning):
        return coding
    rows, columns = (-(-size // coding.downsample) for size in IMAGE_SHAPE)
    return SpikeFrames(1, rows, columns, coding.coding, coding.downsample)


def coding_problems(coding: Coding) -> list[Problem]:
    """Sizes that no shape can be made of."""
    found = []
    if coding.downsample < 1:
        found.append(Problem("[encoding] downsample", f"is {coding.downsample}", "Use 1 (none) or more"))
    if isinstance(coding, EventBinning) and min(coding.width, coding.height) < 1:
        found.append(Problem("[encoding] sensor", f"is {coding.width}x{coding.height}", "Use 1 or more"))
    return found


def _parts(data: dict[str, Any], where: str, problems: list[Problem], *, quick: bool) -> dict[str, dict[str, Any]]:
    """The recipe's tables, overridden by those of ``quick`` where that is asked for."""
    names = ("data", "network", "train", "augment", "encoding")
    tables.known(data, ("name", *names, "quick"), where, problems)
    short = tables.part(data, "quick", where, problems)
    tables.known(short, ("data", "train"), f"{where}: [quick]", problems)
    parts = {name: tables.part(data, name, where, problems) for name in names}
    for name in ("data", "train"):
        override = tables.part(short, name, f"{where}: [quick]", problems)
        parts[name] |= override if quick else {}
    return parts


def _deployable(recipe: Recipe, where: str) -> Recipe:
    """Hold name, steps and encoding to the rules of the integer network: what breaks them could not be quantized."""
    network = Network(recipe.name, recipe.encoding, recipe.network.steps, (), recipe.heads)
    problems = [problem for problem in find_problems(network) if problem.where != "layers"]
    if problems:
        raise SpikecError([Problem(f"{where}: {p.where}", p.what, p.hint) for p in problems])
    return recipe


def _heads(data: Data) -> tuple[Head, ...]:
    if data.kind in IMAGE_SETS:
        name = IMAGE_SETS[data.kind]
        return (Head(HEADS[name], 0, 10, FASHION if name == "FashionMNIST" else DIGITS),)
    digit = Head("digit", 0, 10, DIGITS)
    return (digit, Head("motion", 10, 12, MOTIONS)) if data.reverse else (digit,)
