"""MLPerf Tiny's own runner, untouched, on an emulated board; what it wrote down is held to the reference.

Run ``python benchmarks/mlperf_runner.py --runner tiny/benchmark/runner`` with a checkout of mlcommons/tiny, and
``--python`` of an environment that has what the runner imports. The runner finds boards by their USB ids; an emulated
one has none, so the list of serial ports is replaced by one that has the board's port alone. All else is the runner's,
and nothing is written into its folder.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "firmware")]

from test_mlperf_tiny import scores  # noqa: E402

from codegen.backends.c import project_plan  # noqa: E402
from codegen.board import load_board  # noqa: E402
from codegen.ir import Network, load  # noqa: E402
from codegen.plan import write  # noqa: E402
from codegen.zoo import network_path  # noqa: E402
from hostctl.build import build  # noqa: E402
from hostctl.mlperf_tiny import write_samples  # noqa: E402
from hostctl.samples import load_samples  # noqa: E402
from hostctl.transport.emulator import run_board  # noqa: E402

MODEL = "ic01"
VID, PID = 0x1209, 0x0001
START = """
import runpy, sys
import usb.core
from serial.tools import list_ports, list_ports_common
port = list_ports_common.ListPortInfo(sys.argv[1])
port.vid, port.pid = {vid}, {pid}
list_ports.comports = lambda include_links=False: [port]
usb.core.find = lambda **words: []
sys.path.insert(0, sys.argv[2])
sys.argv = sys.argv[3:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
DEVICES = "- {{name: board, type: dut, baud: {baud}, usb: {{{vid}: {pid}}}}}\n"
TESTS = """
{model}:
  name: test
  model: {model}
  truth_file: y_labels.csv
  script:
    - loop {loops}:
      - download
      - infer {count} {warmups}
"""


def run_runner(python: str, runner: Path, folder: Path, port: str, mode: str) -> list[dict[str, object]]:
    """What the runner measured: its results.json."""
    start = START.format(vid=VID, pid=PID)
    words = ["-d", "devices.yaml", "-t", "tests.yaml", "-s", "datasets", "-m", mode]
    command = [python, "-c", start, port, str(runner), str(runner / "main.py"), *words]
    subprocess.run(command, cwd=folder, check=True, env=os.environ | {"MPLBACKEND": "Agg"})
    (found,) = folder.glob("sessions/*/results.json")
    return [row for row in json.loads(found.read_text()) if "file" in row]


def different(network: Network, folder: Path, row: dict[str, object]) -> bool:
    """Whether the scores of a file are not the reference's."""
    data = np.frombuffer((folder / str(row["file"])).read_bytes(), np.uint8).reshape(network.steps, -1)
    spikes = np.unpackbits(data, axis=1, count=network.in_size, bitorder="little").astype(bool)
    wanted = [n / 1e6 for n in scores(network, spikes)]
    return row["infer"]["results"] != wanted  # type: ignore[index]


def main() -> int:
    """Run it once, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runner", type=Path, required=True, help="mlcommons/tiny's benchmark/runner")
    parser.add_argument("--python", default=sys.executable, help="with numpy, scikit-learn, pyserial, pyusb, ...")
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA", "data"))
    parser.add_argument("--board", default="native")
    parser.add_argument("--mode", choices=("a", "p"), default="a", help="accuracy or performance")
    parser.add_argument("--samples", type=int, default=200, help="in accuracy mode")
    parser.add_argument(
        "--count", type=int, default=100_000, help="inferences of each of 5 windows in performance mode"
    )
    words = parser.parse_args()
    network, board = load(network_path("mnist-tiny")), load_board(words.board)
    loops, count, warmups = (words.samples, 1, 0) if words.mode == "a" else (5, words.count, 10)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "datasets" / MODEL
        write_samples(network, load_samples(network, words.data, limit=loops), data)
        (folder / "devices.yaml").write_text(DEVICES.format(baud=board.baud, vid=VID, pid=PID))
        (folder / "tests.yaml").write_text(TESTS.format(model=MODEL, loops=loops, count=count, warmups=warmups))
        write(project_plan(network, board, app="mlperf_tiny", model=MODEL), folder / "firmware")
        with run_board(board, build(folder / "firmware", board).elf) as running:
            rows = run_runner(words.python, words.runner.resolve(), folder, running.port, words.mode)
        wrong = sum(different(network, data, row) for row in rows)
    print(f"{len(rows)} of {loops} samples by the runner, {wrong} with scores other than the reference's")
    return int(wrong > 0 or len(rows) != loops)


if __name__ == "__main__":
    sys.exit(main())
