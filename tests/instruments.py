"""Power meters that are simulated: each speaks its real protocol over a pty (Joulescope: the calls of its package), in
real time, about a board whose power at every moment is known, and has faults on request.

They are written from the makers' documents that the drivers name, not from the drivers.
"""

from __future__ import annotations

import math
import os
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Waveform:
    """A board at 3.3 V: ``idle`` watts, and inferences of ``seconds`` at odd times in which power swings around
    ``work``.
    """

    inferences: int = 12
    seconds: float = 0.05
    pause: float = 0.0317
    rest: float = 0.2113
    idle: float = 0.012
    work: float = 0.055
    swing: float = 0.02
    volts: float = 3.3

    @property
    def length(self) -> float:
        return self.rest + self.inferences * (self.seconds + self.pause)

    def phase(self, t: Values) -> Values:
        """Share of an inference that is over, below 0 or above 1 outside."""
        return np.where(
            (t >= self.rest) & (t < self.length),
            np.mod(t - self.rest, self.seconds + self.pause) / self.seconds,
            -1.0,
        )

    def marker(self, t: Values) -> NDArray[np.bool_]:
        phase = self.phase(t)
        return (phase >= 0) & (phase < 1)

    def watts(self, t: Values) -> Values:
        active = self.work + self.swing * np.sin(2 * np.pi * 3 * self.phase(t)) ** 2
        return np.where(self.marker(t), active, self.idle)

    @property
    def joules(self) -> float:
        """Of one inference, idle included: the sine's square is a half in the mean."""
        return self.seconds * (self.work + self.swing / 2)


Batches = Callable[[int, int], bytes]


class Instrument:
    """A meter behind a pty: ``answer`` gets commands, ``batch(first, stop)`` makes the bytes of samples."""

    hz = 1000.0

    def __init__(self, wave: Waveform) -> None:
        self.wave = wave
        self.heard = b""
        self.running = threading.Event()
        self._ended = threading.Event()
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.port = os.ttyname(slave)
        os.set_blocking(self._master, False)
        self._slave = slave
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        sent, began = 0, 0.0
        while select.select([self._master], [], [], 0)[0] or not self._ended.is_set():
            if select.select([self._master], [], [], 0.002)[0]:
                was = self.running.is_set()
                self.answer(os.read(self._master, 4096))
                if self.running.is_set() and not was:
                    sent, began = 0, time.monotonic()
            if self.running.is_set():
                due = min(int((time.monotonic() - began) * self.hz), sent + int(self.hz / 20) + 1)
                if due > sent:
                    self.say(self.batch(sent, due))
                    sent = due

    def say(self, data: bytes) -> None:
        """Send; what nobody reads any more is dropped when a command comes or the end."""
        while data and not self._ended.is_set():
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                if select.select([self._master], [], [], 0.005)[0]:
                    return

    def answer(self, data: bytes) -> None:
        raise NotImplementedError

    def batch(self, first: int, stop: int) -> bytes:
        raise NotImplementedError

    def times(self, first: int, stop: int) -> Values:
        return np.arange(first, stop) / self.hz


class Ppk2Kit(Instrument):
    """Nordic's kit: 32-bit samples in the range that fits. ``drop``: samples (first, count) that USB lost; ``cut``: a
    sample of which one byte is missing.
    """

    hz = 100_000.0
    SHUNTS = (1000.0, 100.0, 10.0, 1.0, 0.05)

    def __init__(self, wave: Waveform, *, drop: tuple[int, int] = (0, 0), cut: int = -1, dead: bool = False) -> None:
        self.drop, self.cut, self.dead = drop, cut, dead
        super().__init__(wave)

    def answer(self, data: bytes) -> None:
        self.heard += data
        if 0x19 in data and not self.running.is_set():
            lines = [f"R{i}: {r:.4f}" for i, r in enumerate(self.SHUNTS)]
            constants = {"GS": 0.0, "GI": 1.0, "O": 100.0, "S": 0.0, "I": 0.0, "UG": 1.0}
            lines += [f"{key}{i}: {value}" for key, value in constants.items() for i in range(5)]
            self.say(("Calibrated: 0\n" + "\n".join(lines) + "\nHW: 9173\nIA: 56\nEND").encode())
        if 0x06 in data and 0x19 not in data:
            self.running.set()
        elif 0x07 in data:
            self.running.clear()

    def batch(self, first: int, stop: int) -> bytes:
        t = self.times(first, stop)
        amps = self.wave.watts(t) / self.wave.volts
        adc_volt = 1.8 / 163_840
        plain = np.array([np.rint((amps * r / adc_volt + 100) / 4) for r in self.SHUNTS])
        fits = plain < 1 << 14
        ranges = np.argmax(fits, axis=0)  # The most sensitive range that holds the current.
        adc = plain[ranges, np.arange(len(t))].astype(np.uint32)
        counter = (np.arange(first, stop) % 64).astype(np.uint32)
        logic = np.where(self.wave.marker(t) & (not self.dead), 1, 0).astype(np.uint32) | 0x80
        raw = adc | ranges.astype(np.uint32) << 14 | counter << 18 | logic << 24
        numbers = np.arange(first, stop)
        kept = (numbers < self.drop[0]) | (numbers >= sum(self.drop))
        data = raw.astype("<u4")[kept].tobytes()
        if first <= self.cut < stop:
            at = 4 * (self.cut - first)
            data = data[: at + 1] + data[at + 2 :]
        return data


