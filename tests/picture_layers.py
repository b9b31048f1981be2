"""Random convolutions and poolings of odd shapes, for kernels alone: what firmware/driver/pictures.c gets and must say.

Channels lie around every multiple of a quad, a lane and a word; kernels, strides and paddings are any; weights and
spikes are extreme, in pixels with one spike, with some and with all.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Conv2d, Layer, MaxPool2d, SnnCt, SnnDc
from codegen.ir.reference import exact_dtype, step_through
from codegen.passes.layouts import formats, lay_out
from codegen.passes.layouts.base import WRAP
from codegen.passes.widths import prove_width

LARGEST = 6_000
"""Neurons of a layer."""
POOLING = 3
"""The number of this kind of layer in the driver; convolutions have 0 (plain order), 1 (quads) and 2 (words)."""


@dataclass(frozen=True)
class Case:
    """A layer, the form of its weights, and spikes (steps, inputs).

    ``bits`` are of its membranes; thresholds repeat after their period.
    """

    layer: Layer
    form: str
    bits: int
    theta_period: int
    spikes: NDArray[np.bool_]


def random_case(seed: int) -> Case:
    """A layer that fits 32 bits, as every sound network's does."""
    random = np.random.default_rng([seed, 37])
    while True:
        found = _pooling(random) if random.random() < 0.25 else _convolution(random)
        if found is not None:
            return found


def _side(random: np.random.Generator) -> int:
    return int(random.integers(1, 13))


def _channels(random: np.random.Generator) -> int:
    if random.random() < 0.6:
        return 4 * int(random.integers(1, 18))
    return int(random.integers(1, 36))


