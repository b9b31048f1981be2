"""A line that is made worse: bytes lost, damaged and shuffled, plugs pulled, devices reset, all by a seed.

It lies between the host and any other line, so that everything above it can be tried on bad days.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Problem, SpikecError, fail
from hostctl.transport.serial import DeviceGone

BURST_BYTES = 64
"""Bytes that a burst makes noise of, at most."""
GARBAGE_BYTES = 4096
FLOOD_BYTES = 1 << 20
SILENCE_S = 3.0
AHEAD_BYTES = 4096
"""Spoiled bytes that may wait for the line: the host shall feel its pace."""
_RATES = ("drop", "double", "flip", "reorder", "burst")
_EVENTS = ("disconnect", "reset", "garbage", "flood", "silence")


class Inner(Protocol):
    """The line that is made worse; ``SerialLine`` is one."""

    name: str

    def exchange(self, outgoing: bytes | bytearray | memoryview, timeout: float) -> tuple[int, bytes]:
        """Write what the line takes, read what has come."""

    def reopen(self, timeout: float) -> None:
        """Wait until a vanished line is back."""

    def close(self) -> None:
        """Give the line back."""


@dataclass(frozen=True)
class Chaos:
    """What shall go wrong, both ways alike.

    Shares of bytes, 0 to 1: ``drop`` are lost, ``double`` come twice, ``flip`` have a bit turned, ``reorder`` change
    places with the next, at ``burst`` begin up to 64 bytes of noise. ``delay`` is the most seconds for which what comes
    is held back. How often in the whole run: ``disconnect`` pulls the plug, ``reset`` resets the device, ``garbage``
    sends 4 KiB of noise, ``flood`` a MiB, ``silence`` loses everything for 3 s.
    """

    drop: float = 0.0
    double: float = 0.0
    flip: float = 0.0
    reorder: float = 0.0
    burst: float = 0.0
    delay: float = 0.0
    disconnect: int = 0
    reset: int = 0
    garbage: int = 0
    flood: int = 0
    silence: int = 0
    seed: int = 0

    @classmethod
    def parse(cls, text: str) -> Chaos:
        """Read ``drop=1%,flip=0.1%,delay=20ms,disconnect=20,seed=3``. Raises SpikecError with all that is wrong."""
        values, problems = dict[str, float | int](), list[Problem]()
        for item in filter(None, map(str.strip, text.split(","))):
            name, _, value = item.partition("=")
            try:
                if name in values:
                    raise ValueError("is there twice")
                values[name] = _value(name, value)
            except ValueError as error:
                problems.append(Problem("--chaos", f"'{item}' {error}", _HINT))
        if not values and not problems:
            problems.append(Problem("--chaos", "names nothing that shall go wrong", _HINT))
        if problems:
            raise SpikecError(problems)
        return cls(**values)  # type: ignore[arg-type]

    def __str__(self) -> str:
        """Write it as ``parse`` reads it."""
        words = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in _RATES and value:
                words.append(f"{field.name}={value * 100:g}%")
            elif field.name == "delay" and value:
                words.append(f"delay={value * 1000:g}ms")
            elif value:
                words.append(f"{field.name}={value}")
        return ",".join(words)


_HINT = (
    f"Give {', '.join(_RATES)} as in drop=1%; delay as in delay=20ms; {', '.join(_EVENTS)} as in disconnect=20 (times "
    "in the run); seed=3"
)


def _value(name: str, text: str) -> float | int:
    if name in _RATES:
        if not text.endswith("%"):
            raise ValueError("is no share of bytes in %")
        share = float(text[:-1]) / 100
        if not 0 <= share <= 0.5:
            raise ValueError("is not between 0 % and 50 %")
        return share
    if name == "delay":
        if not text.endswith("ms"):
            raise ValueError("is no time in ms")
        seconds = float(text[:-2]) / 1000
        if not 0 <= seconds <= 10:
            raise ValueError("is not between 0 and 10,000 ms")
        return seconds
    if name in (*_EVENTS, "seed"):
        if not text.isdecimal() or int(text) > 1_000_000:
            raise ValueError("is no whole number up to 1,000,000")
        return int(text)
    raise ValueError("is nothing that can go wrong here")


class _Way:
    """One direction. What happens to its n-th byte depends on the seed and on n, not on how the bytes are cut."""

    def __init__(self, chaos: Chaos, seed: np.random.SeedSequence) -> None:
        self._chaos = chaos
        self._random = np.random.default_rng(seed)
        self._clean = not any(getattr(chaos, name) for name in _RATES)
        self._noisy = 0  # Bytes of a burst that are still to come.
        self._held = b""  # The byte that changes places with the next.

    def spoil(self, data: bytes) -> bytes:
        if self._clean or not data:
            return data
        return b"".join(self._spoil_one(byte, luck) for byte, luck in zip(data, self._luck(len(data)), strict=True))

    def _luck(self, count: int) -> NDArray[np.float64]:
        return self._random.random((count, len(_RATES) + 2))

    def _spoil_one(self, byte: int, luck: NDArray[np.float64]) -> bytes:
        chaos = self._chaos
        drop, double, flip, reorder, burst, which, noise = luck
        if burst < chaos.burst:
            self._noisy = 1 + int(which * BURST_BYTES)
        if self._noisy:
            self._noisy -= 1
            byte = int(noise * 256)
        if flip < chaos.flip:
            byte ^= 1 << int(which * 8)
        out = b"" if drop < chaos.drop else bytes([byte])
        if double < chaos.double:
            out *= 2
        held, self._held = self._held, b""
        if out and not held and reorder < chaos.reorder:
            self._held = out
            return b""
        return out + held

    def forget(self) -> None:
        """The line was cut."""
        self._noisy, self._held = 0, b""


class ChaosLine:
    """A line as bad as ``chaos`` says, laid over ``inner``.

    What happens a number of times happens at random places among the first ``span`` bytes that the host sends, in the
    middle of frames too. ``reset`` resets the device, which a host cannot do over the line itself; the line stays open
    for the host. Closing gives ``inner`` back.
    """

    def __init__(self, inner: Inner, chaos: Chaos, span: int, reset: Callable[[], None] | None = None) -> None:
        """Raises SpikecError when resets are wanted and ``reset`` is not there."""
        if chaos.reset and reset is None:
            hint = "Leave reset= out; emulated boards and those whose DTR or RTS line resets them can do it"
            raise fail("--chaos", f"reset={chaos.reset} is wanted, but nothing can reset this device", hint)
        self.name = inner.name
        self.happened = dict.fromkeys(_EVENTS, 0)
        """What has happened how often."""
        self._inner, self._chaos, self._reset = inner, chaos, reset
        down, up, events, noise, clock = np.random.SeedSequence(chaos.seed).spawn(5)
        self._down, self._up = _Way(chaos, down), _Way(chaos, up)
        self._plan = _plan(chaos, span, np.random.default_rng(events))
        self._noise, self._clock = np.random.default_rng(noise), np.random.default_rng(clock)
        self._sent = 0
        self._out = bytearray()
        self._late: list[tuple[float, bytes]] = []  # What came, and when the host gets it.
        self._extra = 0  # Bytes of noise that are still to come.
        self._silent_until = 0.0

    def exchange(self, outgoing: bytes | bytearray | memoryview, timeout: float) -> tuple[int, bytes]:
        """Write and read as ``SerialLine.exchange`` does, with what has to go wrong. Raises DeviceGone likewise."""
        event = self._due()
        if event is not None and not self._out:
            self._happen(event)
        taken = self._take(outgoing) if not self._out else 0
        silent = time.monotonic() < self._silent_until
        if silent:
            self._out.clear()
        waits = bool(self._extra or self._late or silent or taken)
        written, data = self._inner.exchange(self._out, min(timeout, 0.005) if waits else timeout)
        del self._out[:written]
        return taken, self._arrive(b"" if silent else data)

    def _take(self, outgoing: bytes | bytearray | memoryview) -> int:
        """Take bytes up to the place of the next event."""
        stop = min(len(outgoing), AHEAD_BYTES)
        if self._plan:
            stop = min(stop, max(0, self._plan[0][0] - self._sent))
        self._out += self._down.spoil(bytes(outgoing[:stop]))
        self._sent += stop
        return stop

    def _arrive(self, data: bytes) -> bytes:
        data = self._up.spoil(data)
        if self._extra:
            count = min(self._extra, 1 << 16)
            self._extra -= count
            data += self._noise.bytes(count)
        if not self._chaos.delay:
            return data
        now = time.monotonic()
        if data:
            last = self._late[-1][0] if self._late else 0.0
            self._late.append((max(last, now + self._clock.random() * self._chaos.delay), data))
        ready = [item for at, item in self._late if at <= now]
        del self._late[: len(ready)]
        return b"".join(ready)

    def _due(self) -> str | None:
        return self._plan[0][1] if self._plan and self._plan[0][0] <= self._sent else None

    def _happen(self, event: str) -> None:
        self._plan.pop(0)
        self.happened[event] += 1
        if event == "disconnect":
            self._cut()
            self._inner.close()
            raise DeviceGone(fail(self.name, "the device has gone (chaos pulled its plug)", "").problems)
        if event == "reset":
            assert self._reset is not None
            self._cut()
            self._reset()
        elif event == "silence":
            self._silent_until = time.monotonic() + SILENCE_S
        else:
            self._extra += GARBAGE_BYTES if event == "garbage" else FLOOD_BYTES

    def _cut(self) -> None:
        self._out.clear()
        self._late.clear()
        self._down.forget()
        self._up.forget()

    def reopen(self, timeout: float) -> None:
        """Wait until the line is back."""
        self._cut()
        self._inner.reopen(timeout)
        self.name = self._inner.name

    def close(self) -> None:
        """Give the line back."""
        self._inner.close()


def _plan(chaos: Chaos, span: int, random: np.random.Generator) -> list[tuple[int, str]]:
    """Places among the host's bytes, and what happens there, in order."""
    events = [name for name in _EVENTS for _ in range(getattr(chaos, name))]
    places = random.integers(0, max(1, span), len(events)).tolist()
    return sorted(zip(places, events, strict=True))
