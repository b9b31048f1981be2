"""What a model card is: all that is known about a network of the zoo, in one JSON file beside it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from codegen.ir import Conv2d, Layer, MaxPool2d, Network, Problem, SpikecError, fail
from codegen.ir.layers.base import Shape

SCHEMA = "spikec.card/1"


@dataclass(frozen=True)
class Card:
    """One network's card; ``docs/zoo.md`` describes what is in each field.

    ``tests`` has an entry a test set, the one that the network is known by first.
    """

    name: str
    task: str
    network: dict[str, Any]
    data: dict[str, Any]
    training: dict[str, Any]
    float_model: str
    tests: list[dict[str, Any]]
    licence: str
    notes: str
    schema: str = SCHEMA

    def to_json(self) -> str:
        """The card as text, as it stands in its file."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


_REQUIRED: dict[str, tuple[str, ...]] = {
    "network": (
        "name",
        "digest",
        "shape",
        "encoding",
        "neurons",
        "steps",
        "bits",
        "readout",
        "inputs",
        "heads",
        "layers",
        "weights",
        "weight_bytes",
        "file_bytes",
    ),
    "data": ("set", "title", "trained_on", "source", "licence"),
    "training": ("recipe", "recipe_text", "quick", "commands", "seed", "epochs", "seconds", "machine", "made_with"),
    "tests": ("what", "samples", "draws", "heads", "input_rate", "rates", "synops", "probe"),
}


def load_card(path: Path) -> Card:
    """Read a card. Raises SpikecError when it is missing, damaged, of another schema, or lacks something."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise fail(str(path), f"cannot be read ({error})", "Make it again with 'spikec card'") from error
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        found = value.get("schema") if isinstance(value, dict) else None
        raise fail(str(path), f"is no card of schema {SCHEMA} but {found!r}", "Make it again with 'spikec card'")
    problems = list(_lacking(value, str(path)))
    if problems:
        raise SpikecError(problems)
    return Card(**{item.name: value[item.name] for item in fields(Card)})


def _lacking(value: Mapping[str, Any], where: str) -> list[Problem]:
    """Every field that is not there."""
    gone = [item.name for item in fields(Card) if item.name not in value]
    for part, names in _REQUIRED.items():
        found = value.get(part, {})
        entries = {f"{part}[{i}]": item for i, item in enumerate(found)} if isinstance(found, list) else {part: found}
        gone += [f"{place}.{name}" for place, item in entries.items() for name in names if name not in item]
    if value.get("tests") == []:
        gone.append("tests[0]")
    return [Problem(f"{where}: {name}", "is missing", "Make the card again with 'spikec card'") for name in gone]


def describe(network: Network) -> dict[str, Any]:
    """Everything in a card that follows from the network alone (so not the size of its file), as JSON values."""
    layers = [_describe_layer(layer) for layer in network.layers]
    return {
        "name": network.name,
        "digest": network.digest,
        "shape": shape(network),
        "neurons": list(dict.fromkeys(item["neuron"] for item in layers if item["neuron"])),
        "steps": network.steps,
        "bits": sorted({item["bits"] for item in layers if item["bits"]}),
        "encoding": {"kind": network.encoding.kind, **network.encoding.to_json()},
        "readout": network.readout,
        "inputs": network.in_size,
        "heads": {head.name: list(head.labels) for head in network.heads},
        "layers": layers,
        "weights": sum(item["weights"] for item in layers),
        "weight_bytes": sum(item["weight_bytes"] for item in layers),
    }


def _describe_layer(layer: Layer) -> dict[str, Any]:
    """A layer's part of the facts; ``weight_bytes`` counts the weights at their width, packed."""
    connection = layer.connection
    weights = math.prod(connection.arrays()["weight"].shape) if "weight" in connection.arrays() else 0
    bits = connection.fields().get("bits")
    return {
        "name": layer.name,
        "kind": connection.kind,
        "neuron": None if layer.neuron is None else layer.neuron.kind,
        "inputs": connection.in_size,
        "size": layer.size,
        "bits": bits,
        "weights": weights,
        "weight_bytes": -(-weights * (bits or 0) // 8),
    }


def shape(network: Network) -> str:
    """The layers in the literature's short form: 784-256-256-10, or 28x28-12c5-mp2-64c5-mp2-512-10.

    ``12c5`` are 12 channels of 5x5 kernels (``s2``: a stride of 2, ``p1``: a padding of 1), ``mp2`` is max-pooling of
    2x2 windows, a number alone a fully connected layer. A third number of the input is its channels.
    """
    inputs = network.layers[0].connection.in_shape
    return "-".join(["x".join(str(n) for n in _spoken(inputs)), *map(_layer_shape, network.layers)])


def _spoken(inputs: Shape) -> Shape:
    """Without a single channel, which goes without saying."""
    return inputs[:2] if len(inputs) == 3 and inputs[2] == 1 else inputs


def _layer_shape(layer: Layer) -> str:
    connection = layer.connection
    if isinstance(connection, Conv2d):
        rows, columns = connection.kernel
        kernel = str(rows) if rows == columns else f"{rows}x{columns}"
        stride = f"s{connection.stride}" if connection.stride > 1 else ""
        padding = f"p{connection.padding}" if connection.padding else ""
        return f"{connection.out_shape[2]}c{kernel}{stride}{padding}"
    if isinstance(connection, MaxPool2d):
        stride = f"s{connection.stride}" if connection.stride != connection.kernel else ""
        return f"mp{connection.kernel}{stride}"
    return str(layer.size)
