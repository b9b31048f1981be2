"""Texas Instruments INA226 and INA228, read by a small board that sends their registers as lines of text.

Registers and scales are those of the data sheets SBOS547 (INA226) and SLYS021 (INA228). The firmware of the board is
``firmware/meters/ina``. A sample's line is five hexadecimal numbers: the board's microseconds in the middle of the
shunt voltage's conversion (32 bits, they wrap), the shunt voltage register, the bus voltage register, the flags
(INA226: Mask/Enable; INA228: DIAG_ALRT), and the marker pin (0 or 1), as ``0001e240 0a3c 0a50 0008 1``. A line
``0001e240 1`` is an edge of the marker; ``?`` instead of the level says that some were lost. A board that sends no
edges has them between two samples. What begins with ``#`` is for people.
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

LINE = re.compile(r"([0-9a-f]{8})(?: ([0-9a-f]{4,6}) ([0-9a-f]{4,6}) ([0-9a-f]{4}))? ([01?])")
LOST = -1
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
    """A recording from the lines. The first and the last may be cut; damaged ones between them are told.

    Raises SpikecError when there is no sample.
    """
    lines = [line.strip() for line in raw.decode("ascii", "replace").split("\n")[1:-1]]
    found = [match for match in map(LINE.fullmatch, lines) if match]
    said = sorted({f"its board says '{line[1:].strip()}'" for line in lines if line.startswith("#")})
    if not any(match[2] for match in found):
        hint = "Check its wires and its baud rate (docs/energy.md)"
        raise fail(instrument, "; ".join(said) or "it sent no readings that can be understood", hint)
    faults = [Fault("dropped", text) for text in said]
    damaged = sum(not line.startswith("#") for line in lines) - len(found)
    if damaged:
        faults.append(Fault("garbled", f"{damaged} lines of the meter were damaged on the way"))
    samples, turns = _table(found)
    ticks, shunt, bus, flags, marker = samples.T
    times = (ticks - ticks[0]) * 1e-6
    over = int((((flags & chip.overflow) != 0) | chip.saturated(shunt)).sum())
    if over:
        text = f"{over:,} samples are beyond the range of the {chip.name}"
        faults.append(Fault("overflow", f"{text}: its shunt is too large for this current", fatal=True))
    if len(times) and (drift := clock_fault(float(times[-1]), host_s)):
        faults.append(drift)
    if (turns[:, 1] == LOST).any():
        faults.append(Fault("edge", "the marker went up and down too fast for the meter's board: edges are missing"))
    turns = turns[turns[:, 1] != LOST]
    reach = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    edges = edges_of(times, marker != 0)
    if len(turns):
        edges, reach = ((turns[:, 0] - ticks[0]) * 1e-6, turns[:, 1] != 0), reach / 2
    return Recording(instrument, times, chip.watts(shunt, bus, ohms), *edges, tuple(faults), reach)


def _table(found: list[re.Match[str]]) -> tuple[Ints, Ints]:
    """Samples (n, 5) and edges (m, 2) of the lines, in microseconds that do not wrap.

    A sample is told some hundred microseconds later than an edge, so times go back a little from line to line.
    """
    raw = np.array([int(match[1], 16) for match in found], np.int64)
    steps = np.mod(np.diff(raw) + (1 << 31), 1 << 32) - (1 << 31)
    ticks = np.concatenate([raw[:1], raw[:1] + np.cumsum(steps)])
    samples, turns = list[list[int]](), list[list[int]]()
    for at, match in zip(ticks.tolist(), found, strict=True):
        level = LOST if match[5] == "?" else int(match[5])
        if match[2] is None:
            turns.append([at, level])
        else:
            samples.append([at, *(int(match[i], 16) for i in (2, 3, 4)), level])
    return np.array(samples, np.int64).reshape(-1, 5), np.array(turns, np.int64).reshape(-1, 2)


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
