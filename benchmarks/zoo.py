"""The networks of the zoo on this computer and on every emulated board that they fit: bit-equal to the reference?

Run ``python benchmarks/zoo.py --data DATA`` (default: SPIKEC_DATA). Every spike and every membrane of every layer and
step is compared, in the way of ``spikec run --trace``. ``--results`` compares what the device tells without a trace, in
a tenth of the time: how many spikes each layer had in each step, output spikes, final membranes, synaptic operations.
Prints a line a network and board; exits with 1 when anything differed, with 2 when something is missing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from codegen import zoo  # noqa: E402
from codegen.board import Board, board_ids, load_board  # noqa: E402
from codegen.card import Card, load_card  # noqa: E402
from codegen.ir import Network, SpikecError, fail, load  # noqa: E402
from codegen.passes.footprint import check_fit  # noqa: E402
from codegen.passes.formats import choose  # noqa: E402
from hostctl.cli.output import Output  # noqa: E402
from hostctl.cli.pipeline import build_firmware, data_folder  # noqa: E402
from hostctl.doctor import missing_for  # noqa: E402
from hostctl.results import Summary, run_stream  # noqa: E402
from hostctl.samples import Sample, load_samples  # noqa: E402
from hostctl.transport.emulator import run_board  # noqa: E402

OUT = Output("benchmarks/zoo.py", json=False)
HEADINGS = f"{'board':<18}{'samples':>8}{'spikes':>14}{'membranes':>14}{'differing':>11}  latency an inference"


@dataclass(frozen=True)
class Entry:
    """A network, its card, and the samples to run it over, with words for them."""

    network: Network
    card: Card
    samples: list[Sample]
    what: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run networks and boards, and print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--network", action="append", help="name or .spk file, its card beside it [all of the zoo]")
    parser.add_argument("--board", action="append", help="board to run on [all emulated ones]")
    parser.add_argument("--samples", type=int, default=200, help="samples for each [200]")
    parser.add_argument("--results", action="store_true", help="compare results alone, no trace")
    options = parser.parse_args(arguments)
    names, boards = options.network or zoo.names(), options.board or emulated()
    try:
        return run_all(options.data, names, boards, options.samples, trace=not options.results)
    except SpikecError as error:
        return OUT.problems(error.problems, 2)


def emulated() -> list[str]:
    """The boards that this computer can be."""
    return [board_id for board_id in board_ids() if load_board(board_id).emulated]


def run_all(data: Path | None, names: Sequence[str], board_names: Sequence[str], count: int, *, trace: bool) -> int:
    """Run every network on every board; returns 1 when anything differed. Raises SpikecError for what is missing."""
    boards = [load_board(name) for name in board_names]
    lacking = [problem for board in boards for problem in missing_for(board)]
    if lacking:
        raise SpikecError(lacking)
    if not names:
        print("The zoo is empty: there is nothing to run.")
    different = 0
    for name in names:
        entry = open_entry(zoo.network_path(name), data, count)
        print(f"\n{entry.card.name}: {entry.card.network['shape']}, {entry.network.steps} steps, on {entry.what}")
        print(HEADINGS, flush=True)
        for board in boards:
            different += run_one(entry, board, trace=trace)
    return 1 if different else 0


def open_entry(path: Path, data: Path | None, count: int) -> Entry:
    """Read network, card and samples. Test samples come first; training samples make up for those that are missing."""
    network, card = load(path), load_card(path.with_suffix(".json"))
    kind = card.data["set"]
    if data is None and kind != "digits":
        hint = f"Give the folder that holds {kind} with --data or SPIKEC_DATA"
        raise fail("--data", f"is missing, and {card.name} needs {card.data['title']}", hint)
    folder = data_folder(OUT, None if kind == "digits" else data)
    test = load_samples(network, folder, split="Test", limit=count, dataset=kind)
    more: list[Sample] = []
    if len(test) < count:
        more = load_samples(network, folder, split="Train", limit=count - len(test), dataset=kind)
    samples = [replace(sample, index=i) for i, sample in enumerate([*test, *more])]
    words = f"{len(test)} test samples" + (f" and {len(more)} training samples" if more else "")
    return Entry(network, card, samples, f"{words} of {card.data['title']}")


def run_one(entry: Entry, board: Board, *, trace: bool) -> int:
    """Build, run, compare; prints the line and returns how many samples differed."""
    try:
        check_fit(entry.network, board, choose(entry.network, board))
    except SpikecError as error:
        print(f"{board.id:<18}does not fit: {'; '.join(problem.what for problem in error.problems)}", flush=True)
        return 0
    with tempfile.TemporaryDirectory(prefix="spikec-zoo-") as name:
        folder = Path(name)
        elf = build_firmware(OUT, entry.network, board, folder / "firmware").elf
        with run_board(board, elf) as running, OUT.progress(f"streaming to {board.id}") as advance:
            port, run = running.port, folder / "run"
            summary = run_stream(entry.network, board, port, entry.samples, run, trace=trace, progress=advance)
    print(line(entry, summary), flush=True)
    for first in summary.first_differences:
        print(f"  {first['id']}: {first['text']}")
    return summary.different


def line(entry: Entry, summary: Summary) -> str:
    """One line of the table. Without a trace spikes and membranes of the outputs alone count as compared."""
    turns, outputs = summary.samples * entry.network.steps, entry.network.layers[-1].size
    spikes = turns * sum(layer.size for layer in entry.network.layers)
    membranes = turns * sum(layer.size for layer in entry.network.layers if layer.neuron is not None)
    if not summary.options["trace"]:
        spikes, membranes = turns * outputs, summary.samples * outputs
    columns = f"{summary.board['id']:<18}{summary.samples:>8,}{spikes:>14,}{membranes:>14,}{summary.different:>11,}"
    return f"{columns}  {', '.join(latency(summary))}"


def latency(summary: Summary) -> Iterator[str]:
    """What the counter says; where it counts what the core does, also how much of that a synaptic operation took."""
    yield f"{summary.latency.mean:,.0f} {summary.latency_unit}"
    if summary.latency_unit in ("instructions", "cycles"):
        yield f"{summary.latency.mean / summary.synops.mean:.2f} a synop"


if __name__ == "__main__":
    sys.exit(main())