def _convolution(random: np.random.Generator) -> Case | None:
    rows, columns, steps = _side(random), _side(random), int(random.integers(1, 4))
    inputs, channels, bits = (
        int(random.choice([1, 2, 3, 5, 8, 12, 16, 33])),
        _channels(random),
        int(random.integers(2, 9)),
    )
    down, right = (int(each) for each in random.integers(1, 6, 2))
    weight = _weights(random, (channels, down, right, inputs), 2 ** (bits - 1) - 1)
    spread = int(2 ** (bits - 1) * np.sqrt(weight[0].size)) + 1
    bias = random.integers(-spread // 4, spread + 1, channels).astype(np.int32)
    connection = Conv2d(weight, bias, bits, rows, columns, int(random.choice([1, 1, 2, 3])), int(random.integers(0, 3)))
    if connection.problems("") or connection.out_size > LARGEST:
        return None
    theta, period = _thresholds(random, connection.out_size, channels, spread)
    layer = Layer("layer", connection, (SnnCt if random.random() < 0.5 else SnnDc)(theta))
    width = 32 if random.random() < 0.2 else prove_width(layer, steps).bits
    form = str(random.choice(formats(layer)))
    return Case(layer, form, width, period, _spikes(random, steps, rows * columns, inputs))


def _weights(random: np.random.Generator, shape: tuple[int, ...], limit: int) -> NDArray[np.int8]:
    """All of them, the largest only, of one sign, few, or none."""
    kind = random.choice(["any", "any", "any", "signs", "high", "low", "sparse", "none"])
    weight = random.integers(-limit, limit + 1, shape)
    if kind == "signs":
        weight = np.where(weight < 0, -limit, limit)
    elif kind in ("high", "low"):
        weight = np.full(shape, limit if kind == "high" else -limit)
    elif kind in ("sparse", "none"):
        weight[random.random(shape) < (0.9 if kind == "sparse" else 1.0)] = 0
    return weight.astype(np.int8)


def _thresholds(random: np.random.Generator, size: int, channels: int, spread: int) -> tuple[NDArray[np.int32], int]:
    """One for all, one a channel, or one a neuron; sometimes extreme."""
    period = int(random.choice([1, 1, channels, size]))
    values = random.integers(-spread // 8, spread + 1, period)
    if random.random() < 0.2:
        extreme = [0, -1, 32_767, -32_768, 32_768, -32_769, 1_000_000, -1_000_000]
        values[random.random(period) < random.choice([0.2, 1.0])] = random.choice(extreme)
    return np.resize(values, size).astype(np.int32), period


def _spikes(random: np.random.Generator, steps: int, pixels: int, channels: int) -> NDArray[np.bool_]:
    """Some pixels are silent, as pictures are, and some have all."""
    density = random.choice([0.0, 0.02, 0.1, 0.3, 1.0])
    spikes = random.random((steps, pixels, channels)) < density
    spikes &= random.random((steps, pixels, 1)) < random.choice([0.3, 1.0])
    return spikes.reshape(steps, -1)


def _pooling(random: np.random.Generator) -> Case | None:
    rows, columns, steps = _side(random), _side(random), int(random.integers(1, 4))
    channels = int(random.choice([1, 2, 3, 4, 8, 12, 16, 17, 20, 31, 32, 33, 40, 64, 96]))
    connection = MaxPool2d(rows, columns, channels, int(random.integers(1, 5)), int(random.integers(1, 4)))
    if connection.problems(""):
        return None
    return Case(Layer("layer", connection, None), "", 16, 1, _spikes(random, steps, rows * columns, channels))


def _packed(spikes: NDArray[np.bool_]) -> bytes:
    padded = np.zeros((len(spikes), -(-spikes.shape[1] // 32) * 32), np.bool_)
    padded[:, : spikes.shape[1]] = spikes
    return np.packbits(padded, axis=1, bitorder="little").tobytes()


def encoded(case: Case) -> bytes:
    """One layer as the driver reads it."""
    layer, steps = case.layer, len(case.spikes)
    layout = lay_out(layer, case.bits, case.form)
    numbers, connection = layout.numbers, layer.connection
    if isinstance(connection, MaxPool2d):
        shape = (numbers["rows"], numbers["columns"], numbers["channels"], numbers["row"], 0, numbers["kernel"])
        header = (POOLING, connection.in_size, connection.out_size, steps, 16, *[0] * 7, *shape, numbers["stride"])
        return struct.pack("<23I", *header, *[0] * 4) + _packed(case.spikes)
    tables, kind = {table.name: table.values for table in layout.tables}, f"<i{case.bits // 8}"
    theta = np.zeros(0, np.int32)
    if case.theta_period > 1:
        theta = layer.theta if case.theta_period == layer.size else np.resize(layer.theta, case.theta_period + WRAP)
    one = int(layer.theta[0]) & 0xFFFFFFFF if case.theta_period == 1 else 0
    header = struct.pack(
        "<23I",
        *(2 if numbers["offset"] else numbers["quads"], connection.in_size, connection.out_size, steps, case.bits),
        *(isinstance(layer.neuron, SnnDc), layout.bias_period, case.theta_period * (case.theta_period > 1), one),
        *(tables["weight"].size, tables["bias"].size, theta.size, len(tables["row"]), len(tables["column"])),
        *(numbers["channels"], numbers["out_row"], numbers["kernel_row"], numbers["kernel"], 0),
        *(numbers["inverse"], numbers["shift"], numbers["pairs"], numbers["offset"]),
    )
    values = tables["bias"].astype(kind).tobytes() + theta.astype(kind).tobytes()
    spans = b"".join(np.array(span.tolist(), "<u4").tobytes() for name in ("row", "column") for span in tables[name])
    return header + tables["weight"].tobytes() + values + spans + _packed(case.spikes)


def expected(case: Case) -> bytes:
    """What the reference says of one layer, as the driver writes it."""
    layer, steps = case.layer, len(case.spikes)
    spikes, membranes = step_through(layer, case.spikes[None], exact_dtype(layer, steps))
    out = np.zeros((steps, -(-layer.size // 32) * 32), np.bool_)
    out[:, : layer.size] = spikes[0]
    words = np.packbits(out, axis=1, bitorder="little").view("<u4")
    if layer.neuron is None:
        return words.tobytes()
    synops = layer.connection.synops(case.spikes[:, None]).astype("<u4")
    return np.column_stack([synops, words, membranes[0].astype("<i4").view("<u4")]).astype("<u4").tobytes()


def described(number: int, case: Case) -> str:
    """One line for people."""
    connection = case.layer.connection
    shape = f"{connection.in_shape} -> {connection.out_shape}, {connection.label}"
    if not isinstance(connection, Conv2d):
        return f"layer {number}: {shape}"
    neuron = type(case.layer.neuron).__name__
    return f"layer {number}: {shape}, {neuron}, {connection.bits}-bit weights as {case.form}, {case.bits}-bit membranes"


def differences(cases: Sequence[Case], rights: Sequence[bytes], seen: bytes) -> list[str]:
    """The layers of which ``seen``, all that the driver wrote, is not what ``expected`` said of each."""
    found, at = [], 0
    for number, (case, right) in enumerate(zip(cases, rights, strict=True)):
        if seen[at : at + len(right)] != right:
            found.append(described(number, case))
        at += len(right)
    if len(seen) != at:
        found.append(f"{len(seen)} bytes instead of {at}")
    return found
