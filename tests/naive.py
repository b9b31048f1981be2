"""The connections' docstrings, spike by spike: loops in 64-bit integers, nothing clever. Tests hold the code to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Affine, Connection, Conv2d, Layer, MaxPool2d, Network


def windows(connection: Conv2d | MaxPool2d) -> list[tuple[int, int, int, int]]:
    """(output place, row of the window, column of it, input place) of all that meet; places count pixels."""
    if isinstance(connection, Conv2d):
        rows, columns, padding = connection.weight.shape[1], connection.weight.shape[2], connection.padding
    else:
        rows, columns, padding = connection.kernel, connection.kernel, 0
    met, place = [], 0
    for top in range(-padding, connection.height + padding - rows + 1, connection.stride):
        for left in range(-padding, connection.width + padding - columns + 1, connection.stride):
            for i in range(rows):
                for j in range(columns):
                    y, x = top + i, left + j
                    if 0 <= y < connection.height and 0 <= x < connection.width:
                        met.append((place, i, j, y * connection.width + x))
            place += 1
    return met


def current(connection: Connection, spikes: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Summed input of every neuron, bias included, for one spike vector."""
    if isinstance(connection, Affine):
        return connection.weight.astype(np.int64) @ spikes.astype(np.int64) + connection.bias
    assert isinstance(connection, Conv2d)
    weight = connection.weight.astype(np.int64)
    pixels = spikes.reshape(-1, weight.shape[3])
    total = np.tile(connection.bias.astype(np.int64), (connection.out_size // len(weight), 1))
    for out, i, j, place in windows(connection):
        total[out] += weight[:, i, j][:, pixels[place]].sum(axis=1)
    return total.reshape(-1)


def pool(connection: Connection, spikes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The OR of each window of one spike vector."""
    assert isinstance(connection, MaxPool2d)
    pixels = spikes.reshape(-1, connection.channels)
    out = np.zeros((connection.out_size // connection.channels, connection.channels), np.bool_)
    for to, _, _, place in windows(connection):
        out[to] |= pixels[place]
    return out.reshape(-1)


def synops(connection: Connection, spikes: NDArray[np.bool_]) -> int:
    """Weight additions for spikes of shape (..., in): each spike counts the neurons that it reaches."""
    if isinstance(connection, Affine):
        return int(spikes.sum()) * len(connection.weight)
    if isinstance(connection, MaxPool2d):
        return 0
    assert isinstance(connection, Conv2d)
    active = spikes.reshape(-1, connection.height * connection.width, connection.weight.shape[3]).sum(axis=(0, 2))
    return sum(int(active[place]) for _, _, _, place in windows(connection)) * len(connection.weight)


def step(layer: Layer, spikes: NDArray[np.bool_], v: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """One step of a layer: its spikes, and its membranes after the step."""
    if layer.neuron is None:
        return pool(layer.connection, spikes), v
    theta = layer.neuron.theta.astype(np.int64)
    summed = current(layer.connection, spikes)
    v = summed if layer.neuron.kind == "snn_dc" else v + summed
    fired = v > theta
    return fired, np.where(fired, v - theta, v) if layer.neuron.kind == "snn_ct" else v


def simulate(
    network: Network, inputs: NDArray[np.bool_]
) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.int64]], NDArray[np.int64]]:
    """Spikes and membranes (samples, steps, n) of every layer, and synaptic operations (samples, layers)."""
    shape = len(inputs), network.steps
    spikes = [np.zeros((*shape, layer.size), np.bool_) for layer in network.layers]
    membranes = [np.zeros((*shape, layer.theta.size), np.int64) for layer in network.layers]
    added = np.zeros((len(inputs), len(network.layers)), np.int64)
    for sample, frames in enumerate(inputs):
        v = [np.zeros(layer.theta.size, np.int64) for layer in network.layers]
        for now, x in enumerate(frames):
            for i, layer in enumerate(network.layers):
                added[sample, i] += synops(layer.connection, x)
                x, v[i] = step(layer, x, v[i])  # noqa: PLW2901 - the next layer's input
                spikes[i][sample, now], membranes[i][sample, now] = x, v[i]
    return spikes, membranes, added
