"""Random networks as hardware of random designs: every spike and membrane must be the reference's, in two simulators.

    python benchmarks/fpga_ladder.py [--networks 100] [--seed 0] [--simulator icarus] [--simulator verilator]

Half of the networks are dense, half have convolutions and pooling; two samples each, traced and at full speed. Says
what was drawn, then prints a line for each simulator. Exits with 1 when anything differed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "hdl")]

from engine_ladder import LARGEST, MAKE, climb, random_design  # noqa: E402

from benchmarks.fpga.bench import Bench, IcarusBench, VerilatorBench  # noqa: E402
from codegen.ir import Network, Synapses  # noqa: E402
from codegen.passes.hardware import Design  # noqa: E402

SIMULATORS: dict[str, Callable[[Network, Design, Path], Bench]] = {
    "icarus": IcarusBench,
    "verilator": partial(VerilatorBench, optimise="-O0"),  # most of the time goes into compiling
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all, print a table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=100, help="how many, of both sorts together [100]")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first network [0]")
    parser.add_argument("--simulator", action="append", choices=SIMULATORS, help="[both]")
    options = parser.parse_args(arguments)
    kinds = list(MAKE)
    cases = [(kinds[i % len(kinds)], options.seed + i) for i in range(options.networks)]
    print(describe(cases), flush=True)
    print(f"{'simulator':<12}{'networks':>9}{'differ':>8}{'seconds':>9}", flush=True)
    wrong = 0
    for name in options.simulator or SIMULATORS:
        wrong += run(name, cases)
    return 1 if wrong else 0


def run(name: str, cases: Sequence[tuple[str, int]]) -> int:
    """One line of the table; returns how many networks differed."""
    start, wrong = time.perf_counter(), 0
    for done, (kind, seed) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory(prefix="spikec-ladder-") as folder:
            found = climb(kind, seed, Path(folder), SIMULATORS[name])
        wrong += bool(found)
        for text in found[:3]:
            print(f"  {kind} network {seed}: {text}", flush=True)
        if done % 10 == 0:
            print(f"{name}: {done} of {len(cases)} networks, {wrong} differ", file=sys.stderr, flush=True)
    print(f"{name:<12}{len(cases):>9}{wrong:>8}{time.perf_counter() - start:>9.0f}", flush=True)
    return wrong


def describe(cases: Sequence[tuple[str, int]]) -> str:
    """What was drawn, so that a reader sees that the corners are in it."""
    drawn = [(network := MAKE[kind](seed, LARGEST[kind]), random_design(network, seed)) for kind, seed in cases]
    pairs = [pair for network, design in drawn for pair in zip(network.layers, design.layers, strict=True)]
    kinds = Counter(layer.connection.kind for layer, _ in pairs)
    banks = Counter(plan.banks for layer, plan in pairs if layer.connection.kind == "affine")
    turns = sum(plan.lanes < layer.connection.out_shape[-1] for layer, plan in pairs)
    bits = [layer.connection.bits for layer, _ in pairs if isinstance(layer.connection, Synapses)]
    steps = [network.steps for network, _ in drawn]
    return (
        f"{len(drawn)} networks, {len(pairs)} layers ({_counts(kinds)}), {min(bits)} to {max(bits)} bits, "
        f"{min(steps)} to {max(steps)} steps\n"
        f"dense layers by spikes a cycle: {_counts(banks)}; {turns} layers with fewer lanes than neurons or channels\n"
        f"short pipelines: {sum(design.short for _, design in drawn)}; "
        f"by cycles to weights: {_counts(Counter(design.rom_latency for _, design in drawn))}\n"
    )


def _counts(counter: Counter[str] | Counter[int]) -> str:
    """A counter in words: '12 of 1, 3 of 4'."""
    return ", ".join(f"{count} of {key}" for key, count in sorted(counter.items()))


if __name__ == "__main__":
    sys.exit(main())