class PowerShield(Instrument):
    """ST's PowerShield. ``faults``: sample number to what is said there: ``full``, ``over``, ``error``, ``lost`` (500
    samples).
    """

    LOST = 500

    def __init__(self, wave: Waveform, *, faults: dict[int, str] | None = None, refuse: str = "-") -> None:
        self.faults, self.refuse, self.words = faults or {}, refuse, False
        self._load, self._line = 0, b""
        super().__init__(wave)

    def answer(self, data: bytes) -> None:
        *lines, self._line = (self._line + data).split(b"\n")
        for line in lines:
            text = line.decode().strip()
            self.heard += line + b"\n"
            if text.startswith(self.refuse):
                self.say(b"\r\nPowerShield > error: Command unknown\r\n")
                continue
            if text.startswith("freq"):
                self.hz = float(text.split()[1].replace("k", "000"))
            if text.startswith("format"):
                self.words = text.endswith("bin_hexa")
            self.say(f"\r\nPowerShield > ack {text}\r\n\r\n".encode())
            if text == "stop":
                self.running.clear()
            if text == "start":
                self.running.set()

    def batch(self, first: int, stop: int) -> bytes:
        t = self.times(first, stop)
        amps = self.wave.watts(t) / self.wave.volts
        samples = [self._word(a) if self.words else self._text(a) for a in amps]
        every = max(int(self.hz / 100), 1)
        out = []
        for number, sample in zip(range(first, stop), samples, strict=True):
            if number % every == 0:
                out.append(self._stamp(int(number * 1000 / self.hz)))
            fault = self.faults.get(number)
            out.append(b"" if fault is None else self._fault(fault))
            if not any(what == "lost" and at <= number < at + self.LOST for at, what in self.faults.items()):
                out.append(sample)
        return b"".join(out)

    @staticmethod
    def _word(amps: float) -> bytes:
        power = min(max(math.floor(-math.log(amps / 4095, 16)), 0), 14)
        return (power << 12 | round(amps * 16.0**power)).to_bytes(2)

    @staticmethod
    def _text(amps: float) -> bytes:
        power = math.floor(math.log10(amps)) - 3
        return f"{round(amps / 10.0**power):04d}{power:+03d}\r\n".encode()

    def _stamp(self, ms: int) -> bytes:
        load, self._load = self._load, 0
        if self.words:
            return b"\xf0\xf3" + ms.to_bytes(4) + bytes([load]) + b"\xff\xff"
        return f"\r\nTimeStamp: {ms // 1000:03d}s {ms % 1000:03d}ms, buff {load:02d}%\r\n\0".encode()

    def _fault(self, what: str) -> bytes:
        if what == "full":
            self._load = 100
        if what == "over":
            return b"\xf0\xf5\xff\xff"
        if what == "error":
            return b"\xf0\xf1Dynamic range exceeded\xff\xff" if self.words else b"error: Dynamic range exceeded\r\n"
        return b""


