"""The sceptic's benchmark: spikes, the plain loop and dense networks in 8 bits, on the same emulated Cortex-M4.

    python benchmarks/sceptic.py --data DATA [--cmsis-nn CHECKOUT] [--write]

Counts emulated instructions (QEMU -icount, no cycles): by input density and steps, where a dense network wins; on
MNIST, accuracy against instructions. Writes CSVs, charts and tables to ``--out``, with ``--write`` also into docs/.
Exits with 1 when board and reference differ or a target was missed, with 2 when something is missing.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.dense import mnist, page, sweep  # noqa: E402
from benchmarks.dense.board import board  # noqa: E402
from benchmarks.dense.cmsis import Checkout, open_checkout  # noqa: E402
from codegen.ir import SpikecError, fail  # noqa: E402


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--cmsis-nn", type=Path, help="checkout of CMSIS-NN: its own dense kernel runs, too")
    parser.add_argument("--samples", type=int, default=200, help="test images for each network of the zoo [200]")
    parser.add_argument("--out", type=Path, default=Path("runs/sceptic"), help="folder to write to [runs/sceptic]")
    parser.add_argument("--write", action="store_true", help="write tables and charts into docs/, too")
    parser.add_argument("--quick", action="store_true", help="few densities and images: whether it works")
    return parser.parse_args(arguments)


def say(words: str) -> None:
    """Tell how it goes: on stderr, stdout is for results."""
    print(words, file=sys.stderr, flush=True)


def measure(chosen: argparse.Namespace, cmsis: Checkout | None) -> page.Results:
    """Everything, one after the other."""
    equal = next(network for network in mnist.dense_networks() if network.name == mnist.SHAPE)
    swept: list[sweep.Row] = []
    dense: dict[str, dict[str, float]] = {}
    for case in sweep.cases():
        say(f"{case.name}: {len(case.hidden)} x {len(sweep.DENSITIES)} densities")
        layer = sweep.dense_layer(case.network.in_size, case.network.out_size)
        dense[case.name] = sweep.opponents(case, equal if case.whole else layer, cmsis)
        swept += sweep.sweep(case, (0.01, 0.1, 1.0) if chosen.quick else sweep.DENSITIES)
    found: list[mnist.Row] = []
    for name in mnist.NETWORKS:
        say(f"{name}: {chosen.samples} test images")
        found += mnist.spiking_rows(name, chosen.data, chosen.samples)
    for network in mnist.dense_networks():
        say(f"dense {network.name}")
        found += mnist.dense_rows(network, chosen.data, cmsis)
    return page.Results(swept, dense, sweep.crossovers(swept, dense), found, mnist.targets(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, print the tables; returns the exit code."""
    chosen = parse(arguments)
    chosen.samples = min(chosen.samples, 5) if chosen.quick else chosen.samples
    try:
        if chosen.data is None:
            raise fail("--data", "is missing", "Give the folder that holds MNIST with --data or SPIKEC_DATA")
        board()
        cmsis = open_checkout(chosen.cmsis_nn) if chosen.cmsis_nn else None
        results = measure(chosen, cmsis)
        page.write(results, chosen.out)
        if chosen.write:
            page.write_docs(results, ROOT / "docs")
    except SpikecError as error:
        print(error, file=sys.stderr)
        return 2
    except ArithmeticError as error:
        print(error, file=sys.stderr)
        return 1
    print(page.tables(results))
    return 0 if results.targets and all(row["reached"] for row in results.targets) else 1


if __name__ == "__main__":
    sys.exit(main())
