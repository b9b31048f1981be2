"""The smallest input that still differs, of a run that did: the samples, the board, and what is said of it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.board import Board, load_board
from codegen.ir import EventBinning, Network, fail, load
from hostctl.cli.output import Output

if TYPE_CHECKING:
    from hostctl.results import Header, RunFile
    from hostctl.results.smallest import Smallest
    from hostctl.samples import Sample

NAMED = 20
"""So many spikes are named on the terminal; ``--json`` has all of them."""


def smallest_of_run(
    out: Output, folder: Path, network_path: Path, *, data: Path | None, port: str | None, elf: Path | None
) -> int:
    """Find the smallest input of the run's first differing sample that still differs; exit code 1, as it differs."""
    from hostctl.results import open_device, read_run
    from hostctl.results.smallest import find_smallest
    from hostctl.transport.emulator import run_board

    run, network = read_run(folder), load(network_path)
    board = load_board(str(run.header.board["id"]))
    sample = _sample(out, folder, run, network, data)
    with ExitStack() as stack:
        if port is None:
            port = stack.enter_context(run_board(board, elf or _program(folder, board))).port
        device = stack.enter_context(open_device(network, board, port, out.note))
        advance = stack.enter_context(out.progress(f"asking {board.id}"))
        found = find_smallest(network, device, sample, progress=advance)
    out.result({"smallest": found.to_json()}, smallest_text(found, network))
    return 1


def smallest_text(found: Smallest, network: Network) -> str:
    """What was found, for the terminal."""
    from hostctl.report.cause import cause_lines

    number = len(found.spikes)
    proof = "fewer give the reference's numbers" if found.least else "none of them can be left out"
    of = f"{number:,} of its {found.before:,} input spikes {'is' if number == 1 else 'are'} enough"
    lines = [f"sample {found.index} ({found.id}): {of}; {proof} ({found.runs:,} inputs tried)"]
    lines += [f"  step {step}, {_input(network, source)}" for step, source in found.spikes[:NAMED]]
    if number > NAMED:
        lines.append(f"  and {number - NAMED:,} more; --json has all of them")
    return "\n".join([*lines, found.first_difference, *(f"  {x}" for x in cause_lines(found.place, found.cause))])


def _input(network: Network, source: int) -> str:
    """An input by its number, and by its place in a picture."""
    _, columns, channels = network.encoding.shape
    row, column, channel = source // channels // columns, source // channels % columns, source % channels
    if isinstance(network.encoding, EventBinning) or columns * channels > 1:
        return f"input {source} (row {row}, column {column}{f', channel {channel}' if channels > 1 else ''})"
    return f"input {source}"


def _sample(out: Output, folder: Path, run: RunFile, network: Network, data: Path | None) -> Sample:
    """The run's first sample that differs. Raises SpikecError where there is none, or where it cannot be made again."""
    different = [sample for sample in run.samples if sample.different]
    if not different:
        raise fail(str(folder), "is a run in which nothing differs", "Give one that does; 'spikec compare RUN' tells")
    digest = run.header.network["digest"]
    if network.digest != digest:
        hint = f"Give the one whose digest begins with {digest[:16]}"
        raise fail("--network", f"is another network than the run's ({network.digest[:16]})", hint)
    return _samples(out, run.header, network, data)[different[0].index]


def _samples(out: Output, header: Header, network: Network, data: Path | None) -> list[Sample]:
    from hostctl.cli.pipeline import data_folder
    from hostctl.samples import load_samples, samples_digest

    split, limit = str(header.data["split"]), int(header.data["samples"])
    folder = data_folder(out, data)
    samples = load_samples(network, folder, split=split, limit=limit, seed=int(header.options.get("seed", 0)))
    if samples_digest(samples) != header.data["digest"]:
        raise fail(str(folder), "holds other samples than the run's", "Give the run's folder by --data")
    return samples


def _program(folder: Path, board: Board) -> Path:
    """The firmware that the run built. Raises SpikecError for a real board, and where there is none."""
    if not board.emulated:
        raise fail("--port", f"is missing, and {board.id} is a real board", "Name its serial port")
    elf = folder / "firmware" / ".pio" / "build" / board.id / "firmware.elf"
    if not elf.is_file():
        raise fail(str(elf), "is not there", "Name the firmware by --elf, as 'spikec build' does")
    return elf
