"""Nordic's Power Profiler Kit II (PPK2): 100,000 samples a second, with eight logic inputs in each.

Its protocol is what Nordic's open nRF Connect Power Profiler speaks (github.com/NordicSemiconductor/pc-nrfconnect-ppk,
serialDevice). Commands are a byte and its arguments. A sample is a little-endian word of 32 bits: 14 bits of the
converter, 3 of the range, 6 of a counter from bit 18 on, 8 of the logic inputs from bit 24 on. Calibration figures,
which the instrument tells as text, turn the converter's value into amperes. The first samples after a change of range
do not count.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from codegen.ir import fail
from hostctl.meters.base import Fault, Floats, Meter, Recording, clock_fault, edges_of
from hostctl.meters.kind import Kind, Options, number
from hostctl.meters.port import InstrumentPort

AVERAGE_START, AVERAGE_STOP, DEVICE_RUNNING, REGULATOR_SET, POWER_MODE, GET_METADATA = (
    0x06,
    0x07,
    0x0C,
    0x0D,
    0x11,
    0x19,
)
AMPERE, SOURCE = 1, 2
RATE_HZ = 100_000
MIN_MV, MAX_MV = 800, 5000
RANGES, COUNTS, FULL_SCALE = 5, 64, (1 << 14) - 1
ADC_VOLTS = 1.8 / 163_840
"""Volts of a quarter of the converter's step."""
MAX_BREAKS = 0.01
"""With more samples out of turn than this share, bytes were lost and nothing behind them can be read."""
AFTER_SWITCH = 3
"""So many samples after a change of range are not settled."""
SETTLE_S = 0.2

Words = NDArray[np.uint32]


