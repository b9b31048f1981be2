"""ST's X-NUCLEO-LPM01A PowerShield: ASCII commands, and samples of the current as text or in two bytes.

The protocol as public host programs speak it (that of mlcommons/tiny, benchmark/runner, among them); ST's own texts are
UM2269 (PowerShield firmware) and UM2243 (the board), which it was not held against. Each command is a line, answered by
``PowerShield > ack`` and the command. Samples in ``ascii_dec`` are lines like ``6409-07`` (6409e-7 A), up to 10 kHz; in
``bin_hexa`` two bytes, four bits of a negative power of 16 and twelve of the value, up to 100 kHz. Between them stand
records of F0, a type, its content and FF FF: errors, information, time stamps with the fill of its buffer, the end, an
overcurrent.

The PowerShield has no logic input among its samples: the marker is wired to the CTS line of a serial adapter, and its
edges are on the host's clock (:mod:`hostctl.meters.marker_line`).
"""

from __future__ import annotations

import re
import time

import numpy as np

from codegen.ir import fail
from hostctl.meters.base import Fault, Meter, Recording, clock_fault
from hostctl.meters.kind import Kind, Options, number
from hostctl.meters.marker_line import MarkerLine
from hostctl.meters.port import InstrumentPort

BAUD = 3_686_400
ASCII_HZ = 10_000
RATES_HZ = (*(digit * 10**power for power in range(5) for digit in (1, 2, 5)), 100_000)
MIN_MV, MAX_MV = 1800, 3300
FULL_BUFFER = 100
_ERROR, _INFO, _STAMP, _END, _OVERCURRENT, _POWER_DOWN, _VOLTAGE = range(0xF1, 0xF8)
_LENGTHS = {_STAMP: 5, _END: 0, _OVERCURRENT: 0, _POWER_DOWN: 0, _VOLTAGE: 2}
_SAMPLE = re.compile(r"(\d{4})([+-])(\d{2})")
_STAMP_LINE = re.compile(r"time ?stamp: *(\d+)s +(\d+)ms, *buff *(\d+)%", re.IGNORECASE)


class Lpm01a(Meter):
    """A PowerShield on serial port ``port``. ``volts``: 1.8 to 3.3; ``rate_hz``: 1, 2, 5, 10 ... 50,000 or 100,000."""

    instrument = "ST LPM01A PowerShield"

    def __init__(self, port: str, *, volts: float, marker: MarkerLine, rate_hz: int = 100_000) -> None:
        """Open and set it up. Raises SpikecError: no such port, no PowerShield, a setting that it refuses."""
        millivolts = round(volts * 1000)
        if not MIN_MV <= millivolts <= MAX_MV:
            raise fail("--meter lpm01a", f"volts={volts:g} is out of its range", "Give 1.8 to 3.3")
        if rate_hz not in RATES_HZ:
            raise fail("--meter lpm01a", f"rate={rate_hz} is none of its rates", f"Give one of {RATES_HZ}")
        self._volts, self._rate, self._marker = volts, rate_hz, marker
        self._port = InstrumentPort(port, BAUD)
        self._port.drain()
        rate = f"{rate_hz // 1000}k" if rate_hz % 1000 == 0 else str(rate_hz)
        style = "ascii_dec" if rate_hz <= ASCII_HZ else "bin_hexa"
        for command in (
            "htc",
            f"volt {millivolts}m",
            f"freq {rate}",
            f"format {style}",
            "output current",
            "trigsrc sw",
            "pwr on",
            "pwrend on",
        ):
            self._ask(command)
        self._ask("acqtime inf")

    def _ask(self, command: str) -> None:
        self._port.send(f"{command}\n".encode())
        self._port.until(f"PowerShield > ack {command}\r\n\r\n".encode())

    def start(self) -> None:
        """Begin to record."""
        self._ask("start")
        self._port.listen()
        self._marker.start(self._port.started)

    def stop(self) -> Recording:
        """End the recording, and give the board's keys back to whoever stands before it."""
        edges = self._marker.stop()
        self._port.send(b"stop\n")
        span = time.monotonic() - self._port.started
        time.sleep(0.2)
        raw = self._port.collected()
        self._ask("hrc")
        amps, faults, stamp_s = decode_ascii(raw) if self._rate <= ASCII_HZ else decode_binary(raw)
        times = np.arange(len(amps)) / self._rate
        if len(times):
            faults += _clock(float(times[-1]), stamp_s, span)
        return Recording(self.instrument, times, amps * self._volts, *edges, (*self._marker.faults(), *faults))

    def close(self) -> None:
        """Close both ports."""
        self._marker.close()
        self._port.close()


