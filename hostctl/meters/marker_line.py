"""The marker pin on a serial adapter's CTS line, for meters without a logic input: edges on the host's clock."""

from __future__ import annotations

import threading
import time
from typing import Protocol

import numpy as np
import serial

from codegen.ir import fail
from hostctl.meters.base import Bools, Fault, Floats

POLL_S = 0.0002
MAX_SHARE = 0.01


class HasCts(Protocol):
    """What is asked of a serial port: its CTS line, and to be closed."""

    @property
    def cts(self) -> bool:
        """Whether the line is asserted, which is a low voltage at the adapter's pin."""

    def close(self) -> None:
        """Close the port."""


class MarkerLine:
    """Watches CTS. Adapters assert it at a low voltage, so a high marker is CTS not asserted."""

    def __init__(self, port: str | HasCts) -> None:
        """Open the adapter's port. Raises SpikecError when that fails."""
        try:
            self._line: HasCts = serial.Serial(port, exclusive=True) if isinstance(port, str) else port
        except (OSError, ValueError, serial.SerialException) as error:
            hint = "Name the adapter whose CTS line is wired to the marker pin"
            raise fail(str(port), f"the marker's port cannot be opened ({error})", hint) from error
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._edges: list[tuple[float, bool]] = []
        self._looks = 0
        self._span = 0.0

    def start(self, zero: float) -> None:
        """Begin to watch. ``zero``: the monotonic time at which the meter's clock began."""
        self._edges, self._looks = [], 0
        self._ending.clear()
        self._thread = threading.Thread(target=self._watch, args=(zero,), name="marker", daemon=True)
        self._thread.start()

    def stop(self) -> tuple[Floats, Bools]:
        """End watching: times of the edges in seconds, and whether the marker went high at each."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        return np.array([at for at, _ in self._edges], np.float64), np.array([up for _, up in self._edges], np.bool_)

    def faults(self) -> list[Fault]:
        """A warning when the looks were too far apart for the pulses that were seen."""
        if len(self._edges) < 2 or not self._looks:
            return []
        apart, shortest = self._span / self._looks, float(np.diff([at for at, _ in self._edges]).min())
        if apart <= MAX_SHARE * shortest:
            return []
        text = f"the marker was looked at every {1e3 * apart:.2f} ms, its shortest pulse was {1e3 * shortest:.2f} ms"
        return [Fault("slow", f"{text}: the energy of an inference is that uncertain")]

    def close(self) -> None:
        """Let go of the port; allowed twice."""
        self.stop()
        self._line.close()

    def _watch(self, zero: float) -> None:
        before = not self._line.cts
        begin = last = time.monotonic()
        while not self._ending.is_set():
            time.sleep(POLL_S)
            high, now = not self._line.cts, time.monotonic()
            self._looks += 1
            if high != before:
                self._edges.append(((last + now) / 2 - zero, high))
            before, last = high, now
        self._span = last - begin
