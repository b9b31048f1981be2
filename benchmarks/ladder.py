"""Random networks up the ladder: every rung must give the reference's spikes and membranes, all of them.

Run ``python benchmarks/ladder.py --networks 200``: so many dense networks, and as many of convolutions and pooling.
Prints a table for each sort; exits with 1 when anything differed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from ladder import (  # noqa: E402
    Case,
    Observed,
    Rung,
    arm_rung,
    compare,
    device_rung,
    host_rung,
    in_batches,
    random_cases,
    random_conv_network,
    random_network,
)

from codegen.ir import Synapses  # noqa: E402
from codegen.passes import prove_widths  # noqa: E402
from trainer.quantize import fake_quant  # noqa: E402

SANITIZE = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
PORTABLE = ("-O2", "-DSPIKEC_PORTABLE_KERNELS", "-DSPIKEC_PORTABLE_BITS")


def torch_rung(cases: Sequence[Case]) -> list[list[Observed]]:
    """The fake-quantized torch model that training runs forward."""
    seen = []
    for network, samples in cases:
        spikes, membranes = fake_quant(network, np.stack([sample.spikes for sample in samples]))
        seen.append([Observed([s[i] for s in spikes], [v[i] for v in membranes]) for i in range(len(samples))])
    return seen


RUNGS: list[tuple[str, Callable[[Path], Rung]]] = [
    ("torch, fake-quantized", lambda _: torch_rung),
    ("C on this computer, -O2", lambda folder: in_batches(host_rung, folder)),
    (
        "C on this computer, ASan and UBSan, portable bits",
        lambda folder: in_batches(lambda part: host_rung(part, (*SANITIZE, "-DSPIKEC_PORTABLE_BITS")), folder),
    ),
    ("C on the emulated Cortex-M4, DSP kernels", lambda folder: in_batches(arm_rung, folder)),
    (
        "C on the emulated Cortex-M4, portable kernels",
        lambda folder: in_batches(lambda part: arm_rung(part, PORTABLE), folder),
    ),
    ("the whole native device over its line", device_rung),
]
"""Name of a rung, and what makes it in a folder of its own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all rungs over random networks; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=200, help="how many random networks of each sort [200]")
    parser.add_argument("--samples", type=int, default=2, help="samples for each [2]")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first network [0]")
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.networks)
    found: list[str] = []
    for make in (random_network, random_conv_network):
        found += climb(random_cases(seeds, options.samples, make))
    print(*found[:50], sep="\n")
    return 1 if found else 0


def climb(cases: Sequence[Case]) -> list[str]:
    """Run all rungs over these networks; returns the differences."""
    print(describe(cases), flush=True)
    print(f"{'rung':<52}{'spikes':>12}{'membranes':>12}{'different':>11}{'seconds':>9}")
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="spikec-ladder-") as folder:
        for number, (name, make) in enumerate(RUNGS):
            found += run_rung(name, make(Path(folder) / str(number)), cases)
    print()
    return found


def run_rung(name: str, rung: Rung, cases: Sequence[Case]) -> list[str]:
    """Run one rung and print its line; returns the differences."""
    start = time.perf_counter()
    seen = rung(cases)
    seconds = time.perf_counter() - start
    spikes = sum(layer.size for observed in seen for one in observed for layer in one.spikes)
    membranes = sum(layer.size for observed in seen for one in observed for layer in one.membranes)
    found = compare(cases, seen)
    print(f"{name:<52}{spikes:>12,}{membranes:>12,}{len(found):>11}{seconds:>9.1f}", flush=True)
    return [f"{name}: {what}" for what in found]


def describe(cases: Sequence[Case]) -> str:
    """What was drawn, so that a reader sees that the corners are in it."""
    networks = [network for network, _ in cases]
    layers = [layer for network in networks for layer in network.layers]
    widths = [width.bits for network in networks for width in prove_widths(network) if width]
    kinds = Counter(f"{one.connection.kind}/{one.neuron.kind}" if one.neuron else one.connection.kind for one in layers)
    bits = sorted({layer.connection.bits for layer in layers if isinstance(layer.connection, Synapses)})
    sizes = [layer.size for layer in layers]
    return (
        f"{len(networks)} networks, {sum(len(samples) for _, samples in cases)} samples, {len(layers)} layers "
        f"({', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))})\n"
        f"of {min(sizes)} to {max(sizes)} neurons, {bits[0]} to {bits[-1]} bits, "
        f"{min(n.steps for n in networks)} to {max(n.steps for n in networks)} steps, membranes of 16 bits in "
        f"{widths.count(16)} layers and of 32 in {widths.count(32)}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
