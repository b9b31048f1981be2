"""What a device says, for people: its frames in words, and everything else as text."""

from __future__ import annotations

import string

from hostctl.protocol import (
    Ack,
    DeviceError,
    Feature,
    Frame,
    Greeting,
    ResultPiece,
    ToHost,
    TracePiece,
    decode_frame,
)
from hostctl.stream.device import error_name

_TEXT = frozenset(string.printable.encode())
_MOST = 1 << 16


class Watcher:
    """Takes bytes as they come, and gives lines to show. Text without an end of line waits for it."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Give the lines that these bytes complete."""
        *pieces, self._rest = (self._rest + data).split(b"\0")
        lines = [line for piece in pieces if piece for line in self._piece(piece)]
        text, end, rest = self._rest.rpartition(b"\n")
        if (end and _TEXT.issuperset(text)) or len(self._rest) > _MOST:  # A frame's second byte is no text.
            lines += _lines(text)
            self._rest = rest
        return lines

    def finish(self) -> list[str]:
        """Give what is left."""
        rest, self._rest = self._rest, b""
        return _lines(rest)

    def _piece(self, piece: bytes) -> list[str]:
        frame = decode_frame(piece)
        if frame is not None:
            return [describe(frame)]
        return _lines(piece) if _TEXT.issuperset(piece) else [f"{len(piece)} bytes that are no frame: {piece[:40]!r}"]


def _lines(text: bytes) -> list[str]:
    return [line for line in text.decode(errors="backslashreplace").splitlines() if line]


def describe(frame: Frame) -> str:
    """Say in a line what a frame of a device says."""
    try:
        return f"#{frame.sequence} {_words(frame)}"
    except ValueError as error:
        return f"#{frame.sequence} a frame of type {frame.type:#04x} that does not hold its message: {error}"


def _words(frame: Frame) -> str:
    payload = frame.payload
    if frame.type == ToHost.GREETING:
        greeting = Greeting.unpack(payload)
        features = ", ".join(str(feature.name) for feature in Feature if feature in greeting.features)
        return (
            f"GREETING {greeting.board}, spikec {greeting.tool}, network {greeting.network} ({greeting.digest[:16]}), "
            f"{greeting.steps} steps, {greeting.inputs} inputs, {greeting.outputs} outputs; {features}; frames of "
            f"{greeting.max_payload} bytes, buffer of {greeting.rx_bytes}"
        )
    if frame.type == ToHost.ACK:
        return f"ACK {Ack.unpack(payload).next}"
    if frame.type == ToHost.RESULT:
        piece = ResultPiece.unpack(payload)
        return (
            f"RESULT sample {piece.sample}, bytes {piece.offset} to {piece.offset + len(piece.data)} of {piece.total}"
        )
    if frame.type == ToHost.TRACE:
        trace = TracePiece.unpack(payload)
        return f"TRACE sample {trace.sample}, step {trace.step}, layer {trace.layer}, {trace.kind.name}"
    if frame.type == ToHost.LOG:
        return f"LOG {payload.decode(errors='backslashreplace')}"
    if frame.type == ToHost.ERROR:
        error = DeviceError.unpack(payload)
        return f"ERROR {error_name(error.code)}, sample {error.sample}, detail {error.detail}"
    return f"a frame of unknown type {frame.type:#04x}, {len(payload)} bytes"
