"""Texas Instruments INA226 and INA228, read by a small board that sends their registers as lines of text.

Registers and scales are those of the data sheets SBOS547 (INA226) and SLYS021 (INA228). A line is five hexadecimal
numbers: the board's microseconds (32 bits, they wrap), the shunt voltage register, the bus voltage register, the flags
(INA226: Mask/Enable; INA228: DIAG_ALRT), and the marker pin (0 or 1), as ``0001e240 0a3c 0a50 0008 1``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir import fail
from hostctl.meters.base import Fault, Floats, Meter, Recording, clock_fault, edges_of
from hostctl.meters.kind import Kind, Options, number
from hostctl.meters.port import InstrumentPort

LINE = re.compile(r"([0-9a-f]{8}) ([0-9a-f]{4,6}) ([0-9a-f]{4,6}) ([0-9a-f]{4}) ([01])")
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Chip:
    """Scales of a chip's registers: volts a step, bits of the registers and bits at their end that say nothing."""

    name: str
    shunt_volts: float
    bus_volts: float
    bits: int
    unused: int
    overflow: int

    def signed(self, values: Ints) -> Ints:
        """Two's complement registers as numbers, without the bits that say nothing."""
        top = 1 << (self.bits - 1)
        return ((values ^ top) - top) >> self.unused

    def watts(self, shunt: Ints, bus: Ints, ohms: float) -> Floats:
        """Power of the load: shunt and bus registers as they were read, and the shunt's resistance."""
        return self.signed(shunt) * self.shunt_volts / ohms * (self.signed(bus) * self.bus_volts)

    def saturated(self, shunt: Ints) -> NDArray[np.bool_]:
        """Where the shunt's voltage is at the end of its range."""
        end = (1 << (self.bits - self.unused - 1)) - 1
        found: NDArray[np.bool_] = (self.signed(shunt) >= end) | (self.signed(shunt) <= -end - 1)
        return found


CHIPS = {
    "ina226": Chip("INA226", 2.5e-6, 1.25e-3, 16, 0, 1 << 2),
    "ina228": Chip("INA228", 312.5e-9, 195.3125e-6, 24, 4, 1 << 9),
}
"""``overflow``: the flag OVF of the INA226, MATHOF of the INA228, whose shunt range is the wide one (ADCRANGE 0)."""


class Ina(Meter):
    """An INA226 or INA228 whose registers come on serial port ``port``. ``shunt``: its shunt in ohms."""

    def __init__(self, kind: str, port: str, *, shunt: float, baud: int = 1_000_000) -> None:
        """Open the port. Raises SpikecError: no such port, or a shunt that is none."""
        if shunt <= 0:
            raise fail(f"--meter {kind}", f"shunt={shunt:g} is no resistance", "Give the shunt in ohms")
        self._chip, self._ohms = CHIPS[kind], shunt
        self.instrument = f"TI {self._chip.name} with a shunt of {shunt:g} ohms"
        self._port = InstrumentPort(port, baud)

    def start(self) -> None:
        """Begin to record."""
        self._port.listen()

    def stop(self) -> Recording:
        """End the recording."""
        span = time.monotonic() - self._port.started
        return decode(self._port.collected(), self._chip, self._ohms, self.instrument, span)

    def close(self) -> None:
        """Close the port."""
        self._port.close()


def decode(raw: bytes, chip: Chip, ohms: float, instrument: str, host_s: float = 0.0) -> Recording:
    """A recording from the lines. The first and the last may be cut; damaged ones between them are told."""
    lines = raw.decode("ascii", "replace").split("\n")[1:-1]
    found = [match for match in map(LINE.fullmatch, (line.strip() for line in lines)) if match]
    faults = []
    if len(found) < len(lines):
        faults.append(Fault("garbled", f"{len(lines) - len(found)} lines of the meter were damaged on the way"))
    values = np.array([[int(part, 16) for part in match.groups()] for match in found], np.int64).reshape(-1, 5)
    ticks, shunt, bus, flags, marker = values.T
    times = np.concatenate([[0], np.cumsum(np.mod(np.diff(ticks), 1 << 32))])[: len(ticks)] * 1e-6
    over = int((((flags & chip.overflow) != 0) | chip.saturated(shunt)).sum())
    if over:
        text = f"{over:,} samples are beyond the range of the {chip.name}"
        faults.append(Fault("overflow", f"{text}: its shunt is too large for this current", fatal=True))
    if len(times) and (drift := clock_fault(float(times[-1]), host_s)):
        faults.append(drift)
    edges = edges_of(times, marker != 0)
    return Recording(instrument, times, chip.watts(shunt, bus, ohms), *edges, tuple(faults))


def _opener(kind: str) -> Callable[[str, Options], Meter]:
    def open_ina(where: str, options: Options) -> Meter:
        return Ina(kind, where, shunt=number(options, "shunt"), baud=int(number(options, "baud", 1_000_000)))

    return open_ina


KINDS = {
    name: Kind(
        f"{name}:PORT,shunt=OHMS[,baud=N]", _opener(name), needed=frozenset({"shunt"}), allowed=frozenset({"baud"})
    )
    for name in CHIPS
}
