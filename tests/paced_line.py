"""A serial line of a given rate, laid over a faster one: start and stop bits, and a driver's buffer on the way out."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

BITS = 10
"""Of each byte on the line: start, eight, stop."""
DRIVER_BYTES = 4096
"""What the operating system takes for the line before a writer has to wait."""
SLICE_S = 0.001


class PacedLine:
    """Carries ``baud`` bits a second each way; ``busy_s`` is for how long it has, by direction."""

    def __init__(self, inner: Any, baud: int) -> None:
        self.name = inner.name
        self.busy_s = {"down": 0.0, "up": 0.0}
        self._inner, self._byte_s = inner, BITS / baud
        self._buffer, self._free_at = bytearray(), 0.0
        self._coming: deque[tuple[float, bytes]] = deque()
        self._up_free_at = 0.0

    def exchange(self, outgoing: bytes | bytearray | memoryview, timeout: float) -> tuple[int, bytes]:
        """As any line does: write what it takes, read what has come."""
        end = time.monotonic() + timeout
        while True:
            taken = min(len(outgoing), DRIVER_BYTES - len(self._buffer))
            self._buffer += outgoing[:taken]
            data = self._move()
            if taken or data or time.monotonic() >= end:
                return taken, data

    def _move(self) -> bytes:
        now = time.monotonic()
        if not self._buffer:
            self._free_at = max(self._free_at, now)
        elif self._free_at < now - 0.25:
            self._free_at = now  # Nobody looked after the line for long: it does not catch up.
        due = min(len(self._buffer), int((now - self._free_at) / self._byte_s))
        written, data = self._inner.exchange(bytes(self._buffer[: max(0, due)]), SLICE_S)
        del self._buffer[:written]
        self._free_at += written * self._byte_s
        self.busy_s["down"] += written * self._byte_s
        now = time.monotonic()
        if data:
            self._up_free_at = max(self._up_free_at, now) + len(data) * self._byte_s
            self.busy_s["up"] += len(data) * self._byte_s
            self._coming.append((self._up_free_at, data))
        ready = []
        while self._coming and self._coming[0][0] <= now:
            ready.append(self._coming.popleft()[1])
        return b"".join(ready)

    def reopen(self, timeout: float) -> None:
        """Wait until the line is back."""
        self._buffer.clear()
        self._coming.clear()
        self._inner.reopen(timeout)

    def close(self) -> None:
        """Give the line back."""
        self._inner.close()
