"""What a line loses, and how long frames had better be on it."""

from __future__ import annotations

import math

HORIZON = 1 << 15
"""Bytes after which what was seen counts half: lines change."""
FRAME_OVERHEAD = 10
"""Bytes of a frame beside its payload: header, checksum, stuffing, delimiter."""
LONGEST_ODDS = 1e-9
"""What is less likely than this is no bad luck."""
_MOST_ATTEMPTS = 1000
_FORGOTTEN = 0.5


class Loss:
    """Counts the bytes that a line carried one way, and the times that it lost or damaged some."""

    def __init__(self) -> None:
        self._bytes = self._times = 0.0

    def add(self, carried: int, times: int) -> None:
        """Take note of ``carried`` more bytes, among which something was lost ``times`` times."""
        self._bytes += carried
        self._times += times
        if self._bytes > HORIZON:
            self._bytes /= 2
            self._times = self._times / 2 if self._times > _FORGOTTEN else 0.0

    @property
    def times(self) -> float:
        """How often something was lost lately."""
        return self._times

    @property
    def rate(self) -> float:
        """The share of bytes with which something happens, 0 to 1."""
        return min(1.0, self._times / self._bytes) if self._times else 0.0

    def best_payload(self, most: int, overhead: int = FRAME_OVERHEAD) -> int:
        """Payload bytes of a frame with which most of them arrive, at most ``most``.

        Of a frame of n bytes and h more, n * (1 - rate) ** (n + h) / (n + h) is what arrives for each byte sent.
        """
        if self.rate == 0.0:
            return most
        each = -math.log1p(-min(self.rate, 0.5))
        return min(most, round((math.sqrt(overhead * overhead + 4 * overhead / each) - overhead) / 2))

    def attempts(self, size: int) -> int:
        """How often ``size`` bytes in one frame may get lost before it is no bad luck; 0 on a line without loss."""
        failing = 1.0 - (1.0 - self.rate) ** size
        if failing == 0.0:
            return 0
        if failing >= 1.0:
            return _MOST_ATTEMPTS
        return min(_MOST_ATTEMPTS, math.ceil(math.log(LONGEST_ODDS) / math.log(failing)))
