"""What a recipe's values must keep to, beyond their types."""

from __future__ import annotations

import math
from collections.abc import Iterator

from codegen.ir import Problem
from codegen.ir.layers.base import MAX_BITS
from codegen.ir.validate import MAX_SIZE
from trainer.architecture import HINT, parse, shapes
from trainer.grid import MIN_BITS
from trainer.neurons import dynamics
from trainer.schema import DATA_KINDS, IMAGE_KINDS, Augment, Data, Recipe, Training

MAX_SEED = 2**63 - 1
Check = tuple[bool, str, object, str]
"""Whether it holds, the place, the value, and what to use instead."""


def broken_rules(recipe: Recipe, where: str) -> list[Problem]:
    """All values that have the right type and still make no sense."""
    checks = [*_data(recipe.data), *_network(recipe), *_train(recipe.train), *_augment(recipe.augment)]
    found = [Problem(f"{where}: {place}", f"is {value}", hint) for sound, place, value, hint in checks if not sound]
    return found + ([] if found else _layers(recipe, where))


def _data(data: Data) -> Iterator[Check]:
    images = data.kind in IMAGE_KINDS
    yield data.kind in DATA_KINDS, "[data] kind", data.kind, f"Use one of: {', '.join(DATA_KINDS)}"
    yield data.limit >= 0, "[data] limit", data.limit, "Use 0 (all) or more"
    yield data.hold_out >= 0, "[data] hold_out", data.hold_out, "Use 0 (none) or more"
    yield data.fold >= 0, "[data] fold", data.fold, "Use 0 (the first) or more"
    yield data.simulated >= 0, "[data] simulated", data.simulated, "Use 0 (none) or more"
    mixed = data.simulated == 0 or data.kind == "nmnist"
    yield mixed, "[data] simulated", data.simulated, "Only recordings of kind nmnist can be mixed with simulated ones"
    yield not (data.reverse and images), "[data] reverse", True, "Images have no direction of time"


def _network(recipe: Recipe) -> Iterator[Check]:
    shape = recipe.network
    yield shape.neuron in dynamics(), "[network] neuron", shape.neuron, f"Use one of: {', '.join(dynamics())}"
    yield shape.steps >= 1, "[network] steps", shape.steps, "Use 1 or more"
    free = recipe.train.steps in (0, shape.steps) or recipe.data.kind in IMAGE_KINDS
    yield free, "[train] steps", recipe.train.steps, "Recordings are cut into the network's own steps: use 0"


def _train(train: Training) -> Iterator[Check]:
    bits = train.bits == 0 or MIN_BITS <= train.bits <= MAX_BITS
    yield train.epochs >= 1, "[train] epochs", train.epochs, "Use 1 or more"
    yield train.batch >= 1, "[train] batch", train.batch, "Use 1 or more"
    yield train.steps >= 0, "[train] steps", train.steps, "Use 0 (the network's) or more"
    yield train.learning_rate > 0, "[train] learning_rate", train.learning_rate, "Use more than 0"
    yield 0 < train.decay <= 1, "[train] decay", train.decay, "Use a factor between 0 and 1"
    yield 0 < train.rate <= 1, "[train] rate", train.rate, "Use a fraction between 0 and 1"
    yield 0 <= train.dropout_input < 1, "[train] dropout_input", train.dropout_input, "Use 0 or more, below 1"
    yield 0 <= train.dropout_hidden < 1, "[train] dropout_hidden", train.dropout_hidden, "Use 0 or more, below 1"
    yield bits, "[train] bits", train.bits, f"Use {MIN_BITS} to {MAX_BITS}, or 0 for float"
    yield train.gain > 0, "[train] gain", train.gain, "Use more than 0"
    yield train.penalty >= 0, "[train] penalty", train.penalty, "Use 0 (none) or more"
    yield train.quantize_from >= 0, "[train] quantize_from", train.quantize_from, "Use an epoch of 0 or more"
    yield 0 <= train.seed <= MAX_SEED, "[train] seed", train.seed, f"Use 0 to {MAX_SEED}"


def _augment(augment: Augment) -> Iterator[Check]:
    yield augment.shift >= 0, "[augment] shift", augment.shift, "Use 0 or more pixels"
    yield 0 <= augment.rotate <= 180, "[augment] rotate", augment.rotate, "Use 0 to 180 degrees"
    yield 0 <= augment.zoom < 1, "[augment] zoom", augment.zoom, "Use 0 or more, below 1"
    yield 0 <= augment.shear < 1, "[augment] shear", augment.shear, "Use 0 or more, below 1"


def _layers(recipe: Recipe, where: str) -> list[Problem]:
    """Layers that are none, do not fit what is before them, or are too large."""
    place = f"{where}: [network] hidden"
    try:
        specs = [parse(word) for word in (*recipe.network.hidden, recipe.heads[-1].stop)]
        sizes = [math.prod(out) for _, _, out in shapes(recipe.encoding.shape, specs)]
    except ValueError as error:
        return [Problem(place, f"is {recipe.network.hidden}: {error}", HINT)]
    if max(sizes) > MAX_SIZE:
        return [Problem(place, f"makes a layer of {max(sizes)} neurons", f"Use {MAX_SIZE} at most")]
    return []
