"""Nordic's Power Profiler Kit II by its own serial protocol: 100,000 samples a second with eight logic inputs.

Source: Nordic's program (github.com/NordicSemiconductor/pc-nrfconnect-ppk, src/device/serialDevice.ts and
src/constants.ts). A sample is 32 bits, little-endian: 14 of the converter, 3 of the range, one not used, 6 of a
counter, 8 of the logic inputs. What the counter skips is lost. The package ppk2-api is not used: it drops the counter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from codegen.ir import fail
from hostctl.meters.choose import needed
from hostctl.meters.kinds._port import open_port, read_some, read_until, send
from hostctl.meters.meter import Chunk, Fault, Meter, Values

SETTINGS = {"volts": 0.0, "source": 0.0, "marker": 0.0}
"""``volts``: the supply; ``source``: 1 lets the PPK2 give it, 0 leaves it to measure in line; ``marker``: input D0 to
D7.
"""

PERIOD = 10e-6
_METADATA, _START, _STOP, _RUNNING, _REGULATOR, _MODE = 0x19, 0x06, 0x07, 0x0C, 0x0D, 0x11
_ADC_VOLTS = 1.8 / 163_840
_SHUNTS = (1031.64, 101.65, 10.15, 0.94, 0.043)
_COUNTER = 64
_ALPHA, _ALPHA_HIGHEST, _AFTER_SWITCH = 0.18, 0.06, 3
_MEMORY = 512
"""Behind a change of range three samples are replaced by running means, as Nordic's program does."""


def make(where: str, settings: Mapping[str, float]) -> Meter:
    """Make the driver. Raises SpikecError for settings that it cannot have."""
    volts = needed("ppk2", settings, "volts", "It measures current only. Say the supply's voltage: ppk2:PORT,volts=3.3")
    if not 0.8 <= volts <= 5.0 or settings["marker"] not in range(8):
        raise fail("--meter", "ppk2 takes volts from 0.8 to 5 and marker from 0 to 7", "See docs/energy.md")
    return Ppk2(where, volts, source=bool(settings["source"]), marker=int(settings["marker"]))