class Ppk2(Meter):
    """A PPK2 on serial port ``port``. ``volts``: the supply, 0.8 to 5; ``channel``: the marker's logic input, 0 to 7.

    ``source``: the PPK2 supplies the board itself; else it is in the board's supply as an ampere meter.
    """

    instrument = "Nordic PPK2"

    def __init__(self, port: str, *, volts: float, channel: int = 0, source: bool = True) -> None:
        """Open and set it up. Raises SpikecError: no such port, no PPK2, figures out of range."""
        millivolts = round(volts * 1000)
        if not MIN_MV <= millivolts <= MAX_MV:
            raise fail("--meter ppk2", f"volts={volts:g} is out of its range", "Give 0.8 to 5")
        if channel not in range(8):
            raise fail("--meter ppk2", f"channel={channel} does not exist", "Give 0 to 7")
        self._volts, self._channel = volts, channel
        self._port = InstrumentPort(port, 115_200)
        self._port.send(bytes([AVERAGE_STOP]))
        self._port.drain()
        self._port.send(bytes([GET_METADATA]))
        self._calibration = read_metadata(self._port.until(b"END").decode("ascii", "replace"))
        self._port.send(bytes([POWER_MODE, SOURCE if source else AMPERE]))
        # The regulator's setting counts millivolts from 800, which is written as 3 times 256 and 32.
        self._port.send(bytes([REGULATOR_SET, *divmod(3 * 256 + 32 + millivolts - MIN_MV, 256)]))
        self._port.send(bytes([DEVICE_RUNNING, 1]))

    def start(self) -> None:
        """Begin to record."""
        self._port.drain()
        self._port.listen()
        self._port.send(bytes([AVERAGE_START]))

    def stop(self) -> Recording:
        """End the recording; the board stays supplied."""
        self._port.send(bytes([AVERAGE_STOP]))
        span = time.monotonic() - self._port.started
        time.sleep(SETTLE_S)
        raw = self._port.collected()
        words = np.frombuffer(raw[: len(raw) // 4 * 4], "<u4")
        return decode(words, self._calibration, self._volts, self._channel, span)

    def close(self) -> None:
        """Close the port."""
        self._port.close()


def read_metadata(text: str) -> dict[str, Floats]:
    """Calibration figures by their letters (R, GS, GI, O, S, I, UG), each (5,): one a range."""
    found = {"R": [1031.64, 101.65, 10.15, 0.94, 0.043], **{key: [1.0] * RANGES for key in ("GS", "GI", "UG")}}
    found |= {key: [0.0] * RANGES for key in ("O", "S", "I")}
    for line in text.splitlines():
        name, _, value = line.partition(": ")
        if name[:-1] in found and name[-1:] in set("01234"):
            try:
                number = float(value)
            except ValueError as error:
                raise fail("ppk2", f"its calibration says '{line}'", "Calibrate it with Nordic's program") from error
            if name[:-1] != "R" or number != 0:
                found[name[:-1]][int(name[-1])] = number
    return {key: np.array(values) for key, values in found.items()}


def decode(
    words: Words, calibration: Mapping[str, Floats], volts: float, channel: int, host_s: float = 0.0
) -> Recording:
    """A recording from the instrument's words. ``host_s``: how long it took on the host's clock."""
    turns = (words >> 18) & (COUNTS - 1)
    steps = np.mod(np.diff(turns.astype(np.int64)), COUNTS)
    steps[steps == 0] = COUNTS
    ranges = ((words >> 14) & 7).astype(np.uint32)
    faults = _faults(words, steps, ranges)
    times = np.concatenate([[0], np.cumsum(steps)]) / RATE_HZ if len(words) else np.zeros(0)
    amps = _amps(words, np.minimum(ranges, RANGES - 1).astype(np.uint32), calibration, volts)
    if len(times) and (drift := clock_fault(float(times[-1]), host_s)):
        faults.append(drift)
    high = ((words >> 24 + channel) & 1).astype(np.bool_)
    return Recording(Ppk2.instrument, times, amps * volts, *edges_of(times, high), tuple(faults))


def _faults(words: Words, steps: NDArray[np.int64], ranges: Words) -> list[Fault]:
    faults = []
    breaks = int((steps != 1).sum())
    if breaks > MAX_BREAKS * len(words) or (ranges >= RANGES).any():
        text = "bytes were lost on the way from the meter: its samples cannot be read any more"
        faults.append(Fault("garbled", text, fatal=True))
    elif breaks:
        text = f"its counter is out of turn {breaks} times: {int((steps - 1).sum()):,} samples or more were lost"
        faults.append(Fault("dropped", text))
    full = int(((words & FULL_SCALE == FULL_SCALE) & (ranges == RANGES - 1)).sum())
    if full:
        faults.append(Fault("overflow", f"{full:,} samples are at the end of the meter's range", fatal=True))
    return faults


def _amps(words: Words, ranges: Words, calibration: Mapping[str, Floats], volts: float) -> Floats:
    of = {key: values[ranges] for key, values in calibration.items()}
    plain = ((words & FULL_SCALE) * 4.0 - of["O"]) * (ADC_VOLTS / of["R"])
    amps: Floats = of["UG"] * (plain * (of["GS"] * plain + of["GI"]) + (of["S"] * volts + of["I"]))
    return _settled(amps, ranges)


def _settled(amps: Floats, ranges: Words) -> Floats:
    """The samples right after a change of range replaced by the next one that is settled, or at the end by the last.

    Nordic's program puts a moving average there, which lags: where the current steps across ranges with the marker,
    each pulse would lose the energy of a sample or more.
    """
    since = np.arange(len(ranges)) - np.maximum.accumulate(
        np.where(np.diff(ranges, prepend=ranges[:1]) != 0, np.arange(len(ranges)), -AFTER_SWITCH)
    )
    sound = np.flatnonzero(since >= AFTER_SWITCH)
    if not len(sound):
        return amps
    at = np.minimum(np.searchsorted(sound, np.arange(len(amps))), len(sound) - 1)
    settled: Floats = amps[sound[at]]
    return settled


def _open(where: str, options: Options) -> Meter:
    mode = options.get("mode", "source")
    if mode not in {"source", "ampere"}:
        raise fail("--meter", f"mode={mode} is unknown", "Give source or ampere")
    volts, channel = number(options, "volts"), int(number(options, "channel", 0))
    return Ppk2(where, volts=volts, channel=channel, source=mode == "source")


KINDS = {
    "ppk2": Kind(
        "ppk2:PORT,volts=V[,channel=0..7][,mode=source|ampere]",
        _open,
        needed=frozenset({"volts"}),
        allowed=frozenset({"channel", "mode"}),
    )
}
