"""A device in Python behind a pty: the reference simulator inside, and faults on request.

It is written from ``firmware/protocol/SPEC.md``, not from the host's code, apart from packing and unpacking.
"""

from __future__ import annotations

import os
import select
import threading
import tty
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from codegen.ir import (
    Affine,
    Conv2d,
    EventBinning,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnCt,
    SpikeFrames,
    make_events,
    simulate_batch,
)
from codegen.ir.encoding import Encoding
from codegen.ir.reference import Trace, simulate
from hostctl.protocol import (
    Ack,
    DeviceError,
    ErrorCode,
    Feature,
    Flag,
    Format,
    Frame,
    Greeting,
    Hello,
    Result,
    ResultPiece,
    SampleBegin,
    ToDevice,
    ToHost,
    TraceKind,
    TracePiece,
    decode_frame,
    encode_frame,
    pack_spikes,
    unpack_events,
    unpack_frames,
    unpack_spikes,
)
from hostctl.samples import Sample

Fault = Callable[[int, bytes], list[bytes]]
"""Gets the number of a frame (counted over the device's life) and its bytes; returns what comes out of the line."""


def make_samples(count: int, events: int = 120, seed: int = 1, span_us: int = 6000) -> list[Sample]:
    """Random recordings of 6x6 pixels: so many events in so much time."""
    random = np.random.default_rng(seed)
    samples = []
    for i in range(count):
        x, y = random.integers(0, 6, (2, events))
        times = np.sort(random.integers(0, span_us, events))
        recording = make_events(x, y, times, np.ones(events, int))
        samples.append(Sample(i, f"Test/{i % 10}/{i}.bin", {"digit": i % 10, "motion": i % 2}, recording))
    return samples


def random_network(
    seed: int = 0, sizes: tuple[int, ...] = (36, 20, 12), steps: int = 6, encoding: Encoding | None = None, **kw: Any
) -> Network:
    """A small network with lively spikes; by default of 6x6 events, answering digit (10) and motion (2)."""
    random = np.random.default_rng(seed)
    layers = []
    for i, (n_in, n_out) in enumerate(pairwise(sizes)):
        weight = random.integers(-63, 64, (n_out, n_in)).astype(np.int8)
        bias = random.integers(-5, 6, n_out).astype(np.int32)
        theta = random.integers(20, 60, n_out).astype(np.int32)
        layers.append(Layer(f"l{i}", Affine(weight, bias, 7), SnnCt(theta)))
    if encoding is None:
        encoding = EventBinning(width=6, height=6, bin_us=1000)
    if sizes[-1] == 12:
        digits = Head("digit", 0, 10, tuple(str(d) for d in range(10)))
        heads = (digits, Head("motion", 10, 12, ("forwards", "backwards")))
    else:
        heads = (Head("digit", 0, sizes[-1], tuple(str(d) for d in range(sizes[-1]))),)
    return Network("tiny", encoding, steps, tuple(layers), heads, **kw)


def frame_network(seed: int = 0) -> Network:
    """A small network that takes ready-made spikes."""
    return random_network(seed, (49, 20, 10), 5, SpikeFrames(1, 7, 7))


def conv_network(seed: int = 0) -> Network:
    """A convolution, pooling and a dense layer for ready-made spikes of 7 x 7."""
    random = np.random.default_rng(seed)
    weight = random.integers(-63, 64, (4, 3, 3, 1)).astype(np.int8)
    conv = Conv2d(weight, np.zeros(4, np.int32), 7, 7, 7)
    dense = Affine(random.integers(-63, 64, (10, 16)).astype(np.int8), np.zeros(10, np.int32), 7)
    layers = (
        Layer("conv1", conv, SnnCt(np.full(conv.out_size, 150, np.int32))),
        Layer("pool1", MaxPool2d(5, 5, 4, 2, 2), None),
        Layer("out", dense, SnnCt(np.full(10, 60, np.int32))),
    )
    head = Head("digit", 0, 10, tuple("0123456789"))
    return Network("pooled", SpikeFrames(1, 7, 7), 5, layers, (head,))


@dataclass
class Faults:
    """What goes wrong. ``up``: frames from the host; ``down``: frames to it; numbers count received data frames."""

    up: Fault = lambda _number, data: [data]
    down: Fault = lambda _number, data: [data]
    reset_at: set[int] = field(default_factory=set)
    vanish_at: set[int] = field(default_factory=set)
    stop_at: int | None = None
    flip: Callable[[int, Result, Trace], tuple[Result, Trace]] | None = None
    refuse: dict[int, ErrorCode] = field(default_factory=dict)
    greeting: dict[str, Any] = field(default_factory=dict)
    mute: bool = False
    echo: bool = False
    babble: bytes = b""
    version: int = 1
    log: bytes = b""
    greets_after_s: float = 0.0
    backlog: int = 0


