"""Where a dense network wins: instructions of spikes by input density and steps, beside those of one dense pass."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.dense.arithmetic import DenseLayer, DenseNetwork
from benchmarks.dense.board import DenseCount, count_dense, count_spikes
from benchmarks.dense.cmsis import Checkout
from codegen import zoo
from codegen.ir import Head, Layer, Network, SpikeFrames, load, simulate_batch

STEPS = 16
DENSITIES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
SAMPLES = 4
HEAD = (Head("class", 0, 2, ("a", "b")),)
"""Two classes only: a layer without a network around it has none to name."""
Row = Mapping[str, Any]
Hidden = Literal["as in the zoo", "as the input"]


@dataclass(frozen=True)
class Case:
    """Layers of a network of the zoo, swept with made-up inputs.

    ``rates``: spikes a neuron and step of each layer, as the zoo's network has them on its own data. ``whole``: a
    network, whose answer both sides give; else one layer, against a dense layer that gives none.
    """

    name: str
    network: Network
    rates: tuple[float, ...]
    hidden: tuple[Hidden, ...]
    whole: bool


def cases() -> list[Case]:
    """784-256-256-10 of SNN-DC, and 1156-256 of SNN-CT: weights of the zoo's networks."""
    found = []
    for name, layers, hidden in (
        ("mnist-dc-256", 3, ("as in the zoo", "as the input")),
        ("nmnist-ct-256", 1, ("as in the zoo",)),
    ):
        network, card = load(zoo.network_path(name)), zoo.card(name)
        whole = layers == len(network.layers)
        kept = network.layers[:layers]
        frames = SpikeFrames(1, 1, network.in_size)
        heads = network.heads if whole else HEAD
        part = Network(network.name, frames, STEPS, kept, heads)
        sizes = "-".join(map(str, [part.in_size, *(layer.size for layer in kept)]))
        kind = {"snn_dc": "SNN-DC", "snn_ct": "SNN-CT"}[str(kept[0].neuron and kept[0].neuron.kind)]
        rates = tuple(card.tests[0]["rates"][layer.name] for layer in kept)
        found.append(Case(f"{sizes} ({kind})", part, rates, hidden, whole))  # type: ignore[arg-type]
    return found


def random_spikes(density: float, inputs: int, samples: int = SAMPLES) -> NDArray[np.bool_]:
    """Spikes (samples, steps, inputs), as many in every step: ``density`` of the inputs, drawn anew each time."""
    random = np.random.default_rng(round(density * 1e6))
    spikes = np.zeros((samples, STEPS, inputs), np.bool_)
    active = round(density * inputs)
    for step in spikes.reshape(-1, inputs):
        step[random.choice(inputs, active, replace=False)] = True
    return spikes


# ---- activity --------------------------------------------------------------------------------------------------------


def with_rates(network: Network, inputs: NDArray[np.bool_], rates: Sequence[float]) -> Network:
    """Thresholds, one a layer, by which each layer's neurons fire at (nearly) these rates for these inputs."""
    for i, rate in enumerate(rates):
        network = _with_rate(network, inputs, i, rate)
    return network


def _with_rate(network: Network, inputs: NDArray[np.bool_], number: int, rate: float) -> Network:
    """The threshold of one layer, by bisection: the higher it is, the less fires."""
    layer = network.layers[number]
    assert layer.neuron is not None
    most = layer.membrane_range(1).magnitude * (network.steps if layer.neuron.has_memory else 1)
    low, high = (0 if layer.neuron.has_memory else -most - 1), most

    def fired(theta: int) -> float:
        before = (*network.layers[:number], _at(layer, theta))
        return float(simulate_batch(replace(network, layers=before, heads=HEAD), inputs).spikes.mean())

    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fired(middle) > rate else (low, middle)
    possible = [theta for theta in (low, high) if theta > 0 or not layer.neuron.has_memory]
    chosen = min(possible, key=lambda theta: abs(fired(theta) - rate))
    layers = list(network.layers)
    layers[number] = _at(layer, chosen)
    return replace(network, layers=tuple(layers))


def _at(layer: Layer, theta: int) -> Layer:
    assert layer.neuron is not None
    return replace(layer, neuron=replace(layer.neuron, theta=np.full(layer.size, theta, np.int32)))


