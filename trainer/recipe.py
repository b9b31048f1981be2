"""Recipes: TOML files that say everything about a training run."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from codegen.ir import EventBinning, Head, Network, Problem, SpikecError, SpikeFrames, fail, find_problems
from codegen.ir.encoding import Coding as ImageCode
from codegen.ir.encoding import Encoding
from trainer import tables
from trainer.model import SpikingNetwork

IMAGE_SETS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}
"""Kinds of images, and the folders that their sets lie in."""
IMAGE_KINDS = tuple(IMAGE_SETS)
IMAGE_SHAPE = (28, 28)
EVENT_KINDS = ("digits", "nmnist", "nmnist-simulated")
DATA_KINDS = (*EVENT_KINDS, *IMAGE_KINDS)
DIGITS = tuple("0123456789")
FASHION = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")
MOTIONS = ("forwards", "backwards")


@dataclass(frozen=True)
class Data:
    """What to train on. ``reverse`` adds every recording played backwards, and a second head that tells which.

    ``kind`` digits is the embedded set; the others need a folder. ``limit`` uses only so many training samples.
    ``hold_out`` keeps so many training samples (recordings both ways) out, to choose settings by; ``fold`` chooses
    which. ``simulated`` adds that many simulated recordings to every epoch of ``nmnist``, others each time.
    """

    kind: str
    reverse: bool = False
    limit: int = 0
    hold_out: int = 0
    fold: int = 0
    simulated: int = 0


@dataclass(frozen=True)
class NetworkShape:
    """Layers: ``hidden`` ones (``trainer.architecture``; the outputs follow from the heads), ``neuron``, ``steps``."""

    hidden: list[int | str]
    neuron: str
    steps: int


@dataclass(frozen=True)
class Training:
    """How to train. ``bits`` 0 trains in float; else the forward pass is quantized from epoch ``quantize_from`` on.

    ``loss``, ``rate``: see ``trainer.loss``. ``steps``: time steps in training, 0 for the network's own number.
    ``schedule``: of the learning rate, ``decay`` is its factor an epoch where that is exponential. ``gain``: see
    ``trainer.layers.base.Synapses``. ``penalty``: weight of the synaptic operations in the loss.
    """

    epochs: int
    batch: int = 128
    learning_rate: float = 1e-3
    schedule: Literal["exponential", "cosine"] = "exponential"
    decay: float = 0.95
    loss: Literal["spikes", "membrane"] = "spikes"
    rate: float = 0.5
    steps: int = 0
    gain: float = 1.0
    penalty: float = 0.0
    dropout_input: float = 0.0
    dropout_hidden: float = 0.0
    bits: int = 7
    per_output: bool = False
    quantize_from: int = 0
    seed: int = 0


@dataclass(frozen=True)
class Augment:
    """How training samples are distorted, each at random up to these bounds both ways.

    ``shift``: pixels; ``rotate``: degrees; ``zoom`` and ``shear``: parts of 1.
    """

    shift: float = 0.0
    rotate: float = 0.0
    zoom: float = 0.0
    shear: float = 0.0


@dataclass(frozen=True)
class ImageCoding:
    """How images become spikes: see ``codegen.ir.encoding.SpikeFrames``."""

    coding: ImageCode = "bernoulli"
    downsample: int = 1


Coding = EventBinning | ImageCoding
"""The table ``[encoding]``."""


@dataclass(frozen=True)
class Recipe:
    """One training run. ``text`` is the TOML that it was read from, ``quick`` whether the short version was asked."""

    name: str
    data: Data
    network: NetworkShape
    train: Training
    augment: Augment
    encoding: Encoding
    heads: tuple[Head, ...]
    text: str = field(repr=False)
    quick: bool = False

    @property
    def sizes(self) -> list[int | str | tuple[int, ...]]:
        """The network as ``SpikingNetwork`` takes it."""
        return [self.encoding.shape, *self.network.hidden, self.heads[-1].stop]

    @property
    def training_steps(self) -> int:
        """Time steps of a sample in training."""
        return self.train.steps or self.network.steps

    def build(self) -> SpikingNetwork:
        """Make the untrained model; draws its weights from torch's global random numbers."""
        train = self.train
        return SpikingNetwork(
            self.sizes,
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
    from trainer.rules import broken_rules  # noqa: PLC0415 (rules are about recipes)

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
    if data.kind == "fashion-mnist":
        return (Head("digit", 0, 10, FASHION),)
    digit = Head("digit", 0, 10, DIGITS)
    return (digit, Head("motion", 10, 12, MOTIONS)) if data.reverse else (digit,)