class FakeDevice:
    """Runs in a thread; ``port`` is a link to its pty, which stays valid when it vanishes and comes back."""

    def __init__(self, network: Network, folder: Path, faults: Faults | None = None, rx_bytes: int = 4096) -> None:
        self.network = network
        self.faults = faults or Faults()
        self.port = str(folder / "port")
        self.rx_bytes = rx_bytes
        self.data_frames = self.received = self.sent_frames = self.greetings = self.computed = 0
        self.away_s = 0.3
        self._max_payload = self.piece = 300
        self._stop, self._to_reset = threading.Event(), threading.Event()
        self._plug()
        self._reset()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _plug(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        Path(self.port).unlink(missing_ok=True)
        Path(self.port).symlink_to(os.ttyname(self._slave))

    def _unplug(self) -> None:
        Path(self.port).unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)

    def _reset(self) -> None:
        self._greeted, self._expected, self._sequence = False, 0, 0
        self._sample: SampleBegin | None = None
        self._rest = b""

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._unplug()

    def __enter__(self) -> FakeDevice:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reset(self) -> None:
        """Forget everything at the next opportunity, as a device does that loses its power for a moment."""
        self._to_reset.set()

    def vanish(self) -> None:
        """Unplug now and come back after ``away_s``."""
        self._unplug()
        self._stop.wait(self.away_s)
        self._plug()
        self._reset()

    def _run(self) -> None:
        while not self._stop.is_set():
            if not select.select([self._master], [], [], 0.02)[0]:
                continue
            try:
                data = os.read(self._master, 65536)
            except OSError:
                continue
            if self.faults.echo:
                self._write(data)
            if self.faults.babble:
                self._write(self.faults.babble)
            *pieces, self._rest = (self._rest + data).split(b"\0")
            for piece in pieces:
                if piece:
                    self._receive(piece)

    def _receive(self, piece: bytes) -> None:
        if self._to_reset.is_set():
            self._to_reset.clear()
            self._reset()
            return
        self.received += 1
        for raw in self.faults.up(self.received - 1, piece):
            frame = decode_frame(raw)
            if frame is not None and not self.faults.mute:
                self._take(frame)

    def _take(self, frame: Frame) -> None:
        if frame.type == ToDevice.HELLO:
            while self.faults.backlog > 0:  # Frames from before the HELLO, which it still has to work through.
                self.faults.backlog -= 1
                self._stop.wait(0.05)
                self._acknowledge()
            self._stop.wait(self.faults.greets_after_s)
            hello = Hello.unpack(frame.payload)
            self.piece = min(hello.piece or self._max_payload, self._max_payload)
            self._greet(hello.nonce)
        elif not self._greeted:
            self._send(ToHost.ERROR, DeviceError(ErrorCode.NOT_GREETED, 0, 0).pack())
        elif frame.type == ToDevice.PING:
            self._acknowledge()
        else:
            self.data_frames += 1
            if self.data_frames in self.faults.reset_at:
                self._reset()
            elif self.data_frames in self.faults.vanish_at:
                self.vanish()
            elif self.faults.stop_at is not None and self.data_frames >= self.faults.stop_at:
                self.faults.mute = True
            elif frame.sequence == self._expected:
                self._expected = (self._expected + 1) % 65536
                self._acknowledge()
                self._data(frame)
            else:
                self._acknowledge()

    def _acknowledge(self) -> None:
        self._send(ToHost.ACK, Ack(self._expected).pack())

    def _greet(self, nonce: int) -> None:
        self._reset()
        self._greeted = True
        self.greetings += 1
        net = self.network
        features = Feature.FRAMES | Feature.TRACE | Feature.PIECES
        if net.encoding.kind == "events":
            features |= Feature.EVENTS
        greeting = Greeting(
            nonce=nonce,
            features=features,
            max_payload=self._max_payload,
            rx_bytes=self.rx_bytes,
            counter_hz=1_000_000,
            steps=net.steps,
            inputs=net.in_size,
            outputs=net.out_size,
            layers=len(net.layers),
            heads=len(net.heads),
            digest=net.digest,
            board="fake",
            network=net.name,
            tool="0",
            counter="ticks",
        )
        self._send(ToHost.GREETING, replace(greeting, **self.faults.greeting).pack())
        if self.faults.log:
            self._send(ToHost.LOG, self.faults.log)

    def _data(self, frame: Frame) -> None:
        if frame.type == ToDevice.SAMPLE_BEGIN:
            self._sample = SampleBegin.unpack(frame.payload)
            self._events: list[tuple[int, int, int, int]] = []
            self._packed = np.zeros((self.network.steps, -(-self.network.in_size // 8)), np.uint8)
            if self._sample.sample in self.faults.refuse:
                error = DeviceError(self.faults.refuse.pop(self._sample.sample), self._sample.sample, 7)
                self._send(ToHost.ERROR, error.pack())
                self._sample = None
        elif self._sample is None:
            return
        elif frame.type == ToDevice.EVENTS:
            before = self._events[-1][2] if self._events else 0
            self._events += unpack_events(frame.payload, before)
        elif frame.type == ToDevice.FRAMES:
            for step, offset, data in unpack_frames(frame.payload):
                self._packed[step, offset : offset + len(data)] = np.frombuffer(data, np.uint8)
        else:
            self._compute(self._sample)
            self._sample = None

    def _compute(self, sample: SampleBegin) -> None:
        self.computed += 1
        net = self.network
        if sample.format == Format.EVENTS:
            columns = np.array(self._events, int).reshape(-1, 4).T
            assert isinstance(net.encoding, EventBinning)
            inputs = net.encoding.encode(make_events(*columns), net.steps)
        else:
            inputs = unpack_spikes(self._packed, net.in_size)
        batch, trace = simulate_batch(net, inputs[None]), simulate(net, inputs)
        result = Result(
            ticks=1000 + len(self._events),
            layer_ticks=tuple(100 * (i + 1) for i in range(len(net.layers))),
            synops=tuple(batch.synops[0].tolist()),
            layer_spikes=batch.layer_spikes[0].astype(np.int64),
            spikes=batch.spikes[0],
            membranes=batch.membranes[0, -1],
            answers=tuple(int(answers[0, -1]) for answers in batch.answers.values()),
        )
        if self.faults.flip is not None:
            result, trace = self.faults.flip(sample.sample - 1, result, trace)
        if sample.flags & Flag.TRACE:
            self._send_trace(sample.sample, trace)
        room = self.piece - ResultPiece.LAYOUT.size
        for offset, total, data in _pieces(result.pack(), room):
            self._send(ToHost.RESULT, ResultPiece(sample.sample, total, offset, data).pack())

    def _send_trace(self, sample: int, trace: Trace) -> None:
        room = self.piece - TracePiece.LAYOUT.size
        for step in range(self.network.steps):
            for layer in range(len(self.network.layers)):
                kind = TraceKind.MEMBRANE_I16 if layer % 2 else TraceKind.MEMBRANE_I32
                membranes = trace.membranes[layer][step].astype("<i2" if layer % 2 else "<i4").tobytes()
                for what, block in (
                    (TraceKind.SPIKES, pack_spikes(trace.spikes[layer][step]).tobytes()),
                    (kind, membranes),
                ):
                    for offset, total, data in _pieces(block, room):
                        self._send(ToHost.TRACE, TracePiece(sample, step, layer, what, total, offset, data).pack())

    def _send(self, kind: int, payload: bytes) -> None:
        if self._to_reset.is_set() and kind in (ToHost.RESULT, ToHost.TRACE):
            return  # It is reset in the middle of sending.
        frame = encode_frame(kind, self._sequence, payload, self.faults.version)
        self._sequence = (self._sequence + 1) % 65536
        for piece in self.faults.down(self.sent_frames, frame[:-1]):
            self._write(piece + b"\0")
        self.sent_frames += 1

    def _write(self, data: bytes) -> None:
        while data and not self._stop.is_set():
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                select.select([], [self._master], [], 0.05)


def _pieces(data: bytes, room: int) -> Iterator[tuple[int, int, bytes]]:
    for offset in range(0, len(data), room):
        yield offset, len(data), data[offset : offset + room]


def unreliable(seed: int, rate: float) -> Fault:
    """Drop, damage or double every frame with this probability each."""
    random = np.random.default_rng(seed)

    def fault(_: int, data: bytes) -> list[bytes]:
        luck = random.random()
        if luck < rate:
            return []
        if luck < 2 * rate:
            place = int(random.integers(len(data)))
            return [data[:place] + bytes([data[place] ^ 0x55 or 1]) + data[place + 1 :]]
        return [data, data] if luck < 3 * rate else [data]

    return fault
