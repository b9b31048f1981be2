"""How much of a serial line's rate streaming uses, and what the rest of it carries.

Run ``python benchmarks/throughput.py``. The board is this computer, behind an emulated line (``tests/paced_line.py``)
with start and stop bits and a driver's buffer; a sample has as many events as a real recording, the network is small.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from fake_device import make_samples, random_network  # noqa: E402
from paced_line import PacedLine  # noqa: E402

from codegen.backends.c import project_plan  # noqa: E402
from codegen.board import load_board  # noqa: E402
from codegen.plan import write  # noqa: E402
from hostctl.build import build  # noqa: E402
from hostctl.protocol import pack_events  # noqa: E402
from hostctl.results import open_device  # noqa: E402
from hostctl.stream import stream  # noqa: E402
from hostctl.transport.emulator import run_board  # noqa: E402
from hostctl.transport.serial import SerialLine  # noqa: E402

BAUDS = (115_200, 921_600, 2_000_000)
EVENTS = 720
MAX_PAYLOAD = 1024


def main() -> None:
    """Stream at each rate, and print a row of the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of streaming at each rate")
    seconds = parser.parse_args().seconds
    network, board = random_network(), load_board("native")
    print("|    baud | samples/s | line used | data | framing | begin, end | line up |")
    print("|--------:|----------:|----------:|-----:|--------:|-----------:|--------:|")
    with tempfile.TemporaryDirectory() as name:
        write(project_plan(network, board), Path(name) / "firmware")
        elf = build(Path(name) / "firmware", board).elf
        for baud in BAUDS:
            one = sum(map(len, pack_events(make_samples(1, EVENTS, span_us=100_000)[0].events, MAX_PAYLOAD)))
            samples = make_samples(round(seconds * baud / 10 / one), EVENTS, span_us=100_000)
            lines = list[PacedLine]()

            def worse(line: SerialLine, baud: int = baud, lines: list[PacedLine] = lines) -> PacedLine:
                lines.append(PacedLine(line, baud))
                return lines[-1]

            with run_board(board, elf) as running, open_device(network, board, running.port, worse=worse) as device:
                before, sent = dict(lines[0].busy_s), device.stats.bytes_sent
                start = time.monotonic()
                count = sum(1 for _ in stream(device, samples))
                took = time.monotonic() - start
                stats, used = device.stats, {way: lines[0].busy_s[way] - before[way] for way in before}
            assert count == len(samples)
            assert stats.frames_resent == stats.samples_resent == 0
            total = stats.bytes_sent - sent
            data = sum(len(payload) for sample in samples for payload in pack_events(sample.events, MAX_PAYLOAD))
            ends = count * (16 + 10)  # Whole frames of SAMPLE_BEGIN and SAMPLE_END.
            shares = [part / total for part in (data, total - data - ends, ends)]
            print(
                f"| {baud:,} | {count / took:.1f} | {used['down'] / took:.1%} | {shares[0]:.1%} | {shares[1]:.1%} | "
                f"{shares[2]:.1%} | {used['up'] / took:.1%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