# ---- counting --------------------------------------------------------------------------------------------------------


def sweep(case: Case, densities: Sequence[float] = DENSITIES) -> list[Row]:
    """A row for each way that hidden layers are set, density and number of steps: instructions of spikes."""
    rows: list[Row] = []
    for hidden in case.hidden:
        for density in densities:
            inputs = random_spikes(density, case.network.in_size)
            wanted = case.rates if hidden == "as in the zoo" else (*[density] * (len(case.rates) - 1), case.rates[-1])
            network = with_rates(case.network, inputs, wanted)
            batch = simulate_batch(network, inputs)
            sizes = np.array([layer.size for layer in network.layers])
            rates = batch.layer_spikes.mean(axis=(0, 2)) / sizes
            with tempfile.TemporaryDirectory(prefix="spikec-sceptic-") as folder:
                count = count_spikes(network, inputs, Path(folder), plain=True)
            assert count.plain is not None
            for step in range(STEPS):
                rows.append(
                    {
                        "network": case.name,
                        "hidden": hidden,
                        "density": density,
                        "steps": step + 1,
                        "rates": " ".join(f"{rate:.4f}" for rate in rates),
                        "spikec": float(count.whole[:, step].mean()),
                        "spikec_layers": float(count.layers[:, step].mean()),
                        "plain": float(count.plain[:, step].mean()),
                    }
                )
    return rows


def dense_layer(inputs: int, outputs: int) -> DenseNetwork:
    """A dense layer of random weights: what it takes does not depend on them."""
    random = np.random.default_rng(0)
    weight = random.integers(-63, 64, (outputs, inputs)).astype(np.int8)
    layer = DenseLayer(weight, np.zeros(outputs, np.int32), 1 << 30, 10, 0, -127, 127)
    return DenseNetwork(f"{inputs}-{outputs}", (layer,))


def opponents(case: Case, dense: DenseNetwork, cmsis: Checkout | None) -> dict[str, float]:
    """Instructions of one dense pass by each kernel. Raises ArithmeticError if they depended on the input."""
    random = np.random.default_rng(1)
    inputs = random.integers(-127, 128, (4, dense.sizes[0]))
    inputs[:3] = [[-127], [0], [127]]
    with tempfile.TemporaryDirectory(prefix="spikec-sceptic-") as folder:
        counts = count_dense(dense, inputs.astype(np.int8), Path(folder), cmsis)
    return {kernel: _only(kernel, count, case.whole) for kernel, count in counts.items()}


def _only(kernel: str, count: DenseCount, whole: bool) -> float:
    values = count.whole if whole else count.layers.sum(axis=1)
    if np.ptp(values) > 0.01 * values.mean():
        raise ArithmeticError(f"dense kernel '{kernel}' takes {values.min():,.0f} to {values.max():,.0f} instructions")
    return float(values.mean())


# ---- crossovers ------------------------------------------------------------------------------------------------------


def crossover(densities: Sequence[float], costs: Sequence[float], dense: float) -> float:
    """The density from which on a dense pass takes less than spikes do: straight lines between what was measured.

    ``densities`` rise. 0 when dense wins at the lowest already, infinity when spikes win at the highest.
    """
    if costs[0] >= dense:
        return 0.0
    for i in range(1, len(costs)):
        if costs[i] >= dense:
            part = (dense - costs[i - 1]) / (costs[i] - costs[i - 1])
            return densities[i - 1] + part * (densities[i] - densities[i - 1])
    return float("inf")


def crossovers(rows: Sequence[Row], dense: Mapping[str, Mapping[str, float]]) -> list[Row]:
    """The crossover for each network, way that hidden layers are set, number of steps and opponent."""
    found: list[Row] = []
    for network, hidden, steps in dict.fromkeys((row["network"], row["hidden"], row["steps"]) for row in rows):
        chosen = [row for row in rows if (row["network"], row["hidden"], row["steps"]) == (network, hidden, steps)]
        densities, costs = ([row[key] for row in chosen] for key in ("density", "spikec"))
        for kernel, cost in dense[network].items():
            values = {"opponent": kernel, "dense": cost, "density": crossover(densities, costs, cost)}
            found.append({"network": network, "hidden": hidden, "steps": steps} | values)
    return found
