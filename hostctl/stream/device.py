"""A device on a line: opening, greeting, checking that it carries the right network, and moving frames."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from codegen.ir import Network, Problem, SpikecError, fail
from hostctl.protocol import ErrorCode, Feature, Frame, Greeting, Hello, Receiver, ToDevice, ToHost, encode_frame
from hostctl.protocol.constants import VERSION
from hostctl.protocol.messages import DeviceError
from hostctl.stream.loss import Loss
from hostctl.stream.patience import Patience
from hostctl.transport.serial import DeviceGone, SerialLine

_HALF = 1 << 15
_MODULO = 1 << 16
_SHOWN = 24
_QUIET_S = 0.05
_ASKS = 4


class Line(Protocol):
    """What a transport has to offer; see ``SerialLine``."""

    name: str

    def exchange(self, outgoing: bytes | bytearray | memoryview, timeout: float) -> tuple[int, bytes]:
        """Write what the line takes, read what has come."""

    def reopen(self, timeout: float) -> None:
        """Wait until a vanished line is back."""

    def close(self) -> None:
        """Give the line back."""


@dataclass
class LinkStats:
    """What the line went through."""

    frames_sent: int = 0
    frames_resent: int = 0
    frames_received: int = 0
    frames_damaged: int = 0
    frames_lost: int = 0
    pings: int = 0
    greetings: int = 0
    reopened: int = 0
    samples_resent: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0

    def to_json(self) -> dict[str, int]:
        """Plain JSON values."""
        return asdict(self)


def _quiet(_: str) -> None:
    pass


class Device:
    """A greeted device. ``note`` takes lines for people: the device's log, and what is being done about trouble."""

    greeting: Greeting

    def __init__(
        self, line: Line, network: Network, patience: Patience | None = None, note: Callable[[str], None] = _quiet
    ) -> None:
        self.line = line
        self.network = network
        self.patience = patience or Patience()
        self.note = note
        self.stats = LinkStats()
        self.last_heard = "nothing at all"
        self.loss = Loss()
        """What gets lost on the way to us."""
        self.piece = 0
        """Payload bytes of the frames that a result comes in at most, from the next greeting on; 0: as it pleases."""
        self._receiver = Receiver()
        self._out = bytearray()
        self._next: int | None = None
        self._held: list[Frame] = []

    @classmethod
    def open(
        cls,
        port: str,
        network: Network,
        *,
        baud: int = 115_200,
        patience: Patience | None = None,
        note: Callable[[str], None] = _quiet,
        worse: Callable[[SerialLine], Line] | None = None,
    ) -> Self:
        """Open a port and greet what is there; ``worse`` lays another line over the port's.

        Raises SpikecError for every way in which that can fail.
        """
        line = SerialLine(port, baud)
        device = cls(line if worse is None else worse(line), network, patience, note)
        try:
            try:
                device.greet()
            except DeviceGone:
                device.reopen()
        except BaseException:
            device.close()
            raise
        return device

    def close(self) -> None:
        """Give the port back."""
        self.line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        """Queue bytes for the line; ``pump`` moves them."""
        self._out += data

    def pump(self, timeout: float) -> list[Frame]:
        """Move bytes both ways, waiting at most ``timeout`` seconds; returns the frames that came, doubles left out.

        Raises DeviceGone when the port has vanished.
        """
        if self._held:
            held, self._held = self._held, []
            return held
        written, data = self.line.exchange(self._out, timeout)
        del self._out[:written]
        self.stats.bytes_sent += written
        if not data:
            return []
        self.stats.bytes_received += len(data)
        frames = self._receiver.feed(data)
        self.stats.frames_received = self._receiver.received
        self.loss.add(len(data), self._receiver.damaged - self.stats.frames_damaged)
        self.stats.frames_damaged = self._receiver.damaged
        if not frames:
            self.last_heard = f"{len(data)} bytes that are no frame: {_show(data)}"
            return []
        self.last_heard = f"{_name(frames[-1])} at {time.strftime('%H:%M:%S')}"
        return [frame for frame in frames if self._in_order(frame)]

    @property
    def idle(self) -> bool:
        """Whether everything queued has left."""
        return not self._out

    def _in_order(self, frame: Frame) -> bool:
        """Count gaps in the device's numbering, and drop doubles. Before a greeting there is no numbering."""
        if self._next is None or (frame.type == ToHost.ERROR and frame.payload[:1] == bytes([ErrorCode.NOT_GREETED])):
            return True
        gap = (frame.sequence - self._next) % _MODULO
        if gap >= _HALF:
            return False
        self.stats.frames_lost += gap
        self._next = (frame.sequence + 1) % _MODULO
        return True

    def greet(self) -> Greeting:
        """Begin anew with whatever is on the line, and check that it is our network.

        The line is ours once the last HELLO is answered: with each the device begins anew. An answer to an earlier one
        tells how slow it is, any other frame of its that it is still busy with what it was sent before: neither is
        silence. Nor is a frame that comes damaged, which the greeting may have been: HELLO goes again at once.

        Raises SpikecError naming what was heard: nothing, garbage, our own echo, another protocol version, another
        network (with both digests).
        """
        self._out.clear()
        self._held.clear()
        self._next = None
        patience, sent, silent, slowest, echoed = self.patience, dict[int, float](), 0, 0.0, False
        while silent < patience.greetings and len(sent) < patience.greetings * patience.attempts:
            nonce = secrets.randbits(32)
            hello = Hello(nonce, self._piece_to_ask(len(sent)))
            self.send(b"\0" + encode_frame(hello.TYPE, 0, hello.pack()))
            sent[nonce] = time.monotonic()
            silent += 1
            damaged = self.stats.frames_damaged
            while (left := sent[nonce] + max(patience.greeting_s, 2 * slowest) - time.monotonic()) > 0:
                hurt, received = self.stats.frames_damaged > damaged, self.stats.bytes_received
                frames = self.pump(min(left, _QUIET_S) if hurt else left)
                if hurt and self.stats.bytes_received == received:
                    silent = 0
                    break
                echoed = echoed or any(frame.type == ToDevice.HELLO for frame in frames)
                answered = self._find_greetings(frames, sent)
                if nonce in answered:
                    return self.greeting
                slowest = max([slowest, *(time.monotonic() - sent[each] for each in answered)])
                if any(frame.type >= ToHost.GREETING for frame in frames):
                    silent = 0
        raise self._silence(echoed)

    def _piece_to_ask(self, tries: int) -> int:
        """The length of pieces to ask for; now and then none, as the device may be another one by now."""
        known = hasattr(self, "greeting") and Feature.PIECES in self.greeting.features
        return self.piece if known and tries % _ASKS != _ASKS - 1 else 0

    def _find_greetings(self, frames: list[Frame], sent: Mapping[int, float]) -> list[int]:
        """Find which nonces of ours are answered. If the last is, take its greeting, and keep what came behind it."""
        answered, last = list[int](), list(sent)[-1]
        for i, frame in enumerate(frames):
            greeting = self._greeting(frame)
            if greeting is None or greeting.nonce not in sent:
                continue
            answered.append(greeting.nonce)
            if greeting.nonce == last:
                self._check(greeting)
                self.greeting = greeting
                self._next = (frame.sequence + 1) % _MODULO
                self._held = [later for later in frames[i + 1 :] if self._in_order(later)]
                self.stats.greetings += 1
                break
        return answered

    def _greeting(self, frame: Frame) -> Greeting | None:
        """Read a greeting. Other frames are from before, and mean nothing now."""
        if frame.type >= ToHost.GREETING and (frame.version != VERSION or _refuses_version(frame)):
            theirs = frame.version if frame.version != VERSION else "another one"
            hint = "Build and flash the firmware again with this version of spikec"
            raise fail(self.line.name, f"the device speaks protocol version {theirs}, this host {VERSION}", hint)
        if frame.type == ToHost.LOG:
            self.note(f"device: {frame.payload.decode(errors='replace')}")
        if frame.type != ToHost.GREETING:
            return None
        try:
            return Greeting.unpack(frame.payload)
        except ValueError:
            return None

    def _check(self, greeting: Greeting) -> None:
        network, problems = self.network, list[Problem]()
        if greeting.digest != network.digest:
            what = (
                f"the device carries another network: '{greeting.network}', digest {greeting.digest}; "
                f"the reference is '{network.name}', digest {network.digest}"
            )
            hint = "Flash the firmware built from this network, or give the .spk file that the device was built from"
            raise fail(self.line.name, what, hint)
        sizes = {"steps": network.steps, "inputs": network.in_size, "outputs": network.out_size}
        sizes |= {"layers": len(network.layers), "heads": len(network.heads)}
        for name, size in sizes.items():
            if getattr(greeting, name) != size:
                what = f"the device reports {getattr(greeting, name)} {name}, its network has {size}"
                problems.append(Problem(self.line.name, what, "Its firmware is broken: build and flash it again"))
        if problems:
            raise SpikecError(problems)

    def need(self, feature: Feature, what: str) -> None:
        """Raise SpikecError when the device cannot do this."""
        if feature not in self.greeting.features:
            hint = "Build its firmware with this version of spikec, or use another board"
            raise fail(self.line.name, f"the device ({self.greeting.board}) cannot take {what}", hint)

    def reopen(self) -> None:
        """Wait for a port that vanished and greet the device again. Raises SpikecError when it stays away."""
        self.note(f"{self.line.name} vanished; waiting up to {self.patience.reopen_s:.0f} s for it to come back")
        deadline = time.monotonic() + self.patience.reopen_s
        while True:
            self.line.reopen(max(0.0, deadline - time.monotonic()))
            self._receiver.forget()
            try:
                self.greet()
            except DeviceGone:
                continue  # It came and went again: a plug that is being wiggled.
            self.stats.reopened += 1
            self.note(f"{self.line.name} is back; going on")
            return

    def _silence(self, echoed: bool) -> SpikecError:
        tried = f"{self.patience.greetings} greetings of {self.patience.greeting_s:g} s each"
        if echoed:
            hint = "Its transmit and receive pins are joined, or another kind of device is there: check the port"
            return fail(self.line.name, "the line sends back what it is sent, and no spikec device answers", hint)
        if self.stats.bytes_received == 0:
            hint = "Is the firmware flashed, is this the right port, and is the baud rate the board's?"
            return fail(self.line.name, f"no answer to {tried}; nothing was heard", hint)
        hint = "Another program's device is there, or the baud rate is another: check --port and flash the firmware"
        if self.stats.frames_received:
            hint = "It was there: check cable and power, whether its firmware crashes or this computer is too busy"
        return fail(self.line.name, f"no spikec device answers {tried}; last heard: {self.last_heard}", hint)


def _refuses_version(frame: Frame) -> bool:
    return frame.type == ToHost.ERROR and frame.payload[:1] == bytes([ErrorCode.VERSION])


def _name(frame: Frame) -> str:
    try:
        name = ToHost(frame.type).name
    except ValueError:
        return f"a frame of unknown type {frame.type:#04x}"
    if frame.type == ToHost.ERROR and len(frame.payload) == DeviceError.LAYOUT.size:
        return f"ERROR {error_name(DeviceError.unpack(frame.payload).code)}"
    return name


def error_name(code: int) -> str:
    """Give the name of an ERROR's code, or its number when this version does not know it."""
    try:
        return ErrorCode(code).name
    except ValueError:
        return str(code)


def _show(data: bytes) -> str:
    text = repr(data[:_SHOWN])[1:]
    return text + ("..." if len(data) > _SHOWN else "")


def greeting_json(greeting: Greeting) -> dict[str, Any]:
    """Give the greeting as JSON values, features by name, without the nonce."""
    value = asdict(greeting)
    del value["nonce"]
    value["features"] = [feature.name for feature in Feature if feature in greeting.features]
    return value
