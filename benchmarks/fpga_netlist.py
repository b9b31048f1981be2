"""Does a chip's netlist of a whole network of the zoo compute what the reference computes? Simulated after synthesis.

    python benchmarks/fpga_netlist.py --data DATA [--network NAME] [--board BOARD] [--lanes N --banks K] [--samples 20]

The device with the design that ``spikec build`` takes for the board is synthesised for its chip; the netlist of the
chip's cells, and models of these, become a simulated board that `spikec` streams test samples to, with the trace on:
every spike and membrane of every layer and step is compared, and the cycles are held to those of the Verilog before
synthesis. What is left out is what the chip has around the device: clock and reset. Exits with 1 when anything differs.
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

from benchmarks.zoo import Entry, open_entry  # noqa: E402
from codegen import zoo  # noqa: E402
from codegen.backends.verilog import project_plan  # noqa: E402
from codegen.board import Board, load_board  # noqa: E402
from codegen.ir import SpikecError  # noqa: E402
from codegen.passes.hardware_choice import choose_design  # noqa: E402
from codegen.plan import write  # noqa: E402
from hostctl.cli.output import Output  # noqa: E402
from hostctl.fpga import build_model, synthesise  # noqa: E402
from hostctl.results import run_stream  # noqa: E402
from hostctl.transport.emulator import run_board  # noqa: E402

OUT = Output("benchmarks/fpga_netlist.py", json=False)
SIMULATED = "fpga_sim"
TOP = "spikec_sim_top"


def main(arguments: Sequence[str] | None = None) -> int:
    """Synthesise, simulate, compare; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--network", default="nmnist-ct-256", help="name or .spk file [nmnist-ct-256]")
    parser.add_argument("--board", default="ulx3s_85f", help="whose chip [ulx3s_85f]")
    parser.add_argument("--lanes", type=int, help="of each layer [as many as fit]")
    parser.add_argument("--banks", type=int, help="spikes a cycle [as they fit]")
    parser.add_argument("--samples", type=int, default=20)
    options = parser.parse_args(arguments)
    try:
        return run(options)
    except SpikecError as error:
        return OUT.problems(error.problems, 2)


def run(options: argparse.Namespace) -> int:
    """Print what was compared; 1 when anything differed."""
    entry = open_entry(zoo.network_path(options.network), options.data, options.samples)
    chip, board = load_board(options.board), load_board(SIMULATED)
    design = choose_design(entry.network, chip, options.lanes, options.banks)
    print(f"{entry.network.name} on {entry.what}\n{chip.name}; {design.text(entry.network)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="spikec-netlist-") as name:
        source, cells = Path(name) / "source", Path(name) / "netlist"
        write(project_plan(entry.network, board, design=design), source)
        found = synthesise(source, chip, top=TOP, place=False, progress=OUT.note)
        cells.mkdir()
        for file in (found.netlist, found.netlist.with_name("cells.v")):
            (cells / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        print(", ".join(f"{one.name}s {one.used:,}" for one in found.usage), flush=True)
        print(f"{'simulated':<12}{'samples':>8}{'differ':>8}{'cycles':>10}{'build, s':>10}{'run, s':>8}", flush=True)
        models = (("Verilog", source, "-O2"), ("netlist", cells, "-O0"))  # It is too large for a compiler that thinks.
        seen = [simulate(what, folder, entry, board, optimise) for what, folder, optimise in models]
    (_, before), (_, after) = seen
    if before != after:
        print(f"the netlist takes {after:,.1f} cycles, the Verilog {before:,.1f}")
    return 1 if before != after or any(different for different, _ in seen) else 0


def simulate(what: str, project: Path, entry: Entry, board: Board, optimise: str) -> tuple[int, float]:
    """One line of the table; how many samples differed from the reference, and the mean of their cycles."""
    start = time.perf_counter()
    program = build_model(project, board, optimise=optimise).program
    built = time.perf_counter()
    with run_board(board, program) as running, OUT.progress(f"streaming to the {what}") as advance:
        folder = project / "run"
        found = run_stream(entry.network, board, running.port, entry.samples, folder, trace=True, progress=advance)
    seconds = time.perf_counter() - built
    row = f"{what:<12}{found.samples:>8}{found.different:>8}{found.latency.mean:>10,.1f}"
    print(f"{row}{built - start:>10.0f}{seconds:>8.0f}", flush=True)
    for first in found.first_differences:
        print(f"  {first['id']}: {first['text']}")
    return found.different, found.latency.mean


if __name__ == "__main__":
    sys.exit(main())
