"""Does the hardware compute what the reference computes, on everything at hand? Simulated by Verilator.

    python benchmarks/fpga_equal.py --data DATA [--network NAME] [--banks K] [--board BOARD] [--limit N]

Images: the whole test split. Recordings: all, of both splits, forwards and backwards where the network tells motion.
Each sample is run twice: step by step, where every spike and membrane of every layer is compared, and at full speed,
where all that the engine tells is. All neurons of a layer at once, with the pipeline of the board's chip (ULX3S; the
short one is that of ``fpga_sim``). Prints a line for each network and number of spikes a cycle. Exits with 1 when
anything differed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from benchmarks.fpga.bench import VerilatorBench, differences  # noqa: E402
from codegen import zoo  # noqa: E402
from codegen.board import Board, load_board  # noqa: E402
from codegen.ir import EventBinning, Network, load  # noqa: E402
from codegen.passes.hardware_choice import laid_out  # noqa: E402
from hostctl.samples import Sample, load_samples  # noqa: E402

NETWORKS = ("nmnist-ct-256", "mnist-dc-256")
CHUNK = 200
"""Samples that are in memory at once."""

SHOWN = 3
"""Differences of a sample that are told."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all, print a table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--network", action="append", help=f"name or .spk file [{', '.join(NETWORKS)}]")
    parser.add_argument("--banks", type=int, action="append", help="spikes a cycle [1]")
    parser.add_argument("--board", default="ulx3s_85f", help="whose pipeline [ulx3s_85f]")
    parser.add_argument("--limit", type=int, help="only so many samples of a split")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("give the folder with the data: --data, or SPIKEC_DATA")
    print(f"{'network':<16}{'spikes a cycle':>15}{'samples':>9}{'cycles':>14}{'differ':>8}{'seconds':>9}", flush=True)
    wrong = 0
    for name in options.network or NETWORKS:
        network = load(zoo.network_path(name))
        samples = everything(network, options.data, options.limit)
        for banks in options.banks or (1,):
            wrong += run(name, network, samples, banks, load_board(options.board))
    return 1 if wrong else 0


def everything(network: Network, data: Path, limit: int | None) -> list[Sample]:
    """All samples that are to be equal."""
    splits = ("Test", "Train") if isinstance(network.encoding, EventBinning) else ("Test",)
    return [sample for split in splits for sample in load_samples(network, data, split=split, limit=limit)]


def run(name: str, network: Network, samples: Sequence[Sample], banks: int, board: Board) -> int:
    """One line of the table; returns how many samples differed."""
    assert board.fpga is not None
    design = laid_out(network, board.fpga, None, banks)
    start, cycles, wrong = time.perf_counter(), 0, 0
    with tempfile.TemporaryDirectory(prefix="spikec-equal-") as folder:
        bench = VerilatorBench(network, design, Path(folder))
        for at in range(0, len(samples), CHUNK):
            inputs = [sample.inputs(network) for sample in samples[at : at + CHUNK]]
            pairs = zip(bench.run(inputs, trace=True), bench.run(inputs), strict=True)
            for sample, spikes, (traced, plain) in zip(samples[at:], inputs, pairs, strict=False):
                found = differences(network, spikes, traced, traced=True)
                found += differences(network, spikes, plain, traced=False)
                wrong += bool(found)
                cycles += plain.cycles
                for text in found[:SHOWN]:
                    print(f"  {sample.id}: {text}", flush=True)
    seconds = time.perf_counter() - start
    print(f"{name:<16}{banks:>15}{len(samples):>9,}{cycles:>14,}{wrong:>8}{seconds:>9.0f}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
