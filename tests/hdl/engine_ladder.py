"""Random networks as hardware of random designs: the engine's rung of the ladder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from ladder import random_conv_network, random_network, random_sample

from benchmarks.fpga.bench import Bench, differences
from codegen.ir import Network
from codegen.passes.hardware import BANKS, Design, LayerDesign, check_design

MAKE = {"dense": random_network, "conv": random_conv_network}
LARGEST = {"dense": 40, "conv": 150}


def random_design(network: Network, seed: int) -> Design:
    """Any lanes, any banks, any pipeline that can be built for the network."""
    random = np.random.default_rng([seed, 23])
    layers: list[LayerDesign] = []
    for layer in network.layers:
        most = layer.connection.out_shape[-1]
        if layer.connection.kind == "affine":
            wanted = int(random.choice([most, max(1, most // 2), random.integers(1, most + 1)]))
            layers.append(LayerDesign(wanted, _banks(network, layers, random)))
        else:
            divisors = [n for n in range(1, most + 1) if most % n == 0]
            layers.append(LayerDesign(int(random.choice(divisors)) if layer.neuron else most))
    design = Design(
        tuple(layers),
        short=bool(random.integers(2)),
        rom_latency=int(random.integers(1, 4)),
        slice_lanes=int(random.choice([5, 16, 36])),
        cut=int(random.choice([0, 16, 64])),
    )
    return check_design(network, design)


def _banks(network: Network, before: list[LayerDesign], random: np.random.Generator) -> int:
    """Any number of spikes a cycle that the layer behind ``before`` can take."""
    inputs, usable = network.layers[len(before)].connection.in_size, [1]
    for banks in BANKS[1:]:
        whole = not before or before[-1].lanes == network.layers[len(before) - 1].size
        if banks <= inputs and (whole or before[-1].lanes % banks == 0):
            usable.append(banks)
    return int(random.choice(usable))


def climb(kind: str, seed: int, folder: Path, make: Callable[[Network, Design, Path], Bench]) -> list[str]:
    """What differs between a random network's engine and the reference, over two samples, traced and at full speed."""
    network = MAKE[kind](seed, LARGEST[kind])
    bench = make(network, random_design(network, seed), folder)
    inputs = [random_sample(network, 10 * seed + i).spikes for i in range(2)]
    found = []
    for traced in (True, False):
        outcomes = bench.run(inputs, trace=traced)
        for i, (spikes, outcome) in enumerate(zip(inputs, outcomes, strict=True)):
            found += [f"sample {i}: {text}" for text in differences(network, spikes, outcome, traced=traced)]
    return found
