"""How fast samples stream to a board over its serial line, and what the line carries.

Run ``python benchmarks/streaming.py --board native`` (or ``mps2_an386``). The network is 1156-256-256-12 with 16 steps;
the recordings are real N-MNIST where SPIKEC_DATA names it, else random events as many as those have.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

from reference_speed import bench_network  # noqa: E402

from codegen.backends.c import project_plan  # noqa: E402
from codegen.board import load_board  # noqa: E402
from codegen.ir import Network, make_events  # noqa: E402
from codegen.plan import write  # noqa: E402
from hostctl.build import build  # noqa: E402
from hostctl.results import run_stream  # noqa: E402
from hostctl.samples import Sample, load_samples  # noqa: E402
from hostctl.transport.emulator import run_board  # noqa: E402

EVENTS = 720
"""ON events in the first saccade of a real recording, about."""


def samples_for(network: Network, count: int) -> tuple[list[Sample], str]:
    """The samples, and what they are."""
    data = os.environ.get("SPIKEC_DATA")
    if data:
        return load_samples(network, data, split="Train", limit=count), "real N-MNIST recordings"
    random = np.random.default_rng(0)
    samples = []
    for i in range(count):
        x, y = random.integers(0, 34, (2, EVENTS))
        events = make_events(x, y, np.sort(random.integers(0, 100_000, EVENTS)), np.ones(EVENTS, int))
        samples.append(Sample(i, str(i), {"digit": None, "motion": None}, events))
    return samples, "random events (SPIKEC_DATA is not set)"


def main() -> None:
    """Stream, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--board", default="native")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--trace", action="store_true")
    arguments = parser.parse_args()
    board, network = load_board(arguments.board), bench_network()
    samples, what = samples_for(network, arguments.samples)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(project_plan(network, board), folder / "firmware")
        elf = build(folder / "firmware", board).elf
        with run_board(board, elf) as running:
            summary = run_stream(network, board, running.port, samples, folder / "run", trace=arguments.trace)
    down, up = summary.link["bytes_sent"] / len(samples), summary.link["bytes_received"] / len(samples)
    rate = summary.samples_per_s
    print(f"{board.id}: {summary.samples} {what}, {summary.different} different from the reference")
    print(f"{rate:,.0f} samples a second; {down:,.0f} bytes down and {up:,.0f} up a sample")
    resent = summary.link["frames_resent"]
    print(f"{rate * down / 1000:,.0f} kB/s down, {rate * up / 1000:,.0f} kB/s up, frames resent: {resent}")


if __name__ == "__main__":
    main()
