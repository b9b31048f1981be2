"""How many clock cycles does a network take as hardware? Simulated, on its task's test data, held to the reference.

    python benchmarks/fpga_cycles.py --data DATA [--samples 200] [--network NAME]

Prints, for the paper's structure (one spike a cycle) and for banked memories: the latency of a sample (from its start
until its results are there), the interval between samples that follow each other at once, and the interval between time
steps; and in how many samples any spike or membrane differs from the reference (benchmarks/fpga_equal.py runs all).
Exits with 1 when anything differed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from benchmarks.fpga.bench import VerilatorBench, differences  # noqa: E402
from codegen import zoo  # noqa: E402
from codegen.ir import Network, load  # noqa: E402
from codegen.passes.hardware import full_design  # noqa: E402
from hostctl.samples import Sample, load_samples  # noqa: E402

NETWORKS = ("nmnist-ct-256", "mnist-dc-256")
REPEATS = 9
CHUNK = 500
"""Samples that are in memory at once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all, print a table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--network", action="append", help=f"name or .spk file [{', '.join(NETWORKS)}]")
    parser.add_argument("--banks", type=int, action="append", help="spikes a cycle [1, 4 and 8]")
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--steps", type=int, help="other than the network's own")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("give the folder with the data: --data, or SPIKEC_DATA")
    head = f"{'network':<16}{'steps':>6}{'spikes a cycle':>16}{'samples':>9}{'latency':>10}"
    print(f"{head}{'interval':>10}{'a step':>8}{'differ':>8}")
    different = 0
    for name in options.network or NETWORKS:
        network = load(zoo.network_path(name))
        network = replace(network, steps=options.steps or network.steps)
        samples = load_samples(network, options.data, split="Test", limit=options.samples)
        for banks in options.banks or (1, 4, 8):
            different += run(name, network, samples, banks)
    return 1 if different else 0


def run(name: str, network: Network, samples: Sequence[Sample], banks: int) -> int:
    """One line of the table; returns how many samples differed."""
    latencies, intervals, wrong = list[int](), list[float](), 0
    with tempfile.TemporaryDirectory(prefix="spikec-cycles-") as folder:
        bench = VerilatorBench(network, full_design(network, banks=banks, short=True), Path(folder))
        for start in range(0, len(samples), CHUNK):
            inputs = [sample.inputs(network) for sample in samples[start : start + CHUNK]]
            traced = bench.run(inputs, trace=True)
            plain = bench.run(inputs)
            again = bench.run(inputs, repeats=REPEATS)
            for spikes, one, two in zip(inputs, traced, plain, strict=True):
                found = differences(network, spikes, one, traced=True) + differences(network, spikes, two, traced=False)
                wrong += bool(found)
                for text in found[:3]:
                    print(f"  {text}")
            latencies += [outcome.cycles for outcome in plain]
            intervals += [(a.cycles - b.cycles) / REPEATS for a, b in zip(again, plain, strict=True)]
    latency, interval = np.mean(latencies), np.mean(intervals)
    row = f"{name:<16}{network.steps:>6}{banks:>16}{len(samples):>9}{latency:>10.1f}{interval:>10.1f}"
    print(f"{row}{interval / network.steps:>8.1f}{wrong:>8}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
