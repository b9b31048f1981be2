"""Joulescope JS220 and JS110 by their maker's package pyjoulescope_driver (extra ``joulescope``).

Source: joulescope-driver.readthedocs.io, and pyjoulescope_driver's ``record.py`` and ``binding.pyx``: streams are
switched on by ``s/p/ctrl`` and ``s/gpi/0/ctrl`` and arrive as ``s/p/!data`` and ``s/gpi/0/!data``, dictionaries with
``sample_id`` (counted at ``sample_rate``), ``decimate_factor`` and ``data``: float32 watts, NaN where a sample was
lost, and bits, eight in a byte, the first lowest.
"""

from __future__ import annotations

import queue
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir import fail
from hostctl.meters.meter import Chunk, Fault, Meter, Values

SETTINGS = {"marker": 0.0, "hz": 1_000_000.0}
"""``marker``: general-purpose input 0 to 3 (JS110: 0 or 1); ``hz``: samples a second."""

WAIT_S = 0.05


def make(where: str, settings: Mapping[str, float]) -> Meter:
    """Make the driver. Raises ModuleNotFoundError without the package, SpikecError for settings that it cannot have."""
    if settings["marker"] not in range(4) or not 1 <= settings["hz"] <= 2_000_000:
        raise fail("--meter", "joulescope takes marker from 0 to 3 and hz up to 2000000", "See docs/energy.md")
    return Joulescope(where, int(settings["marker"]), int(settings["hz"]))


class Joulescope(Meter):
    """The instrument whose serial number or path ends in ``where``, or the only one. ``driver`` is the package's."""

    def __init__(self, where: str, marker: int, hz: int, driver: Any = None) -> None:
        self.name, self.period = "Joulescope", 1 / hz
        self.faults: list[Fault] = []
        self._where, self._marker, self._hz, self._driver = where, marker, hz, driver
        self._came: queue.SimpleQueue[tuple[str, Mapping[str, Any]]] = queue.SimpleQueue()
        self._power, self._bits = _Stream(), _Stream()
        self._first: int | None = None

    def start(self) -> None:
        """Open the instrument, choose ranges and rate, and switch the streams on."""
        if self._driver is None:
            from pyjoulescope_driver import Driver  # noqa: PLC0415 (an extra that most people do without)

            self._driver = Driver()
        found = [path for path in self._driver.device_paths() if path.endswith(self._where)]
        if len(found) != 1:
            seen = ", ".join(self._driver.device_paths()) or "none"
            raise fail("--meter", f"{len(found)} Joulescopes fit (seen: {seen})", "Name one: joulescope:SERIAL")
        self._path = found[0]
        self.name = f"Joulescope {self._path.removeprefix('u/')}"
        self._driver.open(self._path, "defaults")
        old = "js110" in self._path
        self._publish("s/i/range/select" if old else "s/i/range/mode", "auto")
        self._publish("s/v/range/select" if old else "s/v/range/mode", "15 V" if old else "auto")
        self._publish("h/fs", self._hz)
        for topic in self._topics():
            self._driver.subscribe(f"{self._path}/{topic}/!data", "pub", self._take)
            self._publish(f"{topic}/ctrl", 1)

    def _topics(self) -> tuple[str, str]:
        return "s/p", f"s/gpi/{self._marker}"

    def _publish(self, topic: str, value: object) -> None:
        self._driver.publish(f"{self._path}/{topic}", value)

    def _take(self, topic: str, value: Mapping[str, Any]) -> None:
        """Called by the driver's thread."""
        self._came.put((topic, value))

    def read(self) -> list[Chunk]:
        """Give what power and marker have both come for."""
        try:
            self._sort(*self._came.get(timeout=WAIT_S))
            for _ in range(self._came.qsize()):  # Not what comes meanwhile: it may come faster than we sort.
                self._sort(*self._came.get_nowait())
        except queue.Empty:
            pass
        return self._joined()

    def stop(self) -> list[Chunk]:
        """Switch the streams off and let the instrument go."""
        for topic in self._topics():
            self._publish(f"{topic}/ctrl", 0)
            self._driver.unsubscribe(f"{self._path}/{topic}/!data", self._take)
        chunks = self.read()
        self._driver.close(self._path)
        self._driver.finalize()
        return chunks

    def _sort(self, topic: str, value: Mapping[str, Any]) -> None:
        data = np.asarray(value["data"])
        power = topic.endswith("s/p/!data")
        if not power:
            data = np.unpackbits(data.astype(np.uint8), bitorder="little")
        step = int(value["decimate_factor"])
        ids = int(value["sample_id"]) + step * np.arange(len(data), dtype=np.int64)
        self._rate = float(value["sample_rate"])
        if power:
            self._noted(data)
        (self._power if power else self._bits).add(ids, data.astype(np.float64))

    def _noted(self, watts: NDArray[Any]) -> None:
        lost = int(np.isnan(watts).sum())
        if lost:
            self.fault("lost", "samples that the instrument marks as missing", lost)

    def _joined(self) -> list[Chunk]:
        """Both streams count alike but need not have equal rates: a power sample has the last bit before it."""
        self._power.join()
        self._bits.join()
        if not len(self._power.ids) or not len(self._bits.ids):
            return []
        ids, watts = self._power.until(int(self._bits.ids[-1]))
        place = np.searchsorted(self._bits.ids, ids, side="right") - 1
        ids, watts, place = ids[place >= 0], watts[place >= 0], place[place >= 0]
        if not len(ids):
            return []
        level = self._bits.values[place]
        self._bits.drop(int(place[-1]))
        self._first = int(ids[0]) if self._first is None else self._first
        return [Chunk((ids - self._first) / self._rate, watts, level)]


class _Stream:
    """Samples that wait for those of the other stream, with their numbers; pieces are joined once a reading."""

    def __init__(self) -> None:
        self.ids: NDArray[np.int64] = np.empty(0, np.int64)
        self.values: Values = np.empty(0)
        self._pieces: list[tuple[NDArray[np.int64], Values]] = []

    def add(self, ids: NDArray[np.int64], values: Values) -> None:
        """Take what came."""
        self._pieces.append((ids, values))

    def join(self) -> None:
        """Put the pieces together; a last byte of bits that was not full is overlaid by what comes behind."""
        pieces = [(self.ids, self.values), *((ids, values) for ids, values in self._pieces if len(ids))]
        self._pieces = []
        ends = [int(ids[0]) for ids, _ in pieces[1:]]
        cuts = [np.searchsorted(ids, end) for (ids, _), end in zip(pieces, ends, strict=False)]
        whole = [(ids[:cut], values[:cut]) for (ids, values), cut in zip(pieces, cuts, strict=False)] + pieces[-1:]
        self.ids = np.concatenate([ids for ids, _ in whole])
        self.values = np.concatenate([values for _, values in whole])

    def until(self, last: int) -> tuple[NDArray[np.int64], Values]:
        """Take what is numbered up to ``last``."""
        cut = int(np.searchsorted(self.ids, last, side="right"))
        taken = self.ids[:cut], self.values[:cut]
        self.drop(cut)
        return taken

    def drop(self, count: int) -> None:
        """Forget the first."""
        self.ids, self.values = self.ids[count:], self.values[count:]
