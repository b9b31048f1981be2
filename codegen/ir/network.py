"""The integer network: what quantization makes and every backend reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import Encoding
from codegen.ir.layers.base import Connection, Shape, Synapses
from codegen.ir.neurons.base import Neuron, Range

Readout = Literal["count", "first_spike", "membrane"]
READOUTS: tuple[Readout, ...] = ("count", "first_spike", "membrane")


@dataclass(frozen=True)
class Layer:
    """One pipeline stage: a connection and the neurons behind it, or pooling, which has none (``neuron`` is None).

    ``name`` is a C identifier, unique in the network.
    """

    name: str
    connection: Connection
    neuron: Neuron | None

    @property
    def size(self) -> int:
        """Number of neurons, or of spikes that pooling gives."""
        return self.connection.out_size

    @property
    def theta(self) -> NDArray[np.int32]:
        """Thresholds: int32 (neurons,), empty for pooling."""
        return np.zeros(0, np.int32) if self.neuron is None else self.neuron.theta

    @property
    def threshold_period(self) -> int:
        """After how many neurons the thresholds repeat: 1 where all share one, else the channels or all neurons."""
        theta, channels = self.theta, self.connection.out_shape[-1]
        if np.all(theta == theta[0]):
            return 1
        pixels = theta.reshape(-1, channels)
        return channels if np.all(pixels == pixels[0]) else theta.size

    def membrane_range(self, steps: int) -> Range:
        """Bounds of every membrane and every partial sum within ``steps`` steps, whatever the input."""
        if self.neuron is None or not isinstance(self.connection, Synapses):
            return Range(np.zeros(0, np.int64), np.zeros(0, np.int64))
        return self.neuron.membrane_range(self.connection.current_range(), steps)


@dataclass(frozen=True)
class Head:
    """One answer of the network: output neurons ``start`` up to (not including) ``stop``, and the classes' names."""

    name: str
    start: int
    stop: int
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Network:
    """A trained spiking network in integers.

    ``annotations`` (scales, training notes) are for reports: they never change a number, so they are no part of the
    digest. Everything else is.
    """

    name: str
    encoding: Encoding
    steps: int
    layers: tuple[Layer, ...]
    heads: tuple[Head, ...]
    readout: Readout = "count"
    annotations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def in_size(self) -> int:
        """Number of inputs."""
        return self.encoding.size

    @property
    def out_size(self) -> int:
        """Number of output neurons."""
        return self.layers[-1].size

    @property
    def shapes(self) -> list[Shape]:
        """Shape of the input and of what each layer gives; flat where they are for the first layer."""
        return [self.layers[0].connection.in_shape, *(layer.connection.out_shape for layer in self.layers)]

    @cached_property
    def digest(self) -> str:
        """SHA-256, 64 hex digits, of everything that decides the numbers; the device names it in its greeting."""
        sha = hashlib.sha256(canonical_json(describe(self)).encode())
        for layer in self.layers:
            for name, array in sorted(layer_arrays(layer).items()):
                sha.update(f"{layer.name}/{name} {array.dtype.str} {array.shape}\n".encode())
                sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()


def layer_arrays(layer: Layer) -> dict[str, NDArray[Any]]:
    """All integer arrays of a layer, little-endian, by name."""
    arrays = layer.connection.arrays()
    if layer.neuron is not None:
        arrays["theta"] = layer.neuron.theta
    return {name: array.astype(array.dtype.newbyteorder("<")) for name, array in arrays.items()}


def describe(network: Network) -> dict[str, Any]:
    """The network without arrays and annotations, as JSON values."""
    return {
        "name": network.name,
        "encoding": {"kind": network.encoding.kind, **network.encoding.to_json()},
        "steps": network.steps,
        "readout": network.readout,
        "layers": [
            {
                "name": layer.name,
                "connection": {"kind": layer.connection.kind, **layer.connection.fields()},
                "neuron": None if layer.neuron is None else {"kind": layer.neuron.kind},
            }
            for layer in network.layers
        ],
        "heads": [{"name": h.name, "start": h.start, "stop": h.stop, "labels": list(h.labels)} for h in network.heads],
    }


def canonical_json(value: object) -> str:
    """One spelling for one value: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
