"""What the payloads mean: one dataclass a message, each with ``pack`` and ``unpack``.

``unpack`` raises ValueError for a payload that does not hold the message; after a CRC-32 that is the sender's fault.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from hostctl.protocol.constants import Feature, Flag, Format, ToDevice, ToHost, TraceKind
from hostctl.protocol.events import pack_spikes, unpack_spikes


def _unpack(layout: struct.Struct, payload: bytes, name: str) -> tuple[int, ...]:
    if len(payload) != layout.size:
        raise ValueError(f"{name} of {len(payload)} bytes instead of {layout.size}")
    return layout.unpack(payload)


@dataclass(frozen=True)
class Hello:
    """Begin anew; the greeting sends ``nonce`` (32 bits) back.

    ``piece``: payload bytes of RESULT and TRACE frames at most; 0 leaves that to the device, and so must the host do
    with one that does not have the feature PIECES.
    """

    TYPE: ClassVar[ToDevice] = ToDevice.HELLO
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<I")
    LONG: ClassVar[struct.Struct] = struct.Struct("<IH")
    nonce: int
    piece: int = 0

    def pack(self) -> bytes:
        """Give the payload."""
        return self.LONG.pack(self.nonce, self.piece) if self.piece else self.LAYOUT.pack(self.nonce)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """Read from the payload."""
        return cls(*_unpack(cls.LONG if len(payload) == cls.LONG.size else cls.LAYOUT, payload, "HELLO"))


@dataclass(frozen=True)
class SampleBegin:
    """A sample's input follows."""

    TYPE: ClassVar[ToDevice] = ToDevice.SAMPLE_BEGIN
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<IBB")
    sample: int
    format: Format
    flags: Flag

    def pack(self) -> bytes:
        """Give the payload."""
        return self.LAYOUT.pack(self.sample, self.format, self.flags)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """Read from the payload."""
        sample, kind, flags = _unpack(cls.LAYOUT, payload, "SAMPLE_BEGIN")
        return cls(sample, Format(kind), Flag(flags))


@dataclass(frozen=True)
class Greeting:
    """What a device says of itself.

    ``digest``: SHA-256 of its network, 64 hex digits; ``counter_hz``: the counter's ticks a second.
    """

    TYPE: ClassVar[ToHost] = ToHost.GREETING
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<IHHIIHHHBB32s")
    nonce: int
    features: Feature
    max_payload: int
    rx_bytes: int
    counter_hz: int
    steps: int
    inputs: int
    outputs: int
    layers: int
    heads: int
    digest: str
    board: str
    network: str
    tool: str
    counter: str

    def pack(self) -> bytes:
        """Give the payload."""
        fixed = self.LAYOUT.pack(
            self.nonce,
            self.features,
            self.max_payload,
            self.rx_bytes,
            self.counter_hz,
            self.steps,
            self.inputs,
            self.outputs,
            self.layers,
            self.heads,
            bytes.fromhex(self.digest),
        )
        texts = [text.encode() for text in (self.board, self.network, self.tool, self.counter)]
        return fixed + b"".join(bytes([len(text)]) + text for text in texts)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """Read from the payload; bytes after the last string (of a later version) are ignored."""
        if len(payload) < cls.LAYOUT.size:
            raise ValueError(f"GREETING of {len(payload)} bytes")
        nonce, features, *numbers, digest = cls.LAYOUT.unpack_from(payload)
        texts, place = [], cls.LAYOUT.size
        for _ in range(4):
            if place >= len(payload) or place + 1 + payload[place] > len(payload):
                raise ValueError("GREETING ends within its strings")
            texts.append(payload[place + 1 : place + 1 + payload[place]].decode(errors="replace"))
            place += 1 + payload[place]
        max_payload, rx_bytes, counter_hz, steps, inputs, outputs, layers, heads = numbers
        board, network, tool, counter = texts
        return cls(
            nonce=nonce,
            features=Feature(features),
            max_payload=max_payload,
            rx_bytes=rx_bytes,
            counter_hz=counter_hz,
            steps=steps,
            inputs=inputs,
            outputs=outputs,
            layers=layers,
            heads=heads,
            digest=digest.hex(),
            board=board,
            network=network,
            tool=tool,
            counter=counter,
        )


@dataclass(frozen=True)
class Ack:
    """All frames before sequence number ``next`` were taken."""

    TYPE: ClassVar[ToHost] = ToHost.ACK
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<H")
    next: int

    def pack(self) -> bytes:
        """Give the payload."""
        return self.LAYOUT.pack(self.next)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """Read from the payload."""
        return cls(*_unpack(cls.LAYOUT, payload, "ACK"))


