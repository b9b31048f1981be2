"""Simulated instruments: each speaks its real protocol on a pty, or stands in for its package's API."""

from __future__ import annotations

import os
import struct
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from meter_waves import Wave

VOLTS = 3.3
PPK2_OHMS = (1031.64, 101.65, 10.15, 0.94, 0.043)
PPK2_TOPS = (50e-6, 500e-6, 5e-3, 60e-3)


@contextmanager
def instrument(answer: Callable[[bytes, Callable[[bytes], None]], None]) -> Iterator[str]:
    """A pty whose far end is a thread that hands what it reads to ``answer``, with a function that writes."""
    far, near = os.openpty()
    tty.setraw(near)
    ending = threading.Event()

    def write(data: bytes) -> None:
        view = memoryview(data)
        while view and not ending.is_set():
            view = view[os.write(far, view[:4096]) :]

    def run() -> None:
        while not ending.is_set():
            try:
                data = os.read(far, 4096)
            except OSError:
                return
            answer(data, write)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield os.ttyname(near)
    finally:
        ending.set()
        os.close(near)
        thread.join(2)
        os.close(far)


class Ppk2Device:
    """The other end of a PPK2's protocol; the whole wave is sent when measuring starts. ``commands``: all that came."""

    def __init__(self, words: np.ndarray) -> None:
        self.words, self.commands = words, bytearray()
        self.done = threading.Event()

    def __call__(self, data: bytes, write: Callable[[bytes], None]) -> None:
        self.commands += data
        lengths = {0x0C: 2, 0x0D: 3, 0x11: 2}
        while data:
            command, data = data[0], data[lengths.get(data[0], 1) :]
            if command == 0x19:
                ohms = "".join(f"R{i}: {ohms}\n" for i, ohms in enumerate(PPK2_OHMS))
                flat = "".join(f"{key}{i}: {value}\n" for key, value in CALIBRATION for i in range(5))
                write(f"Calibrated: 0\n{ohms}{flat}HW: 9173\nIA: 56\nEND".encode())
            elif command == 0x06:
                write(self.words.astype("<u4").tobytes())
                self.done.set()


CALIBRATION = (("GS", 0.0), ("GI", 1.0), ("O", 112.0), ("S", 0.0), ("I", 0.0), ("UG", 1.0))


def ppk2_words(wave: Wave, channel: int = 0) -> np.ndarray:
    """What a PPK2 with these calibration figures sends for a wave: range, converter's value, counter, marker."""
    times = (np.arange(round(wave.length_s * 100_000)) + 0.37) / 100_000
    watts, high = wave.at(times)
    amps = watts / VOLTS
    ranges = np.searchsorted(PPK2_TOPS, amps)
    value = np.rint((amps * np.array(PPK2_OHMS)[ranges] / (1.8 / 163_840) + 112) / 4).astype(np.uint32)
    assert value.max() < 1 << 14
    counter = np.arange(len(times), dtype=np.uint32) & 63
    return value | ranges.astype(np.uint32) << 14 | counter << 18 | high.astype(np.uint32) << (24 + channel)


class PowerShield:
    """The other end of a PowerShield's protocol: every command acknowledged, ``data`` sent after the start."""

    def __init__(self, data: bytes, refuse: str = "") -> None:
        self.data, self.refuse, self.lines = data, refuse, list[str]()
        self._rest = b""
        self.done = threading.Event()

    def __call__(self, data: bytes, write: Callable[[bytes], None]) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            command = line.decode()
            self.lines.append(command)
            if self.refuse and command.startswith(self.refuse):
                write(f"\r\nPowerShield > err {command}\r\n\r\n".encode())
            elif command == "stop":
                write(
                    b"\r\nPowerShield > Acquisition completed\r\n" if b"\xf0" not in self.data else b"\xf0\xf4\xff\xff"
                )
            else:
                write(f"\r\nPowerShield > ack {command}\r\n\r\n".encode())
            if command == "start":
                write(self.data)
                self.done.set()


def shield_stamp(ms: int, percent: int) -> bytes:
    return b"\xf0\xf3" + struct.pack(">IB", ms, percent) + b"\xff\xff"


