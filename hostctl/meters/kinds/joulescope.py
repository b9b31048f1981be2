"""Joulescope JS220 and JS110, by Jetperch's own driver (the package ``pyjoulescope_driver``, an optional extra).

Its driver publishes streams by topic (joulescope-driver.readthedocs.io): ``s/p/!data`` is power as float32,
``s/gpi/N/!data`` a logic input, eight samples a byte. Each block has the number of its first sample (``sample_id``) at
``sample_rate``, of which every ``decimate_factor``-th is sent. A sample that got lost is NaN, or its number is missing.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir import fail
from hostctl.meters.base import Fault, Meter, Recording, clock_fault, edges_of
from hostctl.meters.kind import Kind, Options, number

OPEN_TIMEOUT_S = 2.0
Blocks = list[tuple[int, NDArray[Any]]]


class Joulescope(Meter):
    """The Joulescope of that ``serial`` number (by default the only one). ``channel``: the marker's input, 0 to 3."""

    def __init__(self, serial: str = "", *, channel: int = 0, driver: Any = None) -> None:
        """Open it. ``driver``: an open driver, by default a new one. Raises SpikecError: none there, or several."""
        if channel not in range(4):
            raise fail("--meter joulescope", f"channel={channel} does not exist", "Give 0 to 3")
        if driver is None:
            from pyjoulescope_driver import Driver  # noqa: PLC0415 (an optional extra)

            driver = Driver()
        self._driver = driver
        found = [path for path in driver.device_paths() if path.endswith(serial)]
        if len(found) != 1:
            names = ", ".join(found) or "none"
            raise fail(
                "--meter joulescope", f"there is not one Joulescope of that name but: {names}", "Name its serial number"
            )
        self._path = found[0]
        model = self._path.split("/")[1].upper()
        self.instrument = f"Joulescope {model}"
        self._topics = {"power": "s/p", "marker": f"s/gpi/{channel}"}
        self._lock = threading.Lock()
        driver.open(self._path, "defaults", timeout=OPEN_TIMEOUT_S)
        for topic, value in (("s/i/range/mode", "auto"), ("s/v/range/mode", "auto")):
            if model == "JS220":
                driver.publish(f"{self._path}/{topic}", value)
        self._streaming = False
        self._open = True

    def start(self) -> None:
        """Begin to record."""
        self._blocks: dict[str, Blocks] = {name: [] for name in self._topics}
        self._rate = 0.0
        self._started = time.monotonic()
        self._streaming = True
        for topic in self._topics.values():
            self._driver.subscribe(f"{self._path}/{topic}/!data", ["pub"], self._take)
            self._driver.publish(f"{self._path}/{topic}/ctrl", 1)

    def stop(self) -> Recording:
        """End the recording."""
        span = time.monotonic() - self._started
        self._end_streams()
        with self._lock:
            power, marker = self._blocks["power"], self._blocks["marker"]
            if not power or not marker:
                hint = "Check that no other program uses it, and that its firmware is new enough"
                raise fail(self.instrument, "it sent no samples", hint)
            times, watts = _joined(power, self._rate)
            level_times, levels = _joined(marker, self._rate)
        faults, lost = list[Fault](), np.isnan(watts)
        if lost.any():
            faults.append(Fault("dropped", f"{int(lost.sum()):,} samples were lost on their way from the meter"))
        if drift := clock_fault(float(times[-1] - times[0]), span):
            faults.append(drift)
        edges = edges_of(level_times, levels.astype(np.bool_))
        seen = times[~lost], watts[~lost].astype(np.float64)
        return Recording(self.instrument, *seen, *edges, tuple(faults), reach=1 / self._rate)

    def close(self) -> None:
        """Close the instrument."""
        if self._open:
            self._end_streams()
            self._driver.close(self._path)
            self._open = False

    def _end_streams(self) -> None:
        if not self._streaming:
            return
        self._streaming = False
        for topic in self._topics.values():
            self._driver.publish(f"{self._path}/{topic}/ctrl", 0)
            self._driver.unsubscribe(f"{self._path}/{topic}/!data", self._take)

    def _take(self, topic: str, value: dict[str, Any]) -> None:
        """A block of samples, on the driver's thread."""
        factor = int(value["decimate_factor"])
        first, data = int(value["sample_id"]) // factor, value["data"]
        name = "power" if topic == f"{self._path}/{self._topics['power']}/!data" else "marker"
        samples = np.array(data, np.float32) if name == "power" else np.unpackbits(data, bitorder="little")
        with self._lock:
            self._rate = float(value["sample_rate"]) / factor
            self._blocks[name].append((first, samples))


def _joined(blocks: Blocks, rate: float) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Times in seconds and samples of all blocks. What a block repeats of the one before is left out."""
    indices = np.concatenate([np.arange(first, first + len(data)) for first, data in blocks])
    samples = np.concatenate([data for _, data in blocks])
    before = np.maximum.accumulate(np.concatenate([[indices[0] - 1], indices[:-1]]))
    new = indices > before
    return indices[new] / rate, samples[new]


def _open(where: str, options: Options) -> Meter:
    return Joulescope(where, channel=int(number(options, "channel", 0)))


KINDS = {
    "joulescope": Kind("joulescope[:SERIAL][,channel=0..3]", _open, allowed=frozenset({"channel"}), somewhere=True)
}