@dataclass(frozen=True)
class ResultPiece:
    """``data``: bytes ``offset`` and on of the ``total`` bytes of a sample's result."""

    TYPE: ClassVar[ToHost] = ToHost.RESULT
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<III")
    sample: int
    total: int
    offset: int
    data: bytes

    def pack(self) -> bytes:
        """Give the payload."""
        return self.LAYOUT.pack(self.sample, self.total, self.offset) + self.data

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """Read from the payload."""
        sample, total, offset = _unpack(cls.LAYOUT, payload[: cls.LAYOUT.size], "RESULT")
        return cls(sample, total, offset, payload[cls.LAYOUT.size :])


@dataclass(frozen=True)
class TracePiece:
    """``data``: bytes ``offset`` and on of the ``total`` bytes of one layer's spikes or membranes after one step."""

    TYPE: ClassVar[ToHost] = ToHost.TRACE
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<IHBBII")
    sample: int
    step: int
    layer: int
    kind: TraceKind
    total: int
    offset: int
    data: bytes

    def pack(self) -> bytes:
        """Give the payload."""
        head = self.LAYOUT.pack(self.sample, self.step, self.layer, self.kind, self.total, self.offset)
        return head + self.data

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """Read from the payload."""
        sample, step, layer, kind, total, offset = _unpack(cls.LAYOUT, payload[: cls.LAYOUT.size], "TRACE")
        return cls(sample, step, layer, TraceKind(kind), total, offset, payload[cls.LAYOUT.size :])


@dataclass(frozen=True)
class DeviceError:
    """The device refuses something. ``code`` is an ``ErrorCode``, or a number that a later version knows."""

    TYPE: ClassVar[ToHost] = ToHost.ERROR
    LAYOUT: ClassVar[struct.Struct] = struct.Struct("<BIi")
    code: int
    sample: int
    detail: int

    def pack(self) -> bytes:
        """Give the payload."""
        return self.LAYOUT.pack(self.code, self.sample, self.detail)

    @classmethod
    def unpack(cls, payload: bytes) -> Self:
        """Read from the payload."""
        return cls(*_unpack(cls.LAYOUT, payload, "ERROR"))


@dataclass(frozen=True)
class Result:
    """The body of a result. ``spikes``: bool (steps, outputs); ``layer_spikes``: int64 (layers, steps)."""

    ticks: int
    layer_ticks: tuple[int, ...]
    synops: tuple[int, ...]
    layer_spikes: NDArray[np.int64]
    spikes: NDArray[np.bool_]
    membranes: NDArray[np.int32]
    answers: tuple[int, ...]

    def pack(self) -> bytes:
        """Give the bytes that RESULT frames carry in pieces."""
        layers, (steps, outputs) = len(self.synops), self.spikes.shape
        stages = b"".join(struct.pack("<IQ", t, s) for t, s in zip(self.layer_ticks, self.synops, strict=True))
        return b"".join(
            [
                struct.pack("<IHHBB", self.ticks, steps, outputs, layers, len(self.answers)),
                stages,
                self.layer_spikes.astype("<u2").tobytes(),
                pack_spikes(self.spikes).tobytes(),
                self.membranes.astype("<i4").tobytes(),
                np.array(self.answers, "<u2").tobytes(),
            ]
        )

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Read from the whole bytes."""
        if len(data) < _RESULT_HEAD.size:
            raise ValueError(f"a result of {len(data)} bytes")
        ticks, steps, outputs, layers, heads = _RESULT_HEAD.unpack_from(data)
        dtype = _result_dtype(steps, outputs, layers, heads)
        if len(data) != dtype.itemsize:
            raise ValueError(f"a result of {len(data)} bytes instead of {dtype.itemsize}")
        body = np.frombuffer(data, dtype)[0]
        return cls(
            ticks=ticks,
            layer_ticks=tuple(body["stages"]["ticks"].tolist()),
            synops=tuple(body["stages"]["synops"].tolist()),
            layer_spikes=body["layer_spikes"].astype(np.int64),
            spikes=unpack_spikes(body["spikes"], outputs),
            membranes=body["membranes"].astype(np.int32),
            answers=tuple(body["answers"].tolist()),
        )


_RESULT_HEAD = struct.Struct("<IHHBB")


def result_bytes(steps: int, outputs: int, layers: int, heads: int) -> int:
    """Give how long the result of such a network is."""
    return _result_dtype(steps, outputs, layers, heads).itemsize


def timing_bytes(layers: int) -> int:
    """Give how many of a result's first bytes hold what differs from one computation to the next: its ticks."""
    return _RESULT_HEAD.size + layers * _STAGE.itemsize


_STAGE = np.dtype([("ticks", "<u4"), ("synops", "<u8")])


def _result_dtype(steps: int, outputs: int, layers: int, heads: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("head", np.uint8, (_RESULT_HEAD.size,)),
            ("stages", _STAGE, (layers,)),
            ("layer_spikes", "<u2", (layers, steps)),
            ("spikes", np.uint8, (steps, -(-outputs // 8))),
            ("membranes", "<i4", (outputs,)),
            ("answers", "<u2", (heads,)),
        ]
    )
