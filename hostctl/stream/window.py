"""Go-back-N with a credit in bytes: which frames are on their way, and which have to go again."""

from __future__ import annotations

import time
from collections import deque

from hostctl.protocol.constants import ToDevice
from hostctl.protocol.frames import encode_frame
from hostctl.stream.loss import Loss

_MODULO = 1 << 16
_PING = -1
_GROWTH = 4
_LEAST_FRAMES = 5
"""Frames that may be on their way at the least: those behind a lost one tell at once that it was lost."""


class Window:
    """Data frames since the greeting, numbered from 0 without wrapping (the line carries the number modulo 65,536).

    ``base``: the first that is not acknowledged; ``cursor``: the next to be sent; ``end``: the next to be added.

    The device answers every frame that reaches it, in order. So the transmissions that wait for an answer are kept in
    a log: an answer that names ``base`` again proves that ``base`` was lost only when the log holds no transmission of
    it any more. Without this, the answers to frames that were sent before going back would cause going back again and
    again. The log also is what the device's buffer may hold, so its bytes are what the credit limits.

    All that follows a lost frame goes again, so little should follow it where much is lost: going back halves the
    ``limit`` of bytes on their way, and what arrives raises it again, up to the credit.
    """

    def __init__(self, credit: int, limit: int | None = None, loss: Loss | None = None) -> None:
        self.base = self.cursor = self.end = 0
        self.resent = self.pings = self.sent = 0
        self.limit = credit if limit is None else min(limit, credit)
        self.loss = loss or Loss()
        self.took: float | None = None
        """Seconds from the sending of a frame to its acknowledgement, the last time that one told."""
        self._credit = credit
        self._top = 0  # The furthest that was ever sent: an acknowledgement names nothing beyond it.
        self._frames: deque[bytes] = deque()  # From base on.
        self._backlog = 0
        self._unanswered = 0  # Bytes of the frames from base to cursor.
        self._log: deque[tuple[int, int, float]] = deque()  # (number or _PING, bytes, when)
        self._log_bytes = 0

    def add(self, kind: ToDevice, payload: bytes = b"") -> int:
        """Append a data frame; returns its number."""
        frame = encode_frame(kind, self.end % _MODULO, payload)
        self._frames.append(frame)
        self._backlog += len(frame)
        self.end += 1
        return self.end - 1

    @property
    def backlog(self) -> int:
        """Bytes that wait to be sent (or sent again)."""
        return self._backlog

    @property
    def waiting(self) -> bool:
        """Whether an answer has to come before all is well: to a frame, or to what keeps others from being sent."""
        return self.cursor > self.base or (self.cursor < self.end and bool(self._log))

    def take(self) -> bytes:
        """Take the frames that may be sent now, as one string of bytes; they count as sent."""
        taken = []
        while self.cursor < self.end:
            frame = self._frames[self.cursor - self.base]
            if self._log and self._log_bytes + len(frame) > self.limit:
                break
            if self._unanswered and self._unanswered + len(frame) > self._credit:
                break  # They may wait in the device's buffer still, although the log was cleared.
            self._push(self.cursor, len(frame))
            self._backlog -= len(frame)
            self._unanswered += len(frame)
            self.resent += self.cursor < self._top
            self.sent += 1
            self.cursor += 1
            taken.append(frame)
        self._top = max(self._top, self.cursor)
        return b"".join(taken)

    def ping(self) -> bytes:
        """Make a PING, after silence: whatever was on its way has arrived by now or, most likely, never will."""
        frame = encode_frame(ToDevice.PING, 0)
        self._log.clear()
        self._log_bytes = 0
        self._push(_PING, len(frame))
        self.pings += 1
        return frame

    def acknowledge(self, number: int) -> bool:
        """Take the number (modulo 65,536) of an ACK. Returns False when it names a frame that was never sent."""
        ahead = (number - self.base) % _MODULO
        if ahead == 0:
            self._repeated()
            return True
        if self.base + ahead > self._top:
            return False
        self._advance(self.base + ahead)
        return True

    def _advance(self, number: int) -> None:
        if any(entry == number - 1 for entry, _, _ in self._log):
            while self._log[0][0] != number - 1:
                self._pop()
            self.took = time.monotonic() - self._log[0][2]
            self._pop()
        while self.base < number:
            frame = self._frames.popleft()
            self.loss.add(len(frame), 0)
            self.limit = min(self._credit, self.limit + max(1, len(frame) // _GROWTH))
            if self.base < self.cursor:
                self._unanswered -= len(frame)
            else:
                self._backlog -= len(frame)
            self.base += 1
        self.cursor = max(self.cursor, self.base)

    def _repeated(self) -> None:
        """Explain an answer that names ``base`` again by the oldest transmission that can have caused it."""
        while self._log and self._pop() == self.base:
            pass  # Had it arrived it would have been taken: it was lost.
        if self.cursor > self.base and not any(entry == self.base for entry, _, _ in self._log):
            self._go_back()

    def _go_back(self) -> None:
        size = len(self._frames[0])
        self.loss.add(size, 1)
        self.limit = min(self._credit, max(self.limit // 2, _LEAST_FRAMES * size))
        self._backlog += self._unanswered
        self._unanswered = 0
        self.cursor = self.base

    def _push(self, number: int, size: int) -> None:
        self._log.append((number, size, time.monotonic()))
        self._log_bytes += size

    def _pop(self) -> int:
        number, size, _ = self._log.popleft()
        self._log_bytes -= size
        return number
