"""What a recipe says, as data: a dataclass for each table of its TOML, and the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from codegen.ir import EventBinning, Head
from codegen.ir.encoding import Coding as ImageCode
from codegen.ir.encoding import Encoding
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
