"""TI's INA226 and INA228, read by a board that sends their registers as lines: on a port of its own, or as ``LOG``
frames.

A line is ``ina228 SEQUENCE MICROSECONDS VBUS VSHUNT MARKER ALERT``: decimal numbers but ALERT, which is the
hexadecimal alert register; VBUS and VSHUNT are registers as they are read (of the INA228, right-aligned: without the
four bits that are not used). SEQUENCE has 16 bits and MICROSECONDS has 32; both wrap.
"""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import serial

from codegen.ir import fail
from hostctl.meters.choose import needed
from hostctl.meters.kinds._port import WAIT_S, open_port, read_some
from hostctl.meters.meter import Chunk, Fault, Meter

SETTINGS = {"shunt": 0.0, "hz": 0.0, "range": 0.0}
"""``shunt``: ohms; ``hz``: lines a second; ``range``: ADCRANGE of an INA228."""


@dataclass(frozen=True)
class Chip:
    """Scales of a chip: bus volts and shunt volts a bit (by ADCRANGE), bits of the shunt register, and which alert bits
    say that its figures are not to be trusted.
    """

    name: str
    bus: float
    shunt: tuple[float, ...]
    bits: int
    overflow: int
    source: str


def make(chip: Chip, where: str, settings: Mapping[str, float]) -> Meter:
    """Make the driver. Raises SpikecError for settings that are missing."""
    ohms = needed(chip.name, settings, "shunt", f"Say the shunt's resistance in ohms: {chip.name},shunt=0.1")
    hz = needed(chip.name, settings, "hz", f"Say how many lines a second the board sends: {chip.name},hz=1000")
    if settings["range"] not in range(len(chip.shunt)):
        raise fail("--meter", f"{chip.name} has no range {settings['range']:g}", f"From 0 to {len(chip.shunt) - 1}")
    return Ina(chip, where, ohms, hz, int(settings["range"]))


class Ina(Meter):
    """One chip, at a port or behind the board under test."""

    def __init__(self, chip: Chip, where: str, ohms: float, hz: float, range_: int) -> None:
        self.name = f"TI {chip.name.upper()} with {ohms:g} ohms, read by the board"
        self.period = 1 / hz
        self.faults: list[Fault] = []
        self._chip, self._where = chip, where
        self._amps = chip.shunt[range_] / ohms
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._port: serial.Serial | None = None
        self._rest = b""
        self._sequence: int | None = None
        self._micros: int | None = None
        self._time = 0

    def start(self) -> None:
        """Open the port, where it has one; the board sends by itself."""
        self._port = open_port(self._where, self._chip.name) if self._where else None

    def take_line(self, line: str) -> bool:
        """A line of the board under test."""
        ours = not self._where and line.startswith(self._chip.name)
        if ours:
            self._lines.put(line)
        return ours

    def read(self) -> list[Chunk]:
        """Give what has come."""
        lines: list[str] = []
        if self._port is not None:
            *whole, self._rest = (self._rest + read_some(self._port)).split(b"\n")
            lines = [line.decode("ascii", "replace").strip() for line in whole]
        else:
            try:
                lines.append(self._lines.get(timeout=WAIT_S))
                while True:
                    lines.append(self._lines.get_nowait())
            except queue.Empty:
                pass
        return self.decode(lines)

    def stop(self) -> list[Chunk]:
        """Let the port go."""
        chunks = self.read()
        if self._port is not None:
            self._port.close()
        return chunks

    def decode(self, lines: list[str]) -> list[Chunk]:
        """Make samples of lines."""
        rows = [row for row in map(self._row, lines) if row is not None]
        if not rows:
            return []
        times, watts, marker = (np.array(column, float) for column in zip(*rows, strict=True))
        return [Chunk(times, watts, marker)]

    def _row(self, line: str) -> tuple[float, float, float] | None:
        if not line.startswith(self._chip.name):
            return None
        words = line.split()
        try:
            sequence, micros, bus, shunt, marker = map(int, words[1:6])
            alert = int(words[6], 16)
        except (ValueError, IndexError):
            self.fault("garbled", "lines that cannot be read")
            return None
        half = 1 << (self._chip.bits - 1)
        if (
            len(words) != 7
            or marker not in (0, 1)
            or not -half <= shunt < 2 * half
            or not 0 <= bus < 1 << self._chip.bits
        ):
            self.fault("garbled", "lines that cannot be read")
            return None
        shunt -= 2 * half if shunt >= half else 0
        self._count(sequence, micros)
        watts = bus * self._chip.bus * shunt * self._amps
        if alert & self._chip.overflow:
            self.fault("overflow", "the chip's overflow flag")
            watts = np.nan
        return self._time * 1e-6, watts, float(marker)

    def _count(self, sequence: int, micros: int) -> None:
        if self._sequence is not None and self._micros is not None:
            skipped = (sequence - self._sequence - 1) & 0xFFFF
            if skipped:
                self.fault("lost", "lines that the sequence skipped", skipped)
            self._time += (micros - self._micros) & 0xFFFF_FFFF
        self._sequence, self._micros = sequence, micros
