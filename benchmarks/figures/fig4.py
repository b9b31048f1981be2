"""Digit and motion accuracy after each time step, on N-MNIST (Yin et al. 2017, Fig. 4), as CSV and plot.

The network sees every test recording forwards and backwards. Real recordings come from the data folder; simulated ones
are made of MNIST's test images, if the folder holds them.

    python benchmarks/figures/fig4.py --data DATA --network NAME_OR_FILE [--simulated 10000] [--quick]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

import numpy as np  # noqa: E402

from benchmarks.figures import sweep  # noqa: E402
from benchmarks.figures.chart import Chart  # noqa: E402
from codegen.ir import EventBinning, Network, fail  # noqa: E402
from trainer.datasets.frames import FrameSet, frames  # noqa: E402
from trainer.datasets.simulated import simulated_frames  # noqa: E402


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = sweep.options(__doc__)
    parser.add_argument(
        "--network", required=True, help="zoo name, .spk file or checkpoint (.pt) of an N-MNIST network"
    )
    parser.add_argument("--simulated", type=int, default=10000, help="MNIST test images to simulate; 0: none [10000]")
    found = parser.parse_args(arguments)
    if found.quick:
        found.simulated, found.limit = min(found.simulated, 500), found.limit or 500
    return found


def recordings(network: Network, data: Path, simulated: int) -> Iterator[tuple[str, FrameSet]]:
    """The test sets by their names, binned for the network; both directions if it has a head for them.

    Raises SpikecError for a network that takes no recordings, and for missing or damaged data.
    """
    encoding, steps = network.encoding, network.steps
    if not isinstance(encoding, EventBinning):
        raise fail(f"network '{network.name}'", "takes images", "Give one that takes recordings")
    both = any(head.name == "motion" for head in network.heads)
    yield "real", frames(data, "Test", encoding, steps, reverse=both)
    if simulated:
        yield "simulated", simulated_frames(data, "Test", encoding, steps, reverse=both, last=simulated)


def parts(found: FrameSet, limit: int) -> Iterator[sweep.Part]:
    """The samples of a set, in parts; ``limit``: only so many, evenly chosen from both directions."""
    numbers = np.arange(len(found))
    if 0 < limit < len(found):
        numbers = np.linspace(0, len(found) - 1, limit).astype(np.int64)
    for start in range(0, len(numbers), sweep.CHUNK):
        part = numbers[start : start + sweep.CHUNK]
        yield found.unpack(part) > 0, {head: labels[part] for head, labels in found.labels.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and write."""
    chosen = parse(arguments)
    network = sweep.open_network(chosen.network)
    rows: list[sweep.Row] = []
    lines: dict[str, list[tuple[float, float]]] = {}
    for name, found in recordings(network, chosen.data, chosen.simulated):
        measured = sweep.measure(network, parts(found, chosen.limit))
        for head in measured.right:
            curve = measured.accuracy(head)
            lines[f"{head}, {name}"] = [(float(step + 1), float(value)) for step, value in enumerate(curve)]
            sweep.say(f"{head}, {name} ({measured.samples}): " + ", ".join(f"{value:.2f}" for value in curve))
            words = {"network": network.name, "recordings": name, "samples": measured.samples, "head": head}
            rows += [words | {"step": step + 1, "accuracy": float(value)} for step, value in enumerate(curve)]
    heads = [head.name for head in network.heads]
    chart = Chart(
        f"{network.name}: accuracy after each step",
        "time step",
        "right (%)",
        lines,
        dashed=frozenset(line for line in lines if line.endswith("simulated")),
        shades={line: heads.index(line.split(",")[0]) for line in lines},
        high=100.0,
    )
    sweep.write(chosen.out, "fig4", rows, chart)


if __name__ == "__main__":
    sys.exit(sweep.guarded(main))
