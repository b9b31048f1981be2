"""What the marker pin costs, and how near it comes to what the device counts.

    python benchmarks/marker.py --data $SPIKEC_DATA

Streams 20 samples to the zoo's mnist-tiny, with the marker and without, on boards whose emulators count; on the AVR
the simulator writes down every edge of the pin. Figures of docs/energy.md.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np

from codegen.backends.c import project_plan
from codegen.board import Board, load_board
from codegen.ir import Network, load
from codegen.plan import write
from codegen.zoo import network_path
from hostctl.build import build
from hostctl.results import read_run, run_stream
from hostctl.samples import Sample, load_samples
from hostctl.transport.emulator import run_board

BOARDS = {"atmega328p": "B5", "netduinoplus2": ""}
"""Each with the marker's pin, where its emulator can watch it."""
SAMPLES, RUNS = 20, 2


def main() -> None:
    """Print a line for each build and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with MNIST")
    network = load(network_path("mnist-tiny"))
    samples = load_samples(network, parser.parse_args().data, limit=SAMPLES)
    for name, pin in BOARDS.items():
        for marker in (False, True):
            _measure(network, load_board(name), samples, marker, pin)


def _measure(network: Network, board: Board, samples: list[Sample], marker: bool, pin: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(project_plan(network, board, marker=marker), folder / "firmware")
        elf = build(folder / "firmware", board).elf
        edges = folder / "edges"
        for number in range(RUNS):
            if pin:
                os.environ |= {"SPIKEC_WATCH": pin, "SPIKEC_EDGES": str(edges)}
            with run_board(board, elf) as running:
                summary = run_stream(network, board, running.port, samples, folder / f"run{number}")
            if summary.different:
                raise SystemExit(f"{summary.different} samples differ from the reference")
            ticks = sum(sample.ticks for sample in read_run(folder / f"run{number}").samples)
            said = f"{board.id} {'with' if marker else 'without'} marker: {ticks / SAMPLES:,.0f} ticks an inference"
            print(said + (_pulses(edges, ticks) if marker and pin else ""))


def _pulses(edges: Path, ticks: int) -> str:
    cycles = np.loadtxt(edges, dtype=np.int64)[:, 0]
    lengths = cycles[1::2] - cycles[::2]
    over = int(lengths.sum()) - ticks
    each = f"{over / len(lengths):.2f} cycles a pulse, {over / ticks:.3%}"
    return f"; {len(lengths) / SAMPLES:.1f} pulses, longer than what is counted by {each}"


if __name__ == "__main__":
    main()
