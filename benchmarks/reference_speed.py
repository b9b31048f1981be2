"""How fast the batched reference simulator is: 10,000 samples of the 1156-256-256-12 network, 16 steps, 5 % density.

Run ``python benchmarks/reference_speed.py``. A ratio is printed beside the seconds: one sample at a time with full
trace, in the same run.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from codegen.ir import Affine, EventBinning, Head, Layer, Network, SnnCt, simulate, simulate_batch  # noqa: E402

SAMPLES, ONE_BY_ONE = 10_000, 200
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


def main() -> None:
    """Print seconds, samples a second and the ratio."""
    network = bench_network()
    inputs = np.random.default_rng(1).random((SAMPLES, STEPS, SIZES[0]), np.float32) < DENSITY
    start = time.perf_counter()
    batch = simulate_batch(network, inputs)
    batched = time.perf_counter() - start
    start = time.perf_counter()
    traces = [simulate(network, sample) for sample in inputs[:ONE_BY_ONE]]
    single = (time.perf_counter() - start) / ONE_BY_ONE * SAMPLES
    assert all((trace.spikes[-1] == spikes).all() for trace, spikes in zip(traces, batch.spikes, strict=False))
    hidden = batch.layer_spikes[:, :2].mean() / SIZES[1]
    print(f"batched   {batched:6.2f} s for {SAMPLES:,} samples, {SAMPLES / batched:,.0f} a second")
    print(f"traced    {single:6.2f} s (from {ONE_BY_ONE}), {single / batched:.1f} times as long")
    print(f"activity  {DENSITY:.0%} of the inputs, {hidden:.1%} of the hidden neurons fire in a step")


if __name__ == "__main__":
    main()