class Ppk2(Meter):
    """One kit at a serial port."""

    period = PERIOD

    def __init__(self, where: str, volts: float, *, source: bool, marker: int) -> None:
        self.name = f"Nordic PPK2 at {volts:g} V"
        self.faults: list[Fault] = []
        self._where, self._volts, self._source, self._marker = where, volts, source, marker
        self._rest = b""
        self._count = 0  # Samples so far, lost ones too.
        self._next: int | None = None  # The counter that should come.
        self._filter = Filter()

    def start(self) -> None:
        """Read the calibration, set voltage and mode, and begin."""
        self._port = open_port(self._where, "ppk2")
        send(self._port, bytes([_STOP]))
        while read_some(self._port):
            pass
        send(self._port, bytes([_METADATA]))
        self._calibration = Calibration(read_until(self._port, (b"END",)).decode("ascii", "replace"))
        millivolts = round(1000 * self._volts)
        send(self._port, bytes([_REGULATOR, millivolts >> 8, millivolts & 0xFF]))
        send(self._port, bytes([_MODE, 2 if self._source else 1]))
        if self._source:
            send(self._port, bytes([_RUNNING, 1]))
        send(self._port, bytes([_START]))

    def read(self) -> list[Chunk]:
        """Give what has come."""
        return self.decode(read_some(self._port))

    def stop(self) -> list[Chunk]:
        """End sampling; a supply that it gives stays on."""
        send(self._port, bytes([_STOP]))
        chunks = self.decode(read_some(self._port))
        self._port.close()
        return chunks

    def decode(self, data: bytes) -> list[Chunk]:
        """Make samples of bytes; what is left of a sample waits for the next ones."""
        data = self._aligned(self._rest + data)
        whole = len(data) // 4 * 4
        self._rest = data[whole:]
        raw = np.frombuffer(data[:whole], "<u4")
        if not len(raw):
            return []
        counter = ((raw >> 18) & (_COUNTER - 1)).astype(np.int64)
        skipped = self._skipped(counter)
        if skipped.any():
            self.fault("lost", "samples that the counter skipped", int(skipped.sum()))
        ranges = np.minimum((raw >> 14) & 7, len(_SHUNTS) - 1).astype(int)
        amps = self._filter(
            self._calibration.amps(4.0 * (raw & 0x3FFF).astype(np.float64), ranges, self._volts), ranges
        )
        marker = (raw >> (24 + self._marker) & 1).astype(float)
        places = self._count + np.arange(len(raw)) + np.cumsum(skipped)
        self._count = int(places[-1]) + 1
        times: Values = places.astype(np.float64) * PERIOD
        return [Chunk(times, amps * self._volts, marker)]

    def _skipped(self, counter: NDArray[np.int64]) -> NDArray[np.int64]:
        expected = np.concatenate([[counter[0] if self._next is None else self._next], (counter[:-1] + 1) % _COUNTER])
        self._next = int(counter[-1] + 1) % _COUNTER
        skipped: NDArray[np.int64] = (counter - expected) % _COUNTER
        return skipped

    def _aligned(self, data: bytes) -> bytes:
        """Where bytes were lost, samples begin elsewhere: find the place at which counters follow one another."""

        def breaks(offset: int) -> float:
            raw = np.frombuffer(data[offset : offset + (len(data) - offset) // 4 * 4], "<u4")
            counter = (raw >> 18) & (_COUNTER - 1)
            return float(np.mean((counter[1:] - counter[:-1]) % _COUNTER != 1)) if len(raw) > 8 else 0.0

        if breaks(0) < 0.5:
            return data
        best = min(range(4), key=breaks)
        if best:
            self.fault("garbled", "bytes in the middle of a sample")
        return data[best:]


class Calibration:
    """What the kit says of its five ranges: resistance, gains and offsets; what it does not say is Nordic's default."""

    def __init__(self, text: str) -> None:
        defaults = {"R": _SHUNTS, "GS": (1.0,) * 5, "GI": (1.0,) * 5, "O": (0.0,) * 5, "S": (0.0,) * 5, "I": (0.0,) * 5}
        self._of = {key: np.array(values, float) for key, values in {**defaults, "UG": (1.0,) * 5}.items()}
        for key, place, value in re.findall(r"^\s*([A-Z]+)([0-4]): *(-?[0-9][0-9.eE+-]*)\s*$", text, re.MULTILINE):
            if key in self._of and (float(value) or key != "R"):
                self._of[key][int(place)] = float(value)

    def amps(self, adc: Values, ranges: NDArray[np.int64], volts: float) -> Values:
        """Current in amperes of the converter's values in their ranges."""
        of = {key: values[ranges] for key, values in self._of.items()}
        plain = (adc - of["O"]) * (_ADC_VOLTS / of["R"])
        amps: Values = of["UG"] * (plain * (of["GS"] * plain + of["GI"]) + (of["S"] * volts + of["I"]))
        return amps


class Filter:
    """The running means that stand in for the first samples in a new range; state goes on from chunk to chunk."""

    def __init__(self) -> None:
        self._mean: float | None = None
        self._slow = 0.0
        self._range, self._left, self._since = -1, 0, 0

    def __call__(self, amps: Values, ranges: NDArray[np.int64]) -> Values:
        """Filter a chunk. Where the range stays, all samples are kept as they are."""
        out = amps.copy()
        switches = np.flatnonzero(np.diff(ranges, prepend=self._range if self._range >= 0 else ranges[0]))
        at = 0
        for switch in switches:
            self._forward(amps[at + self._pending(out, amps, ranges, at, int(switch)) : switch])
            at = int(switch)
            self._left, self._since = _AFTER_SWITCH, 0
        done = self._pending(out, amps, ranges, at, len(amps))
        self._forward(amps[at + done :])
        self._range = int(ranges[-1])
        return out

    def _pending(self, out: Values, amps: Values, ranges: NDArray[np.int64], at: int, stop: int) -> int:
        """Replace the samples that are still to be replaced; returns how many."""
        count = min(self._left, stop - at)
        for k in range(at, at + count):
            highest = ranges[k] == len(_SHUNTS) - 1
            if not (highest and self._since < 2):
                self._forward(amps[k : k + 1])
            if self._mean is not None:
                out[k] = self._slow if highest else self._mean
            self._since += 1
        self._left -= count
        return count

    def _forward(self, amps: Values) -> None:
        """Carry both means over samples: all but the last few hundred have no weight left."""
        if not len(amps):
            return
        if self._mean is None:
            self._mean = self._slow = float(amps[0])
            amps = amps[1:]
        amps = amps[-_MEMORY:]
        powers = np.arange(len(amps))[::-1]
        self._mean = self._mean * (1 - _ALPHA) ** len(amps) + _ALPHA * float(amps @ (1 - _ALPHA) ** powers)
        self._slow = self._slow * (1 - _ALPHA_HIGHEST) ** len(amps) + _ALPHA_HIGHEST * float(
            amps @ (1 - _ALPHA_HIGHEST) ** powers
        )
