"""The bit-exact reference simulator: the one definition of what is right.

Integers are held in float32 or float64 where bounds proved from the weights say that these are exact, because matrix
products of floats are fast; everywhere else in int64. The results are the same integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import fail
from codegen.ir.layers.base import Pooling, Synapses
from codegen.ir.network import Layer, Network
from codegen.ir.readout import answers

CHUNK_BYTES = 48 << 20
"""Working set of the batched path; samples are simulated in chunks of about this size."""


@dataclass(frozen=True)
class Trace:
    """Everything that happened in one sample. Lists have an entry a layer, in order.

    ``inputs``: bool (steps, in); ``spikes``: bool (steps, n); ``membranes``: int32 (steps, n), after the step (for
    SNN-CT after the reset; pooling has none: (steps, 0)); ``answers``: (steps,) class indices by head.
    """

    inputs: NDArray[np.bool_]
    spikes: list[NDArray[np.bool_]]
    membranes: list[NDArray[np.int32]]
    answers: dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Batch:
    """What a device reports, for many samples.

    ``spikes``: bool (samples, steps, out), the output layer's; ``membranes``: int32, the same shape;
    ``layer_spikes``: int32 (samples, layers, steps), how many neurons of each layer fired in each step;
    ``synops``: int64 (samples, layers); ``answers``: (samples, steps) class indices by head.
    """

    spikes: NDArray[np.bool_]
    membranes: NDArray[np.int32]
    layer_spikes: NDArray[np.int32]
    synops: NDArray[np.int64]
    answers: dict[str, NDArray[np.int64]]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Output spikes so far: int64 (samples, steps, out)."""
        return np.cumsum(self.spikes, axis=1, dtype=np.int64)


def exact_dtype(layer: Layer, steps: int) -> np.dtype[Any]:
    """The fastest number type in which no sum or membrane of this layer can be rounded."""
    bound = layer.membrane_range(steps).magnitude + int(np.abs(layer.theta.astype(np.int64)).max(initial=0))
    if bound < 2**24:
        return np.dtype(np.float32)
    return np.dtype(np.float64) if bound < 2**53 else np.dtype(np.int64)


def step_through(layer: Layer, spikes: NDArray[Any], dtype: np.dtype[Any]) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Run one layer over all steps: (samples, steps, in) spikes to spikes and membranes (samples, steps, n).

    Pooling has no membranes: theirs have the shape (samples, steps, 0).
    """
    if layer.neuron is None:
        assert isinstance(layer.connection, Pooling)
        return layer.connection.pool(spikes), np.zeros((*spikes.shape[:-1], 0), dtype)
    assert isinstance(layer.connection, Synapses)
    current = layer.connection.current(spikes, dtype)
    fired = np.empty(current.shape, np.bool_)
    membrane = np.zeros_like(current[:, 0])
    for step in range(current.shape[1]):
        fired[:, step], membrane = layer.neuron.step(membrane, current[:, step])
        current[:, step] = membrane
    return fired, current


def simulate(network: Network, inputs: NDArray[np.bool_]) -> Trace:
    """One sample with everything that happens in it. ``inputs``: bool (steps, in). Raises SpikecError for others."""
    _check_shape(network, inputs, ("steps", "inputs"))
    spikes = inputs[None]
    all_spikes, all_membranes = [], []
    for layer in network.layers:
        spikes, membranes = step_through(layer, spikes, exact_dtype(layer, network.steps))
        all_spikes.append(spikes[0])
        all_membranes.append(membranes[0].astype(np.int32))
    return Trace(inputs, all_spikes, all_membranes, answers(network, all_spikes[-1], all_membranes[-1]))


def simulate_batch(network: Network, inputs: NDArray[np.bool_]) -> Batch:
    """Many samples, fast. ``inputs``: bool (samples, steps, in). Raises SpikecError for other shapes."""
    _check_shape(network, inputs, ("samples", "steps", "inputs"))
    samples = inputs.shape[0]
    out_shape = (samples, network.steps, network.out_size)
    spikes = np.empty(out_shape, np.bool_)
    membranes = np.empty(out_shape, np.int32)
    layer_spikes = np.empty((samples, len(network.layers), network.steps), np.int32)
    synops = np.empty((samples, len(network.layers)), np.int64)
    dtypes = [exact_dtype(layer, network.steps) for layer in network.layers]
    widest = max([network.in_size, *(layer.size for layer in network.layers)])
    chunk = max(1, CHUNK_BYTES // (8 * network.steps * widest))
    for start in range(0, samples, chunk):
        part = slice(start, start + chunk)
        x = inputs[part]
        for i, (layer, dtype) in enumerate(zip(network.layers, dtypes, strict=True)):
            synops[part, i] = layer.connection.synops(x)
            x, v = step_through(layer, x, dtype)
            layer_spikes[part, i] = np.count_nonzero(x, axis=2)
        spikes[part], membranes[part] = x, v
    return Batch(spikes, membranes, layer_spikes, synops, answers(network, spikes, membranes))


def _check_shape(network: Network, inputs: NDArray[Any], names: tuple[str, ...]) -> None:
    wanted = (network.steps, network.in_size)
    if inputs.ndim != len(names) or inputs.shape[-2:] != wanted or inputs.dtype != np.bool_:
        raise fail(
            "input spikes",
            f"are {inputs.dtype} of shape {inputs.shape}",
            f"Network '{network.name}' takes bool ({', '.join(names)}), the last two {wanted}",
        )
