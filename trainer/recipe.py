"""Recipes: TOML files that say everything about a training run."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from codegen.ir import EventBinning, Head, Network, Problem, SpikecError, SpikeFrames, fail, find_problems
from codegen.ir.encoding import Encoding
from codegen.ir.layers.base import MAX_BITS, MIN_BITS
from codegen.ir.validate import MAX_SIZE
from trainer.model import SpikingNetwork
from trainer.neurons import dynamics

IMAGE_KINDS = ("mnist", "fashion-mnist")
DATA_KINDS = ("digits", "nmnist", *IMAGE_KINDS)
MAX_SEED = 2**63 - 1
DIGITS = tuple("0123456789")
FASHION = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
MOTIONS = ("forwards", "backwards")
Table = TypeVar("Table")


@dataclass(frozen=True)
class Data:
    """What to train on. ``reverse`` adds every recording played backwards, and a second head that tells which.

    ``kind`` digits is the embedded set; the others need a folder. ``limit`` uses only so many training samples.
    """

    kind: str
    reverse: bool = False
    limit: int = 0


@dataclass(frozen=True)
class NetworkShape:
    """Layers: ``hidden`` sizes (the outputs follow from the heads), the ``neuron`` kind, time ``steps``."""

    hidden: list[int]
    neuron: str
    steps: int


@dataclass(frozen=True)
class Training:
    """How to train. ``bits`` 0 trains in float; else the forward pass is quantized from epoch ``quantize_from`` on.

    ``rate``: see ``trainer.loss.squared_hinge``. ``decay``: the learning rate's factor an epoch. ``gain``: see
    ``trainer.layers.affine.Affine``. ``shift``: recordings and images are moved by up to so many pixels.
    """

    epochs: int
    batch: int = 128
    learning_rate: float = 1e-3
    decay: float = 0.95
    rate: float = 0.5
    gain: float = 1.0
    dropout_input: float = 0.0
    dropout_hidden: float = 0.0
    bits: int = 7
    per_output: bool = False
    quantize_from: int = 0
    shift: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """One training run. ``text`` is the TOML that it was read from, ``quick`` whether the short version was asked."""

    name: str
    data: Data
    network: NetworkShape
    train: Training
    encoding: Encoding
    heads: tuple[Head, ...]
    text: str = field(repr=False)
    quick: bool = False

    def build(self) -> SpikingNetwork:
        """Make the untrained model; draws its weights from torch's global random numbers."""
        train = self.train
        return SpikingNetwork(
            [self.encoding.size, *self.network.hidden, self.heads[-1].stop],
            self.network.neuron,
            bits=train.bits or None,
            gain=train.gain,
            per_output=train.per_output,
            dropout_input=train.dropout_input,
            dropout_hidden=train.dropout_hidden,
        )


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
    _known(data, ("name", "data", "network", "train", "encoding", "quick"), where, problems)
    short = _part(data, "quick", where, problems)
    _known(short, ("data", "train"), f"{where}: [quick]", problems)
    parts = {name: _part(data, name, where, problems) for name in ("data", "network", "train", "encoding")}
    for name in ("data", "train"):
        override = _part(short, name, f"{where}: [quick]", problems)
        parts[name] |= override if quick else {}
    source = _table(Data, parts["data"], f"{where}: [data]", problems)
    shape = _table(NetworkShape, parts["network"], f"{where}: [network]", problems)
    train = _table(Training, parts["train"], f"{where}: [train]", problems)
    event = _table(EventBinning, parts["encoding"], f"{where}: [encoding]", problems)
    if not isinstance(data.get("name"), str):
        problems.append(Problem(where, "has no name", 'Give it one: name = "my_network"'))
    if source and shape and train and event:
        problems += _bounds(source, shape, train, event, where)
    if problems or not (source and shape and train and event):
        raise SpikecError(problems)
    encoding: Encoding = SpikeFrames(1, 28, 28) if source.kind in IMAGE_KINDS else event
    recipe = Recipe(data["name"], source, shape, train, encoding, _heads(source), text, quick)
    return _deployable(recipe, where)


def _deployable(recipe: Recipe, where: str) -> Recipe:
    """Hold name, steps and encoding to the rules of the integer network: what breaks them could not be quantized."""
    network = Network(recipe.name, recipe.encoding, recipe.network.steps, (), recipe.heads)
    problems = [problem for problem in find_problems(network) if problem.where != "layers"]
    if problems:
        raise SpikecError([Problem(f"{where}: {p.where}", p.what, p.hint) for p in problems])
    return recipe


def _part(data: Mapping[str, Any], name: str, where: str, problems: list[Problem]) -> dict[str, Any]:
    """One table of the TOML; empty when it is left out, and with a problem when it is no table."""
    part = data.get(name, {})
    if isinstance(part, dict):
        return dict(part)
    problems.append(Problem(where, f"'{name}' is {part!r}", f"Make it a table: [{name}]"))
    return {}


