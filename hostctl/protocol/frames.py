"""Frames on the line: ``COBS(version type sequence payload CRC-32) 0x00``, and finding them in a noisy stream."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

from cobs import cobs

from hostctl.protocol.constants import CRC_BYTES, HEADER_BYTES, VERSION

DELIMITER = b"\0"
_HEADER = struct.Struct("<BBH")
_CRC = struct.Struct("<I")
MAX_GARBAGE = 1 << 20
"""Bytes without a delimiter that are kept at most; no frame is near as long."""


@dataclass(frozen=True)
class Frame:
    """One frame: its type's number, its sequence number (0 to 65535) and its payload."""

    type: int
    sequence: int
    payload: bytes
    version: int = VERSION


def encode_frame(kind: int, sequence: int, payload: bytes = b"", version: int = VERSION) -> bytes:
    """Give the bytes of one frame, delimiter included."""
    body = _HEADER.pack(version, kind, sequence) + payload
    return bytes(cobs.encode(body + _CRC.pack(zlib.crc32(body)))) + DELIMITER


def decode_frame(encoded: bytes) -> Frame | None:
    """Give the frame in the bytes between two delimiters, or None when they are damaged."""
    try:
        body = cobs.decode(encoded)
    except cobs.DecodeError:
        return None
    if len(body) < HEADER_BYTES + CRC_BYTES:
        return None
    (crc,) = _CRC.unpack_from(body, len(body) - CRC_BYTES)
    if zlib.crc32(body[:-CRC_BYTES]) != crc:
        return None
    version, kind, sequence = _HEADER.unpack_from(body)
    return Frame(kind, sequence, body[HEADER_BYTES:-CRC_BYTES], version)


class Receiver:
    """Takes bytes as they come and gives whole, sound frames.

    ``damaged`` counts what lay between delimiters and was no frame, ``received`` the frames. Whatever a line sends, it
    never raises and never keeps more than ``MAX_GARBAGE`` bytes.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.damaged = 0
        self.received = 0

    def feed(self, data: bytes) -> list[Frame]:
        """Give the frames that these bytes complete."""
        *pieces, self._rest = (self._rest + data).split(DELIMITER)
        if len(self._rest) > MAX_GARBAGE:
            self._rest = b""
            self.damaged += 1
        frames = []
        for piece in pieces:
            if not piece:
                continue  # Zeros between frames mean nothing.
            frame = decode_frame(piece)
            if frame is None:
                self.damaged += 1
            else:
                frames.append(frame)
        self.received += len(frames)
        return frames

    def forget(self) -> None:
        """Drop the beginning of a frame, if there is one: the line was interrupted."""
        self._rest = b""