def decode_ascii(raw: bytes) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[Fault], float | None]:
    """Amperes, what went wrong, and the last time stamp in seconds, of lines of text."""
    amps, faults, stamp, garbled = [], list[Fault](), None, 0
    for line in raw.decode("ascii", "replace").split("\r\n"):
        text = line.removeprefix("PowerShield > ").strip()
        if found := _SAMPLE.fullmatch(text):
            amps.append(int(found[1]) * 10.0 ** int(found[2] + found[3]))
        elif found := _STAMP_LINE.fullmatch(text):
            stamp = int(found[1]) + int(found[2]) / 1000
            faults += _full(int(found[3]))
        elif text.lower().startswith("error"):
            faults.append(Fault("overflow", f"the meter says: {text}", fatal=True))
        elif text and text[0].isdigit():
            garbled += 1
    if garbled:
        faults.append(Fault("garbled", f"{garbled} samples were damaged on the way, and are missing"))
    return np.array(amps, np.float64), faults, stamp


def decode_binary(raw: bytes) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], list[Fault], float | None]:
    """Amperes, what went wrong, and the last time stamp in seconds, of two-byte samples and records between them."""
    parts, faults, stamp, at = list[bytes](), list[Fault](), None, 0
    while (record := _next_record(raw, at)) >= 0:
        parts.append(raw[at:record])
        kind = raw[record + 1] if record + 1 < len(raw) else 0
        length = _LENGTHS.get(kind)
        end = raw.find(b"\xff\xff", record + 2) if length is None else record + 2 + length
        if raw[end : end + 2] != b"\xff\xff" or end < 0:
            faults.append(Fault("garbled", "a record of the meter has no end: bytes were lost", fatal=True))
            return _halves(b"".join(parts)), faults, stamp
        body, at = raw[record + 2 : end], end + 2
        if kind == _STAMP:
            stamp = (int.from_bytes(body[:4], "big") & 0x7FFF_FFFF) / 1000
            faults += _full(body[4])
        elif kind == _OVERCURRENT:
            faults.append(Fault("overflow", "the meter had an overcurrent", fatal=True))
        elif kind == _ERROR:
            text = body.decode("ascii", "replace").strip()
            faults.append(Fault("overflow", f"the meter says: {text}", fatal=True))
        elif kind == _END:
            return _halves(b"".join(parts)), faults, stamp
    return _halves(b"".join([*parts, raw[at : at + (len(raw) - at) // 2 * 2]])), faults, stamp


def _next_record(raw: bytes, at: int) -> int:
    """Where the next record begins: an F0 in a sample's first byte (no sample has the power 15); -1: nowhere."""
    place = raw.find(b"\xf0", at)
    while place >= 0 and (place - at) % 2:
        place = raw.find(b"\xf0", place + 1)
    return place


def _halves(data: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    words = np.frombuffer(data[: len(data) // 2 * 2], ">u2")
    return (words & 0xFFF) * 16.0 ** -(words >> 12).astype(np.float64)


def _full(percent: int) -> list[Fault]:
    return (
        [Fault("overflow", "the meter's buffer was full: samples were lost", fatal=True)]
        if percent >= FULL_BUFFER
        else []
    )


def _clock(span_s: float, stamp_s: float | None, host_s: float) -> list[Fault]:
    """The samples' time against the meter's stamps and the host's clock: lost samples show in either."""
    faults = []
    if stamp_s is not None and stamp_s - span_s > max(0.01, 0.002 * stamp_s):
        text = f"its last time stamp is {stamp_s:.3f} s, but its samples end at {span_s:.3f} s: samples were lost"
        faults.append(Fault("dropped", text, fatal=True))
    drift = clock_fault(span_s, host_s)
    return [*faults, drift] if drift else faults


def _open(where: str, options: Options) -> Meter:
    volts, rate = number(options, "volts"), int(number(options, "rate", 100_000))
    marker = MarkerLine(options["marker"])
    try:
        return Lpm01a(where, volts=volts, rate_hz=rate, marker=marker)
    except BaseException:
        marker.close()
        raise


KINDS = {
    "lpm01a": Kind(
        "lpm01a:PORT,volts=V,marker=PORT[,rate=HZ]",
        _open,
        needed=frozenset({"volts", "marker"}),
        allowed=frozenset({"rate"}),
    )
}
