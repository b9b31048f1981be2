"""What led to a difference: the spikes that reached the neuron, by the reference simulator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Layer, Network, Pooling, Synapses, simulate

MAX_ARRIVED = 64
"""So many spikes are named one by one; ``arrived_in_all`` counts them all."""
_BLOCK = 64


@dataclass(frozen=True)
class Place:
    """Where a value differs, and both values. ``neuron`` is None where only the number of spikes is known."""

    layer: int
    step: int
    neuron: int | None
    quantity: str
    device: int
    reference: int

    def to_json(self, network: Network) -> dict[str, Any]:
        """Plain JSON values, the layer by its name."""
        return {**vars(self), "layer": network.layers[self.layer].name}


def cause(network: Network, inputs: NDArray[np.bool_], place: Place) -> dict[str, Any] | None:
    """Tell what the reference did in this neuron up to this step; None where the neuron is not known.

    ``inputs``: the sample's, bool (steps, in). Gives ``source`` (the layer that the spikes come from, or 'input'),
    ``arrived`` (pairs of source neuron and weight, in this step; the weight is 1 for pooling), ``arrived_in_all``,
    ``bias`` and ``threshold`` (None for pooling), and ``history``: of each step so far ``arrived`` (how many), ``sum``
    (bias included), ``membrane`` (after the step) and ``spike``; ``sum`` and ``membrane`` are None for pooling.
    """
    if place.neuron is None:
        return None
    layer, trace, neuron = network.layers[place.layer], simulate(network, inputs), place.neuron
    spikes = inputs if place.layer == 0 else trace.spikes[place.layer - 1]
    pooling = layer.neuron is None
    weights, bias = _weights(layer, neuron, np.flatnonzero(spikes[: place.step + 1].any(axis=0)))
    history = []
    for step in range(place.step + 1):
        arrived = [weights[i] for i in np.flatnonzero(spikes[step]).tolist() if i in weights]
        history.append(
            {
                "arrived": len(arrived),
                "sum": None if pooling else bias + sum(arrived),
                "membrane": None if pooling else int(trace.membranes[place.layer][step, neuron]),
                "spike": int(trace.spikes[place.layer][step, neuron]),
            }
        )
    now = [[i, weights[i]] for i in np.flatnonzero(spikes[place.step]).tolist() if i in weights]
    return {
        "source": "input" if place.layer == 0 else network.layers[place.layer - 1].name,
        "arrived": now[:MAX_ARRIVED],
        "arrived_in_all": len(now),
        "bias": None if pooling else bias,
        "threshold": None if pooling else int(layer.theta[neuron]),
        "history": history,
    }


def _weights(layer: Layer, neuron: int, sources: NDArray[np.int64]) -> tuple[dict[int, int], int]:
    """Weight by source of those that reach the neuron (weights of 0 are left out), and its bias.

    Asked of the connection itself by one spike at a time, so that it holds for every kind.
    """
    found: dict[int, int] = {}
    rest = int(_into(layer, np.zeros((1, layer.connection.in_size), np.bool_), neuron)[0])
    for start in range(0, len(sources), _BLOCK):
        block = sources[start : start + _BLOCK]
        single = np.zeros((len(block), layer.connection.in_size), np.bool_)
        single[np.arange(len(block)), block] = True
        for source, value in zip(block.tolist(), _into(layer, single, neuron).tolist(), strict=True):
            if int(value) != rest:
                found[source] = int(value) - rest
    return found, rest


def _into(layer: Layer, spikes: NDArray[np.bool_], neuron: int) -> NDArray[Any]:
    """What the neuron sums up, (samples,)."""
    connection = layer.connection
    if isinstance(connection, Pooling):
        return connection.pool(spikes)[:, neuron]
    assert isinstance(connection, Synapses)
    return connection.current(spikes, np.int64)[:, neuron]
