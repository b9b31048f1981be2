"""A coverage-guided fuzzer against the device's parser, under ASan and UBSan.

Run ``python benchmarks/fuzz_device.py`` (needs clang and its libFuzzer; Debian: ``apt-get install clang-14
libclang-rt-14-dev``). ``tests/firmware/device_fuzzer.c`` says what its inputs mean. A crash, a hang or an unsound frame
ends it with what libFuzzer says, and the input beside the corpus.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "firmware")]

from device_build import conv_network, event_network, frame_network, recording  # noqa: E402
from device_client import BEGIN, END, EVENTS, FRAMES, PING, begin, events_payload, record  # noqa: E402

from codegen.backends.c import project_plan  # noqa: E402
from codegen.board import load_board  # noqa: E402
from codegen.ir import Network, fail  # noqa: E402
from codegen.plan import write  # noqa: E402

HARNESS = ROOT / "tests" / "firmware" / "device_fuzzer.c"
FLAGS = ["-std=c99", "-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"]
LEFT_OUT = {"src/board/board.c", "src/board/second.c", "src/main.c"}


def piece(kind: int, payload: bytes = b"", how: int = 0) -> bytes:
    """A piece of a script."""
    return bytes([how, kind, len(payload)]) + payload


def seeds() -> list[bytes]:
    """Conversations that make sense, to begin with."""
    rows = [tuple(int(value) for value in row) for row in recording(1, count=20)]
    events = piece(BEGIN, begin(1)) + piece(EVENTS, events_payload(rows, 0)) + piece(END)
    traced = (
        piece(BEGIN, begin(2, 1, 1)) + piece(FRAMES, record(0, 0, b"\x01\x02")) + piece(PING) + piece(END, how=0x10)
    )
    return [events, traced, events + traced, piece(1, b"abcd\x30\x00") + traced]


def compiler() -> str:
    """Clang. Raises SpikecError when it is not there."""
    for name in ("clang", *(f"clang-{version}" for version in range(20, 11, -1))):
        if shutil.which(name):
            return name
    raise fail("clang", "is not installed, and libFuzzer comes with it", "apt-get install clang-14 libclang-rt-14-dev")


def fuzz(network: Network, folder: Path, seconds: int) -> int:
    """Compile a network's device, and fuzz it for so long."""
    plan = project_plan(network, load_board("native"))
    write(plan, folder / "firmware")
    sources = [path for path in plan.files if path.startswith("src/") and path.endswith(".c") and path not in LEFT_OUT]
    includes = [f"-Isrc/{name}" for name in (".", "core", "protocol", "hal", "board")]
    command = [compiler(), *FLAGS, *includes, *sources, str(HARNESS), "-o", str(folder / "fuzzer")]
    subprocess.run(command, cwd=folder / "firmware", check=True)
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(seeds()):
        (corpus / str(number)).write_bytes(seed)
    limits = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=20", "-print_final_stats=1", "-verbosity=1"]
    done = subprocess.run(
        [folder / "fuzzer", *limits, corpus], cwd=folder, stderr=subprocess.PIPE, text=True, check=False
    )
    last = [line for line in done.stderr.splitlines() if "cov:" in line][-1:]
    stats = [line for line in done.stderr.splitlines() if line.startswith("stat::number_of_executed_units")]
    print(f"{network.name}: {seconds} s, {' '.join(stats)}; {' '.join(last)}", flush=True)
    if done.returncode != 0:
        print(done.stderr[-6000:])
    return done.returncode


def main() -> int:
    """Fuzz each network for its share of the time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    seconds = round(parser.parse_args().minutes * 60 / 3)
    failed = 0
    for network in (event_network(), frame_network(), conv_network()):
        with tempfile.TemporaryDirectory() as name:
            failed |= fuzz(network, Path(name), seconds)
    print("no crash, no hang, no unsound frame" if not failed else "FAILED")
    return int(failed != 0)


if __name__ == "__main__":
    sys.exit(main())
