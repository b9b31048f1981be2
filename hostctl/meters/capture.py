"""A meter at work beside a run: a thread that reads it, and what is written down when the run has ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from codegen.ir import SpikecError
from hostctl.meters.energy import Idle, assess
from hostctl.meters.integrate import Integrator
from hostctl.meters.meter import Meter
from hostctl.results.energy import EnergyRecord, write_energy
from hostctl.results.records import FILE, read_run

REST_S = 0.5
"""The board is left alone for so long before the run: that gives its idle power."""


class Capture:
    """Reads a meter from ``start`` to ``stop``; integrates at once, so that long runs need no memory."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.integrator = Integrator(meter.period)
        self.wall_s = 0.0
        self._error: Exception | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="meter", daemon=True)

    def start(self, rest_s: float = REST_S) -> None:
        """Start the meter and let the board rest. Raises SpikecError when the meter does not start."""
        self.meter.start()
        self.integrator = Integrator(self.meter.period)  # Some know their rate only now.
        self._started = time.monotonic()
        self._thread.start()
        time.sleep(rest_s)

    def stop(self) -> None:
        """Stop the meter. Raises what went wrong while it was read."""
        self._ending.set()
        self._thread.join()
        for chunk in self.meter.stop():
            self.integrator.feed(chunk)
        if self._error is not None:
            raise self._error

    @property
    def reading(self) -> bool:
        """Whether the meter is still being read: not any more when that failed."""
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._ending.is_set():
                for chunk in self.meter.read():
                    self.integrator.feed(chunk)
            self.wall_s = time.monotonic() - self._started
        except Exception as error:  # Told where the run can be ended in order.
            self._error = error


@contextmanager
def metered(
    meter: Meter,
    folder: Path,
    *,
    idle: Idle = "subtract",
    rest_s: float = REST_S,
    note: Callable[[str], None] = print,
) -> Iterator[Capture]:
    """Meter what runs in the block, a run into ``folder``, and write its energy beside its results.

    A meter that fails does not spoil the run: it is told by ``note``, and there is no energy. Raises SpikecError when
    the meter does not start.
    """
    capture = Capture(meter)
    capture.start(rest_s)
    try:
        yield capture
    finally:
        try:
            capture.stop()
            if (folder / FILE).exists():
                for warning in _keep(capture, folder, idle).warnings:
                    note(f"energy: {warning}")
        except (SpikecError, OSError, ValueError) as error:
            note(f"NOTE: no energy was measured: {error}")


def _keep(capture: Capture, folder: Path, idle: Idle) -> EnergyRecord:
    run = read_run(folder)
    session = run.next_session - 1
    meter = capture.meter
    found = assess(meter.name, capture.integrator, meter.faults, run, idle=idle, session=session, wall_s=capture.wall_s)
    write_energy(folder, found)
    return found