class InaBoard(Instrument):
    """A board that sends an INA's registers. ``faults``: line number to ``lost``, ``overflow`` or ``noise``;
    ``start``: where its clock (us) and its sequence stand.
    """

    hz = 4000.0

    def __init__(self, wave: Waveform, chip: str, *, faults: dict[int, str] | None = None, start: int = 0) -> None:
        self.chip, self.faults, self.begin = chip, faults or {}, start
        super().__init__(wave)
        self.running.set()

    def answer(self, data: bytes) -> None:
        self.heard += data

    def lines(self, first: int, stop: int) -> Iterator[str]:
        t = self.times(first, stop)
        bus_lsb, shunt_lsb, overflow = (1.25e-3, 2.5e-6, 4) if self.chip == "ina226" else (195.3125e-6, 312.5e-9, 512)
        bus = np.rint(np.full(len(t), self.wave.volts) / bus_lsb).astype(int)
        amps = self.wave.watts(t) / (bus * bus_lsb)
        shunt = np.rint(amps * 1.0 / shunt_lsb).astype(int)
        for i, number in enumerate(range(first, stop)):
            fault = self.faults.get(number)
            if fault == "lost":
                continue
            micros = (self.begin + round(1e6 * t[i])) & 0xFFFF_FFFF
            marker = int(self.wave.marker(t[i : i + 1])[0])
            alert = overflow if fault == "overflow" else 2
            line = f"{self.chip} {(self.begin + number) & 0xFFFF} {micros} {bus[i]} {shunt[i]} {marker} {alert:x}"
            yield line.replace(" ", "~", 2) if fault == "noise" else line

    def batch(self, first: int, stop: int) -> bytes:
        return "".join(f"{line}\r\n" for line in self.lines(first, stop)).encode()


class JoulescopeDriver:
    """What the package's ``Driver`` does for one JS220: topics, and streams from a thread of its own.

    ``missing``: samples (first, count) that are NaN; ``skip``: samples that never come, so that ``sample_id`` jumps.
    """

    PATH = "u/js220/000415"
    BLOCK = 1000

    def __init__(self, wave: Waveform, *, missing: tuple[int, int] = (0, 0), skip: tuple[int, int] = (0, 0)) -> None:
        self.wave, self.missing, self.skip = wave, missing, skip
        self.values: dict[str, object] = {}
        self.opened = self.finalized = False
        self._listeners: dict[str, Callable[[str, dict[str, object]], None]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def device_paths(self) -> list[str]:
        return [self.PATH]

    def open(self, path: str, mode: str) -> None:
        assert (path, mode) == (self.PATH, "defaults")
        self.opened = True

    def publish(self, topic: str, value: object) -> None:
        assert self.opened
        self.values[topic.removeprefix(f"{self.PATH}/")] = value
        if all(self.values.get(f"{name}/ctrl") == 1 for name in ("s/p", "s/gpi/0")) and not self._thread.is_alive():
            self._thread.start()

    def subscribe(self, topic: str, flags: str, fn: Callable[[str, dict[str, object]], None]) -> None:
        assert flags == "pub"
        self._listeners[topic] = fn

    def unsubscribe(self, topic: str, fn: Callable[[str, dict[str, object]], None]) -> None:
        assert self._listeners.pop(topic) == fn

    def close(self, path: str) -> None:
        assert path == self.PATH
        self._ended.set()
        self._thread.join()

    def finalize(self) -> None:
        self.finalized = True

    def _run(self) -> None:
        hz, block = float(self.values["h/fs"]), self.BLOCK  # type: ignore[arg-type]
        factor, first, began = round(2_000_000 / hz), 0, time.monotonic()
        while not self._ended.is_set():
            if first > (time.monotonic() - began) * hz:
                time.sleep(0.002)
                continue
            numbers = np.arange(first, first + block)
            first += block
            if self.skip[0] <= numbers[0] < sum(self.skip):
                continue
            t = numbers / hz
            watts = self.wave.watts(t).astype(np.float32)
            watts[(numbers >= self.missing[0]) & (numbers < sum(self.missing))] = np.nan
            number = 777_000_000 + int(numbers[0]) * factor
            about = {"sample_id": number, "sample_rate": 2_000_000, "decimate_factor": factor}
            bits = np.packbits(self.wave.marker(t), bitorder="little")
            for topic, data in (("s/p/!data", watts), ("s/gpi/0/!data", bits)):
                listener = self._listeners.get(f"{self.PATH}/{topic}")
                if listener is not None:
                    listener(f"{self.PATH}/{topic}", {**about, "data": data})


@contextmanager
def closing(instrument: Instrument) -> Iterator[Instrument]:
    """The instrument, until the block ends."""
    try:
        yield instrument
    finally:
        instrument.close()
