"""Thousands of samples over a line that loses bytes, flips bits and is unplugged, to a device that is reset.

Run ``python benchmarks/chaos.py`` (the board is this computer). Every sample has to be answered exactly once, with
every number equal to the reference's. ``--chaos`` takes what ``spikec stream --chaos`` takes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from fake_device import make_samples, random_network  # noqa: E402

from codegen.backends.c import project_plan  # noqa: E402
from codegen.board import load_board  # noqa: E402
from codegen.plan import write  # noqa: E402
from hostctl.build import build  # noqa: E402
from hostctl.results import FILE, open_device, run_stream  # noqa: E402
from hostctl.transport.chaos import Chaos, ChaosLine  # noqa: E402
from hostctl.transport.emulator import EmulatedBoard, run_board  # noqa: E402
from hostctl.transport.serial import SerialLine  # noqa: E402

CASES = ("drop=1%,flip=0.1%,disconnect=20,seed=1", "drop=1%,flip=0.1%,disconnect=20,reset=20,seed=2")
EVENTS = 16
RESTART_S = 30.0


def worsened(line: SerialLine, board: EmulatedBoard, chaos: Chaos, span: int) -> ChaosLine:
    """The line to a board, with what shall go wrong; a reset starts the board's process anew."""

    def reset() -> None:
        board.restart()
        line.reopen(RESTART_S)

    return ChaosLine(line, chaos, span, reset)


def main() -> int:
    """Stream each case, and print what went wrong on the way and what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--chaos", action="append", help="instead of the usual two cases")
    arguments = parser.parse_args()
    network, board, failed = random_network(), load_board("native"), False
    samples = make_samples(arguments.samples, EVENTS)
    span = sum(sample.least_bytes(network) for sample in samples)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(project_plan(network, board), folder / "firmware")
        elf = build(folder / "firmware", board).elf
        for case in arguments.chaos or CASES:
            chaos, lines = Chaos.parse(case), list[ChaosLine]()
            with run_board(board, elf) as running:

                def worse(line: SerialLine, running=running, chaos=chaos, lines=lines) -> ChaosLine:  # type: ignore[no-untyped-def]
                    lines.append(worsened(line, running, chaos, span))
                    return lines[-1]

                start = time.monotonic()
                with open_device(network, board, running.port, worse=worse) as device:
                    summary = run_stream(network, board, device, samples, folder / "run", force=True)
                took = time.monotonic() - start
            rows = [json.loads(row) for row in (folder / "run" / FILE).read_text().splitlines()]
            answers = Counter(row["index"] for row in rows if row["kind"] == "sample")
            once = sum(count == 1 for count in answers.values())
            happened = ", ".join(f"{count} {what}s" for what, count in lines[0].happened.items() if count)
            print(f"{case}\n  {summary.samples:,} samples, {once:,} answered exactly once, {summary.different} wrong")
            print(f"  {happened}; {took:.0f} s, {summary.samples / took:.1f} samples a second")
            print("  " + ", ".join(f"{count:,} {what}" for what, count in summary.link.items()), flush=True)
            failed |= summary.different > 0 or once != len(samples)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