def _heads(data: Data) -> tuple[Head, ...]:
    if data.kind == "fashion-mnist":
        return (Head("digit", 0, 10, FASHION),)
    digit = Head("digit", 0, 10, DIGITS)
    return (digit, Head("motion", 10, 12, MOTIONS)) if data.reverse else (digit,)


def _known(table: Mapping[str, Any], names: tuple[str, ...], where: str, problems: list[Problem]) -> None:
    for key in table:
        if key not in names:
            close = difflib.get_close_matches(key, names, 1)
            hint = f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(names)}"
            problems.append(Problem(where, f"'{key}' is unknown", hint))


def _table(kind: type[Table], table: Mapping[str, Any], where: str, problems: list[Problem]) -> Table | None:
    """Make a dataclass of a TOML table; None, and problems, when keys are unknown, missing or of another type."""
    before = len(problems)
    known: dict[str, Field[Any]] = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    _known(table, tuple(known), where, problems)
    types = get_type_hints(kind)
    for name, item in known.items():
        if name not in table:
            if item.default is MISSING and item.default_factory is MISSING:
                problems.append(Problem(where, f"'{name}' is missing", f"Give {name}, as in recipes/"))
        elif not _fits(table[name], types[name]):
            text = f"'{name}' is {table[name]!r}"
            problems.append(Problem(where, text, f"Give {_spell(types[name])}"))
    if len(problems) > before:
        return None
    return kind(**{name: value for name, value in table.items() if name in known})


def _fits(value: Any, wanted: Any) -> bool:
    if wanted == list[int]:
        return isinstance(value, list) and all(_fits(item, int) for item in value)
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if wanted in (int, str, bool):
        return type(value) is wanted
    return value in get_args(wanted)  # A Literal: a choice of strings.


def _spell(wanted: Any) -> str:
    names = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", list[int]: "whole numbers"}
    return names.get(wanted) or "one of: " + ", ".join(get_args(wanted))


def _bounds(data: Data, shape: NetworkShape, train: Training, event: EventBinning, where: str) -> list[Problem]:
    """Values that have the right type and still make no sense."""
    checks = [
        (data.kind in DATA_KINDS, "[data] kind", data.kind, f"Use one of: {', '.join(DATA_KINDS)}"),
        (data.limit >= 0, "[data] limit", data.limit, "Use 0 (all) or more"),
        (shape.neuron in dynamics(), "[network] neuron", shape.neuron, f"Use one of: {', '.join(dynamics())}"),
        (
            all(1 <= n <= MAX_SIZE for n in shape.hidden),
            "[network] hidden",
            shape.hidden,
            f"Use sizes of 1 to {MAX_SIZE}",
        ),
        (shape.steps >= 1, "[network] steps", shape.steps, "Use 1 or more"),
        (train.epochs >= 1, "[train] epochs", train.epochs, "Use 1 or more"),
        (train.batch >= 1, "[train] batch", train.batch, "Use 1 or more"),
        (train.learning_rate > 0, "[train] learning_rate", train.learning_rate, "Use more than 0"),
        (0 < train.decay <= 1, "[train] decay", train.decay, "Use a factor between 0 and 1"),
        (0 < train.rate <= 1, "[train] rate", train.rate, "Use a fraction between 0 and 1"),
        (0 <= train.dropout_input < 1, "[train] dropout_input", train.dropout_input, "Use 0 or more, below 1"),
        (0 <= train.dropout_hidden < 1, "[train] dropout_hidden", train.dropout_hidden, "Use 0 or more, below 1"),
        (
            train.bits == 0 or MIN_BITS <= train.bits <= MAX_BITS,
            "[train] bits",
            train.bits,
            f"Use {MIN_BITS} to {MAX_BITS}, or 0 for float",
        ),
        (train.shift >= 0, "[train] shift", train.shift, "Use 0 or more pixels"),
        (train.gain > 0, "[train] gain", train.gain, "Use more than 0"),
        (train.quantize_from >= 0, "[train] quantize_from", train.quantize_from, "Use an epoch of 0 or more"),
        (0 <= train.seed <= MAX_SEED, "[train] seed", train.seed, f"Use 0 to {MAX_SEED}"),
        (not (data.reverse and data.kind in IMAGE_KINDS), "[data] reverse", True, "Images have no direction of time"),
        (event.downsample >= 1, "[encoding] downsample", event.downsample, "Use 1 (none) or more"),
        (event.width >= 1 and event.height >= 1, "[encoding] sensor", f"{event.width}x{event.height}", "Use 1 or more"),
    ]
    return [Problem(f"{where}: {place}", f"is {value}", hint) for sound, place, value, hint in checks if not sound]
