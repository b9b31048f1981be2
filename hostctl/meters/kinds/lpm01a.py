"""ST's PowerShield X-NUCLEO-LPM01A by its serial protocol: up to 10,000 samples a second as text, 100,000 as words.

Source: ST's user manual UM2269, *Getting started with PowerShield firmware*. Commands are lines; answers begin with
``PowerShield > ack`` or ``error``. A sample as text is ``6409-07`` (6409e-7 A), as a word ``52A0`` (hexadecimal: 0x2A0
/ 16**5 A). Between them come time stamps with the buffer's load, and what went wrong. It has no logic input: an
inference is where the current is above ``edge``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from codegen.ir import fail
from hostctl.meters.choose import needed
from hostctl.meters.kinds._port import open_port, read_some, read_until, send
from hostctl.meters.meter import Chunk, Fault, Meter, Values

SETTINGS = {"volts": 3.3, "hz": 100_000.0, "edge": 0.0}
"""``volts``: the supply that it gives; ``hz``: samples a second; ``edge``: amperes that tell work from rest."""

RATES = (100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100, 50, 20, 10, 5, 2, 1)
AS_TEXT = 10_000
"""The most samples a second that it sends as text."""
_ERROR, _INFO, _STAMP, _END, _OVERCURRENT, _POWER_DOWN, _VOLTAGE = range(0xF1, 0xF8)
_LENGTHS = {_STAMP: 9, _END: 4, _OVERCURRENT: 4, _POWER_DOWN: 4, _VOLTAGE: 6}
_FULL = 100  # % of the buffer's load.


def make(where: str, settings: Mapping[str, float]) -> Meter:
    """Make the driver. Raises SpikecError for settings that it cannot have."""
    edge = needed(
        "lpm01a", settings, "edge", "It has no marker input. Say the current between rest and work: edge=0.005 (A)"
    )
    if settings["hz"] not in RATES or not 1.8 <= settings["volts"] <= 3.3:
        rates = ", ".join(map(str, RATES))
        raise fail("--meter", "lpm01a takes volts from 1.8 to 3.3, and certain rates", f"hz is one of {rates}")
    return Lpm01a(where, settings["volts"], int(settings["hz"]), edge)


class Lpm01a(Meter):
    """One PowerShield at a serial port."""

    def __init__(self, where: str, volts: float, hz: int, edge: float) -> None:
        self.name = f"ST X-NUCLEO-LPM01A at {volts:g} V (edges where the current crosses {edge:g} A)"
        self.period = 1 / hz
        self.faults: list[Fault] = []
        self._where, self._volts, self._hz, self._edge = where, volts, hz, edge
        self._rest = b""
        self._count = 0
        self._stamped: tuple[int, int] | None = None  # The last time stamp (ms), and the samples until then.

    def start(self) -> None:
        """Take control, set it up, and begin."""
        self._port = open_port(self._where, "lpm01a", 3_686_400)
        for command in (
            "htc",
            f"format {'ascii_dec' if self._hz <= AS_TEXT else 'bin_hexa'}",
            "output current",
            f"volt {round(1000 * self._volts)}m",
            f"freq {self._hz // 1000}k" if self._hz >= 1000 else f"freq {self._hz}",
            "acqtime inf",
            "trigsrc sw",
            "pwrend on",
        ):
            self._command(command)
        self._command("start", rest=True)

    def _command(self, words: str, rest: bool = False) -> None:
        send(self._port, words.encode() + b"\n")
        wanted = f"ack {words}".encode()
        said = read_until(self._port, (wanted + b"\r\n", wanted + b"\n", b"error"))
        if wanted not in said:
            what = said.decode("ascii", "replace").strip()
            raise fail(
                self._where, f"the PowerShield refuses '{words}' ({what})", "See UM2269, or reset it with 'psrst'"
            )
        if rest:
            self._rest = said.partition(wanted)[2].lstrip(b"\r\n")

    def read(self) -> list[Chunk]:
        """Give what has come."""
        return self.decode(read_some(self._port))

    def stop(self) -> list[Chunk]:
        """End sampling and give control back to its buttons; it goes on supplying the board."""
        send(self._port, b"stop\n")
        chunks = self.decode(read_some(self._port))
        send(self._port, b"hrc\n")
        self._port.close()
        return chunks

    def decode(self, data: bytes) -> list[Chunk]:
        """Make samples of bytes, as text or as words; what is not whole yet waits."""
        data = self._rest + data
        if self._hz <= AS_TEXT:
            *lines, self._rest = data.split(b"\n")
            pieces = self._lines(lines)
        else:
            pieces, self._rest = self._words(data)
        return [self._chunk(amps, missing) for amps, missing in pieces]

    def _chunk(self, amps: Values, missing: int) -> Chunk:
        first = self._count + missing
        self._count = first + len(amps)
        times: Values = (first + np.arange(len(amps))).astype(np.float64) * self.period
        return Chunk(times, amps * self._volts, (amps > self._edge).astype(np.float64))

    def _lines(self, lines: list[bytes]) -> list[tuple[Values, int]]:
        pieces, amps, missing = list[tuple[Values, int]](), list[float](), 0
        for raw in lines:
            line = raw.decode("ascii", "replace").strip("\r\0 ")
            sample = re.fullmatch(r"(\d{4})([+-]\d{2})", line)
            stamp = re.search(r"TimeStamp: *(\d+)s *(\d+)ms, *buff *(\d+)%", line)
            if sample:
                amps.append(int(sample[1]) * 10.0 ** int(sample[2]))
            elif stamp:
                pieces.append((np.array(amps), missing))
                milliseconds = 1000 * int(stamp[1]) + int(stamp[2])
                missing = self._stamp(milliseconds, int(stamp[3]), self._count + sum(len(a) + m for a, m in pieces))
                amps = []
            elif "error" in line.lower():
                self.fault("error", line[:60])
            elif line and not re.match(r"PowerShield|ack|summary|end|Acquisition|[a-z ]+: ", line):
                self.fault("garbled", "lines that are neither samples nor messages")
        return [*pieces, (np.array(amps), missing)]

    def _words(self, data: bytes) -> tuple[list[tuple[Values, int]], bytes]:
        """Split words from what stands between them: 0xF0, its kind, its contents, 0xFF 0xFF."""
        pieces, missing, at = list[tuple[Values, int]](), 0, 0
        while True:
            mark = at
            while mark + 1 < len(data) and data[mark] < 0xF0:
                step = self._to_mark(data, mark)
                mark = step
            pieces.append((_amps(data[at:mark]), missing))
            missing = 0
            length = self._length(data, mark)
            if length is None:
                return pieces, data[mark:]
            counted = self._count + sum(len(a) + m for a, m in pieces)
            missing = self._meta(data[mark : mark + length], counted)
            at = mark + length

    @staticmethod
    def _to_mark(data: bytes, at: int) -> int:
        """Where the next word begins with 0xF, or the last whole word ends."""
        heads = np.frombuffer(data[at : at + (len(data) - at) // 2 * 2], ">u2") >> 12
        marks = np.flatnonzero(heads == 0xF)
        return at + 2 * (int(marks[0]) if len(marks) else len(heads))

    @staticmethod
    def _length(data: bytes, at: int) -> int | None:
        """Bytes of what stands between words at a place; None when it has not come whole."""
        if at + 1 >= len(data):
            return None
        kind = data[at + 1]
        if kind in (_ERROR, _INFO):
            end = data.find(b"\xff\xff", at + 2)
            return None if end < 0 else end + 2 - at
        length = _LENGTHS.get(kind, 2)
        return length if at + length <= len(data) else None

    def _meta(self, said: bytes, counted: int) -> int:
        """Take notice; returns how many samples are missing from here on."""
        kind = said[1]
        if kind == _STAMP:
            return self._stamp(int.from_bytes(said[2:6]) & 0x7FFF_FFFF, said[6], counted)
        if kind == _ERROR:
            self.fault("error", said[2:-2].decode("ascii", "replace").strip())
        elif kind == _OVERCURRENT:
            self.fault("overflow", "overcurrent: the board takes more than the PowerShield can measure")
        elif kind == _POWER_DOWN:
            self.fault("error", "the PowerShield switched the board off")
        elif kind not in (_INFO, _END, _VOLTAGE):
            self.fault("garbled", "words that are neither samples nor messages")
        return 0

    def _stamp(self, milliseconds: int, load: int, counted: int) -> int:
        """Hold the samples since the last time stamp against the time that has passed."""
        before, self._stamped = self._stamped, (milliseconds, counted)
        if load >= _FULL:
            self.fault("overflow", "the PowerShield's buffer is full")
        if before is None:
            return 0
        due = (milliseconds - before[0]) * self._hz / 1000
        missing = round(due - (counted - before[1]))
        if missing <= max(1.0, self._hz / 1000):  # Stamps are whole milliseconds.
            return 0
        self.fault("lost", "samples that the time stamps say are missing", missing)
        self._stamped = (milliseconds, counted + missing)
        return missing


def _amps(data: bytes) -> Values:
    words = np.frombuffer(data[: len(data) // 2 * 2], ">u2")
    amps: Values = (words & 0xFFF) * 16.0 ** -(words >> 12).astype(float)
    return amps
