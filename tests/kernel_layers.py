"""Random dense layers of odd shapes, for kernels alone: what firmware/driver/kernels.c is given, and what it must say.

Sizes lie around every multiple of a lane's or a word's width, lists of rows are longer than lanes of 16 bits hold,
weights and spikes are extreme, values repeat with any period.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Affine, Layer, SnnCt, SnnDc
from codegen.ir.reference import exact_dtype, step_through
from codegen.passes.layouts.affine import FORMATS, formats, lay_out
from codegen.passes.layouts.base import WRAP
from codegen.passes.widths import prove_width

EDGES = (8, 16, 24, 32, 48, 64, 96, 128, 160, 256)
LISTS = (128, 250, 255, 256, 257, 260, 512, 516, 517, 700, 1100)
"""Inputs of layers whose lists of rows are long."""


@dataclass(frozen=True)
class Case:
    """A layer, the form of its weights, and spikes (steps, inputs).

    ``bits`` are of its membranes; biases and thresholds repeat after their periods.
    """

    layer: Layer
    form: str
    bits: int
    bias_period: int
    theta_period: int
    spikes: NDArray[np.bool_]


def random_case(seed: int) -> Case:
    """A layer that fits 32 bits, as every sound network's does."""
    random = np.random.default_rng([seed, 29])
    outputs, inputs = _size(random), _size(random)
    if random.random() < 0.06:
        outputs, inputs = int(random.integers(1, 71)), int(random.choice(LISTS))
    bits, steps = int(random.integers(2, 9)), int(random.integers(1, 4))
    weight = _weights(random, (outputs, inputs), 2 ** (bits - 1) - 1)
    spread = int(2 ** (bits - 1) * np.sqrt(inputs)) + 1
    bias, bias_period = _values(random, outputs, spread)
    theta, theta_period = _values(random, outputs, spread)
    model = SnnCt if random.random() < 0.5 else SnnDc
    layer = Layer("layer", Affine(weight, bias, bits), model(theta))
    narrowest = prove_width(layer, steps).bits
    width = 32 if random.random() < 0.3 else narrowest
    spikes = random.random((steps, inputs)) < random.choice([0.0, 0.02, 0.1, 0.5, 1.0])
    form = str(random.choice(formats(layer.connection)))
    return Case(layer, form, width, bias_period if model is SnnCt else outputs, theta_period, spikes)


def _size(random: np.random.Generator) -> int:
    if random.random() < 0.3:
        return int(random.choice(EDGES)) + int(random.integers(-1, 2))
    return int(random.integers(1, 71))


def _weights(random: np.random.Generator, shape: tuple[int, int], limit: int) -> NDArray[np.int8]:
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


def _values(random: np.random.Generator, size: int, spread: int) -> tuple[NDArray[np.int32], int]:
    """A value for each neuron, and after how many they repeat."""
    period = int(random.choice([1, size, random.integers(1, size + 1)]))
    values = random.integers(-spread // 4, spread + 1, period)
    if random.random() < 0.3:
        extreme = [0, -1, 1, 32_767, 32_766, -32_768, 32_768, -32_769, 1_000_000, -1_000_000]
        values[random.random(period) < random.choice([0.2, 1.0])] = random.choice(extreme)
    return np.resize(values, size).astype(np.int32), period


def _wrapped(values: NDArray[np.int32], period: int) -> NDArray[np.int32]:
    """One period, and behind it what a kernel may read, where it is shorter than all."""
    return values if period == values.size else np.resize(values[:period], period + WRAP)


def encoded(case: Case) -> bytes:
    """One layer as the driver reads it."""
    layer, kind = case.layer, f"<i{case.bits // 8}"
    layout = lay_out(layer, case.bits, case.form)
    tables = {table.name: table.values for table in layout.tables}
    outputs, inputs = layer.connection.out_size, layer.connection.in_size
    bias = tables["bias"] if case.bias_period == outputs else _wrapped(layer.connection.bias, case.bias_period)
    theta = _wrapped(layer.theta, case.theta_period) if case.theta_period > 1 else np.zeros(0, np.int32)
    one = int(layer.theta[0]) & 0xFFFFFFFF if case.theta_period == 1 else 0
    header = struct.pack(
        "<13I",
        *(inputs, outputs, layout.membranes, layout.numbers["row_bytes"], len(case.spikes)),
        *([form.name for form in FORMATS].index(case.form), case.bits),
        *(isinstance(layer.neuron, SnnDc), case.bias_period, case.theta_period * (case.theta_period > 1), one),
        *(bias.size, theta.size),
    )
    spikes = np.zeros((len(case.spikes), -(-inputs // 32) * 32), np.bool_)
    spikes[:, :inputs] = case.spikes
    values = bias.astype(kind).tobytes() + theta.astype(kind).tobytes()
    return header + tables["weight"].tobytes() + values + np.packbits(spikes, axis=1, bitorder="little").tobytes()


def expected(case: Case) -> bytes:
    """What the reference says of one layer, as the driver writes it."""
    layer, steps = case.layer, len(case.spikes)
    spikes, membranes = step_through(layer, case.spikes[None], exact_dtype(layer, steps))
    out = np.zeros((steps, -(-layer.size // 32) * 32), np.bool_)
    out[:, : layer.size] = spikes[0]
    active = case.spikes.sum(axis=1).astype("<u4")
    words = np.packbits(out, axis=1, bitorder="little").view("<u4")
    return np.column_stack([active, words, membranes[0].astype("<i4").view("<u4")]).astype("<u4").tobytes()


def differences(cases: Sequence[Case], seen: bytes) -> list[str]:
    """The layers of which ``seen``, all that the driver wrote, is not what the reference says."""
    found, at = [], 0
    for number, case in enumerate(cases):
        right = expected(case)
        if seen[at : at + len(right)] != right:
            shape = f"{case.layer.connection.in_size} -> {case.layer.size}"
            bits = f"{case.layer.connection.bits}-bit weights as {case.form}, {case.bits}-bit membranes"
            found.append(f"layer {number}: {shape}, {type(case.layer.neuron).__name__}, {bits}")
        at += len(right)
    if len(seen) != at:
        found.append(f"{len(seen)} bytes instead of {at}")
    return found
