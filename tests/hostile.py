"""A device that lies: between its honest frames come damaged, mutated and forged ones."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from fake_device import FakeDevice, Faults

from codegen.ir import Network, SpikecError, simulate_batch
from hostctl.protocol import ResultPiece, ToHost, decode_frame, encode_frame
from hostctl.samples import Sample
from hostctl.stream import Device, Patience, stream

PATIENCE = Patience(greeting_s=0.05, reply_s=0.03, reopen_s=0.1, greetings=3, pings=2, attempts=4, stuck_s=0.3)
HANG_S = 60.0
"""A conversation that takes longer than this hangs."""


class HostileDevice(FakeDevice):
    """The honest device of the tests, without a pty: a line by itself. ``forge``: lies may have sound checksums."""

    def __init__(self, network: Network, seed: int, *, forge: bool) -> None:
        self.network, self.faults, self.rx_bytes = network, Faults(down=self._spoil), 4096
        self.data_frames = self.received = self.sent_frames = self.greetings = self.computed = 0
        self.name = "hostile"
        self.lies = 0
        self.forged: set[int] = set()
        """Numbers of the samples about which a sound frame may have said something wrong."""
        self._forge, self._dice, self._pending = forge, random.Random(seed), bytearray()
        self._max_payload = self.piece = 300
        self._stop = _Never()
        self._to_reset = _Never()
        self._reset()

    def exchange(self, outgoing: bytes | bytearray | memoryview, timeout: float) -> tuple[int, bytes]:
        """Take everything at once, and answer it."""
        *pieces, self._rest = (self._rest + bytes(outgoing)).split(b"\0")
        for piece in filter(None, pieces):
            self._receive(piece)
        if self._dice.random() < 0.02:
            self._pending += self._lie(b"\1\2\3\4\5") + b"\0"
        if not self._pending and not outgoing:
            time.sleep(min(timeout, 0.002))
        came, self._pending = bytes(self._pending), bytearray()
        return len(outgoing), came

    def reopen(self, timeout: float) -> None:
        """It never goes away."""

    def close(self) -> None:
        """Nothing to give back."""

    def _write(self, data: bytes) -> None:
        self._pending += data

    def _spoil(self, _: int, frame: bytes) -> list[bytes]:
        luck = self._dice.random()
        if luck < 0.5:
            return [frame]
        if luck < 0.6:
            return [self._lie(frame)]
        return [frame, *(self._lie(frame) for _ in range(self._dice.randrange(1, 4)))]

    def _lie(self, frame: bytes) -> bytes:
        """A frame without its delimiter that is not the honest one."""
        self.lies += 1
        dice, honest = self._dice, decode_frame(frame)
        if not self._forge or honest is None or dice.random() < 0.5:
            return self._damaged(frame)
        kind = honest.type if dice.random() < 0.6 else dice.choice([*ToHost, dice.randrange(256)])
        payload = bytearray(honest.payload if dice.random() < 0.8 else dice.randbytes(dice.randrange(300)))
        for _ in range(dice.randrange(4)):
            if payload:
                payload[dice.randrange(len(payload))] = dice.choice([0, 1, 255, dice.randrange(256)])
        if dice.random() < 0.2:
            del payload[dice.randrange(len(payload) + 1) :]
        if kind == ToHost.RESULT and len(payload) >= ResultPiece.LAYOUT.size:
            self.forged.add(ResultPiece.unpack(bytes(payload)).sample)
        sequence = dice.choice([honest.sequence, self._sequence, dice.randrange(65536)])
        return encode_frame(kind, sequence, bytes(payload), 1 if dice.random() < 0.99 else dice.randrange(256))[:-1]

    def _damaged(self, frame: bytes) -> bytes:
        dice, data = self._dice, bytearray(frame)
        what = dice.randrange(4)
        if what == 0:
            return dice.randbytes(dice.randrange(1, 400)).replace(b"\0", b"\1")
        if what == 1:
            return bytes(data[: dice.randrange(len(data))])
        for _ in range(dice.randrange(1, 5)):
            data[dice.randrange(len(data))] = dice.randrange(1, 256)
        return bytes(data) if bytes(data) != frame else bytes(data[1:])


class _Never:
    """An event that never comes."""

    def is_set(self) -> bool:
        return False

    def wait(self, seconds: float) -> bool:
        del seconds
        return False


@dataclass
class Outcome:
    """What came of conversations: ``lies`` that were told, results that were right, forged, and refusals."""

    lies: int = 0
    right: int = 0
    forged: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)


def converse(network: Network, samples: Sequence[Sample], lies: int, *, forge: bool, seed: int = 0) -> Outcome:
    """Stream to hostile devices until they have told so many lies. Whatever is not a SpikecError goes through."""
    outcome = Outcome()
    truth = simulate_batch(network, np.stack([sample.inputs(network) for sample in samples]))
    while outcome.lies < lies:
        seed += 1
        line, start = HostileDevice(network, seed, forge=forge), time.monotonic()
        answered: set[int] = set()
        try:
            device = Device(line, network, PATIENCE)
            device.greet()
            for result in stream(device, samples, trace=seed % 3 == 0):
                assert result.index not in answered, "a sample was answered twice"
                answered.add(result.index)
                _judge(outcome, line, result, truth)
                assert time.monotonic() - start < HANG_S, "it hangs"
            assert answered == set(range(len(samples)))
        except SpikecError:
            outcome.refused += 1
        assert time.monotonic() - start < HANG_S, "it hangs"
        outcome.lies += line.lies
    return outcome


def _judge(outcome: Outcome, line: HostileDevice, result: Any, truth: Any) -> None:
    i = result.index
    right = (
        np.array_equal(result.spikes, truth.spikes[i])
        and np.array_equal(result.membranes, truth.membranes[i, -1])
        and np.array_equal(result.layer_spikes, truth.layer_spikes[i])
        and result.synops == tuple(truth.synops[i].tolist())
    )
    if right:
        outcome.right += 1
    elif i + 1 in line.forged:
        outcome.forged += 1  # A sound lie: only the comparison with the reference can find it, and does.
    else:
        outcome.wrong.append(f"sample {i}")
