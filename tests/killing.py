"""Runs of ``spikec stream`` that are killed at any moment, resumed, and held to a run that nothing disturbed."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from fake_device import FakeDevice, random_network

from codegen.ir import make_events, save
from codegen.ir.events import write_nmnist

REPORTS = ("report.json", "report.html")
_ROOT = Path(__file__).resolve().parent.parent


class Killing:
    """A device, its data, and the reports of a run in peace; ``seconds`` is how long that took."""

    def __init__(self, folder: Path, samples: int) -> None:
        self._folder, self._network = folder, folder / "tiny.spk"
        save(random_network(), self._network)
        random = np.random.default_rng(3)
        for i in range(-(-samples // 2)):  # Each recording is also played backwards.
            place = folder / "data" / "Test" / str(i % 10)
            place.mkdir(parents=True, exist_ok=True)
            x, y = random.integers(0, 6, (2, 60))
            write_nmnist(
                place / f"{i:05}.bin", make_events(x, y, np.sort(random.integers(0, 6000, 60)), np.ones(60, int))
            )
        start = time.monotonic()
        self.peaceful = self.reports("peace", [])
        self.seconds = time.monotonic() - start

    def reports(self, name: str, moments: list[float]) -> tuple[bytes, ...]:
        """Run in a folder of this name: killed after each of ``moments`` (seconds), then resumed to the end."""
        run, ports = self._folder / name / "run", self._folder / name
        ports.mkdir()
        with FakeDevice(random_network(), ports) as device:
            for moment in [*moments, None]:
                with subprocess.Popen(
                    self._command(device.port, run), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                ) as process:
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(moment)
                    process.kill()
                    assert process.stdout is not None
                    said = process.stdout.read().decode()
                assert moment is not None or process.returncode == 0, said
        return tuple((run / report).read_bytes() for report in REPORTS)

    def _command(self, port: str, run: Path) -> list[str]:
        main = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from hostctl.cli import main; sys.exit(main())"
        words = ["stream", "-n", self._network, "-b", "native", "-d", self._folder / "data", "--port", port, "-o", run]
        return [sys.executable, "-c", main, *map(str, words), "--stable", "--resume"]