def shield_binary(amps: np.ndarray, rate: int) -> bytes:
    """Samples in two bytes, with a time stamp each tenth of a second."""
    power = np.clip(np.floor(np.log(4095 / np.maximum(amps, 1e-12)) / np.log(16)), 0, 14).astype(int)
    words = (power << 12 | np.rint(amps * 16.0**power).astype(int)).astype(">u2")
    step = rate // 10
    parts = []
    for first in range(0, len(words), step):
        part = words[first : first + step]
        parts += [part.tobytes(), shield_stamp((first + len(part)) * 1000 // rate, 3)]
    return b"".join(parts)


def shield_ascii(amps: np.ndarray, rate: int) -> bytes:
    """Samples as four digits and a power of ten, with a time stamp each tenth of a second."""
    lines = []
    for i, value in enumerate(amps):
        power = int(np.floor(np.log10(value))) - 3
        lines.append(f"{round(value / 10.0**power):04d}{power:+03d}\r\n")
        if (i + 1) % (rate // 10) == 0:
            ms = (i + 1) * 1000 // rate
            lines.append(f"\r\nTimeStamp: {ms // 1000:03d}s {ms % 1000:03d}ms, buff 03%\r\n")
    return "".join(lines).encode()


class FakeCts:
    """A serial adapter's CTS line that follows a wave's marker in real time; asserted means low."""

    def __init__(self, wave: Wave) -> None:
        self.wave, self.zero = wave, time.monotonic()
        self.closed = False

    @property
    def cts(self) -> bool:
        _, high = self.wave.at(np.array([time.monotonic() - self.zero]))
        return not bool(high[0])

    def close(self) -> None:
        self.closed = True


class JoulescopeDriver:
    """Stands in for ``pyjoulescope_driver.Driver``: a device whose blocks are sent when both streams are on."""

    def __init__(self, wave: Wave, path: str = "u/js220/001122", lose: Callable[[int], bool] = lambda _: False) -> None:
        self.wave, self.path, self.lose = wave, path, lose
        self.subscribed: dict[str, Callable[[str, dict], None]] = {}
        self.published: list[tuple[str, object]] = []
        self.opened = False

    def device_paths(self) -> list[str]:
        return [self.path]

    def open(self, path: str, mode: str, timeout: float) -> None:
        assert (path, mode) == (self.path, "defaults")
        assert timeout > 0
        self.opened = True

    def close(self, path: str) -> None:
        assert path == self.path
        self.opened = False

    def subscribe(self, topic: str, flags: list[str], take: Callable[[str, dict], None]) -> None:
        assert flags == ["pub"]
        self.subscribed[topic] = take

    def unsubscribe(self, topic: str, take: Callable[[str, dict], None]) -> None:
        assert self.subscribed.pop(topic) == take

    def publish(self, topic: str, value: object) -> None:
        assert self.opened
        self.published.append((topic, value))
        on = {name for name, level in self.published if level == 1 and name.endswith("/ctrl")}
        if value == 1 and on == {f"{self.path}/s/p/ctrl", f"{self.path}/s/gpi/0/ctrl"}:
            self._send()

    def _send(self, rate: int = 2_000_000, factor: int = 10, block: int = 1024) -> None:
        times = (np.arange(round(self.wave.length_s * rate / factor)) + 0.37) * factor / rate
        watts, high = self.wave.at(times)
        for number, first in enumerate(range(0, len(times), block)):
            if self.lose(number):
                continue
            plain = {"sample_id": 4_000_000 + first * factor, "sample_rate": rate, "decimate_factor": factor}
            part = slice(first, first + block)
            power = {**plain, "data": watts[part].astype(np.float32)}
            marker = {**plain, "data": np.packbits(high[part], bitorder="little")}
            self.subscribed[f"{self.path}/s/p/!data"](f"{self.path}/s/p/!data", power)
            self.subscribed[f"{self.path}/s/gpi/0/!data"](f"{self.path}/s/gpi/0/!data", marker)


def ina_lines(wave: Wave, kind: str, ohms: float, rate: int = 5000, start_us: int = 0xFFFF_0000) -> bytes:
    """What a board sends that reads an INA's registers: its microseconds wrap on the way."""
    ticks = np.arange(round(wave.length_s * rate)) * (1_000_000 // rate)
    watts, high = wave.at(ticks * 1e-6)
    shunt_step, bus_step, shift, width = (2.5e-6, 1.25e-3, 0, 4) if kind == "ina226" else (312.5e-9, 195.3125e-6, 4, 6)
    bus = round(VOLTS / bus_step)
    shunt = np.rint(watts / (bus * bus_step) * ohms / shunt_step).astype(int) << shift
    rows = zip((ticks + start_us) & 0xFFFF_FFFF, shunt, high, strict=True)
    text = "\n".join(f"{t:08x} {s:0{width}x} {bus << shift:0{width}x} 0008 {int(m)}" for t, s, m in rows)
    return f"cut\n{text}\n00".encode()
