"""How fast the batched reference simulator is: N-MNIST's dense network (16 steps) and MNIST's convolutions (8 steps).

Run ``python benchmarks/reference_speed.py [--samples 10000]``. A ratio is printed beside the seconds: one sample at a
time with full trace, in the same run.
"""

from __future__ import annotations

import argparse
import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from codegen.ir import (  # noqa: E402
    Affine,
    Connection,
    Conv2d,
    EventBinning,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnCt,
    SnnDc,
    SpikeFrames,
    simulate,
    simulate_batch,
)

ONE_BY_ONE = 200
SIZES, STEPS, DENSITY = (1156, 256, 256, 12), 16, 0.05
THRESHOLD = 400
"""Makes about a tenth of the hidden neurons fire in a step."""


def bench_network() -> Network:
    """Random 7-bit weights."""
    random = np.random.default_rng(0)
    layers = []
    for i, (inputs, outputs) in enumerate(pairwise(SIZES), 1):
        weight = random.integers(-63, 64, (outputs, inputs)).astype(np.int8)
        neuron = SnnCt(np.full(outputs, THRESHOLD, np.int32))
        layers.append(Layer(f"fc{i}", Affine(weight, np.zeros(outputs, np.int32), 7), neuron))
    heads = (Head("digit", 0, 10, tuple("0123456789")), Head("motion", 10, 12, ("forwards", "backwards")))
    return Network("bench", EventBinning(), STEPS, tuple(layers), heads)


def conv_network() -> Network:
    """28x28-12c5-mp2-64c5-mp2-512-10 (Yin et al. 2017, section III-A) with random 7-bit weights."""
    random = np.random.default_rng(0)

    def weight(*shape: int) -> np.ndarray:
        return random.integers(-63, 64, shape).astype(np.int8)

    def zeros(size: int) -> np.ndarray:
        return np.zeros(size, np.int32)

    connections: dict[str, tuple[Connection, int]] = {
        "conv1": (Conv2d(weight(12, 5, 5, 1), zeros(12), 7, 28, 28), 120),
        "pool1": (MaxPool2d(24, 24, 12, 2, 2), 0),
        "conv2": (Conv2d(weight(64, 5, 5, 12), zeros(64), 7, 12, 12), 500),
        "pool2": (MaxPool2d(8, 8, 64, 2, 2), 0),
        "fc1": (Affine(weight(512, 1024), zeros(512), 7), 700),
        "out": (Affine(weight(10, 512), zeros(10), 7), 300),
    }
    layers = tuple(
        Layer(name, one, SnnDc(np.full(one.out_size, theta, np.int32)) if theta else None)
        for name, (one, theta) in connections.items()
    )
    return Network("conv", SpikeFrames(1, 28, 28), 8, layers, (Head("digit", 0, 10, tuple("0123456789")),))


def measure(network: Network, density: float, samples: int) -> None:
    """Print seconds, samples a second and the ratio."""
    shape = (samples, network.steps, network.in_size)
    inputs = np.random.default_rng(1).random(shape, np.float32) < density
    start = time.perf_counter()
    batch = simulate_batch(network, inputs)
    batched = time.perf_counter() - start
    start = time.perf_counter()
    traces = [simulate(network, sample) for sample in inputs[:ONE_BY_ONE]]
    single = (time.perf_counter() - start) / len(traces) * samples
    assert all((trace.spikes[-1] == spikes).all() for trace, spikes in zip(traces, batch.spikes, strict=False))
    hidden = [layer.size for layer in network.layers[:-1]]
    active = batch.layer_spikes[:, :-1].mean(axis=(0, 2)).sum() / sum(hidden)
    print(f"{network.name}: {'-'.join(str(layer.size) for layer in network.layers)}, {network.steps} steps")
    print(f"batched   {batched:6.2f} s for {samples:,} samples, {samples / batched:,.0f} a second")
    print(f"traced    {single:6.2f} s (from {len(traces)}), {single / batched:.1f} times as long")
    print(f"activity  {density:.0%} of the inputs, {active:.1%} of the hidden neurons in a step\n")


def main() -> None:
    """Measure both networks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    samples = parser.parse_args().samples
    measure(bench_network(), DENSITY, samples)
    measure(conv_network(), 0.13, samples)


if __name__ == "__main__":
    main()
