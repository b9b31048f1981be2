"""Samples out, results in: pipelined, and going on through loss, resets and plugs that are pulled."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from codegen.ir import fail
from hostctl.protocol import (
    Ack,
    DeviceError,
    ErrorCode,
    Feature,
    Flag,
    Format,
    Frame,
    ResultPiece,
    SampleBegin,
    ToDevice,
    ToHost,
    TracePiece,
    timing_bytes,
)
from hostctl.protocol.constants import MIN_PIECE
from hostctl.samples import Sample
from hostctl.stream.coding import Coding, code
from hostctl.stream.device import Device, error_name
from hostctl.stream.loss import FRAME_OVERHEAD
from hostctl.stream.result import Collector, DeviceResult
from hostctl.stream.window import Window
from hostctl.transport.serial import DeviceGone

MAX_OPEN = 64
"""Samples that are under way at most; the line's credit usually allows fewer."""
BACKLOG_BYTES = 16_384
"""So much is packed ahead of the line, so that it never waits for the host."""
TICK_S = 0.25
SOONEST_S = 0.005
"""A line that loses much is asked so soon at the earliest whether something was lost."""
FIRST_S = 0.25
"""... and so soon before it is known how long answers take."""
CAREFUL_BYTES = 1024
"""So much is on its way at once in the beginning on a line that loses something."""
_ON_A_BAD_LINE = 4
_SLOWER = 4.0
_FADING = 0.98
_DOUBLINGS, _DOUBLINGS_OF_LOST = 7, 2
_OVERDUE = 2.0
_SMOOTH = 0.125  # As TCP does it (RFC 6298).
_ENOUGH_LOST = 4
_SHORTER = 0.7
_SHORTEST = 20
"""Payload bytes: an event has up to eleven, the head of a record six."""


def stream(
    device: Device,
    samples: Iterable[Sample],
    *,
    trace: bool = False,
    coding: Coding = Coding.GIVEN,
    ahead: int = MAX_OPEN,
) -> Iterator[DeviceResult]:
    """Send samples to a greeted device and give its results in the order in which they come.

    The next samples travel while the device computes. Frames that get lost, doubled or damaged are sent again; a
    device that resets is greeted again; a port that vanishes is waited for; samples whose result got lost are sent
    again. Where much gets lost, frames get shorter, less is on its way at once, and silence is looked into sooner. With
    ``trace`` every spike and membrane comes along. Samples must have different ``index``; at most ``ahead`` of them are
    under way.

    Raises SpikecError when the device refuses a sample, stays silent, or fails more often than its ``patience`` allows.
    """
    if trace:
        device.need(Feature.TRACE, "requests for the trace")
    yield from _Stream(device, iter(samples), trace, coding, ahead).run()


@dataclass
class _Work:
    """A sample that has no result yet. ``number``: its id on the wire, never 0 (which means 'no sample' in errors)."""

    sample: Sample
    collector: Collector
    attempts: int = 0
    first_frame: int = 0
    last_frame: int = 0
    started: float | None = None
    acknowledged: float | None = None
    troubles: int = 0

    @property
    def number(self) -> int:
        return self.sample.index + 1


class _Lapsed(Exception):  # noqa: N818 - no error: the device has to be greeted again
    pass


class _Stream:
    def __init__(self, device: Device, source: Iterator[Sample], trace: bool, coding: Coding, ahead: int) -> None:
        self._device = device
        self._patience = device.patience
        self._source = source
        self._trace = trace
        self._coding = coding
        self._ahead = ahead
        self._again: deque[_Work] = deque()
        self._open: dict[int, _Work] = {}  # By number, in the order of sending.
        self._exhausted = False
        self._greetings_in_vain = 0
        self._slowest = 0.0
        self._pace = 0.0  # From one result to the next, smoothed.
        self._result_bytes = Collector(device.network, trace).result_size
        self._delay = 0.0  # Until a frame is acknowledged: smoothed, with four times what it varies by.
        self._spread = 0.0
        self._window = Window(device.greeting.rx_bytes)
        self._begin()

    def _begin(self) -> None:
        limit = min(self._window.limit, CAREFUL_BYTES) if self._lossy else self._window.limit
        self._window = Window(self._device.greeting.rx_bytes, limit, self._window.loss)
        self._heard = self._moved = self._asked = self._last_result = time.monotonic()
        self._pings_in_vain = 0
        self._longest = 0  # Payload of ours since the greeting.

    def run(self) -> Iterator[DeviceResult]:
        try:
            while self._fill():
                yield from self._turn()
        finally:
            self._account()

    def _turn(self) -> Iterator[DeviceResult]:
        try:
            for frame in self._exchange():
                result = self._take(frame)
                if result is not None:
                    yield result
            self._look_at_the_clock()
        except _Lapsed:
            self._greet_again()
        except DeviceGone:
            self._device.reopen()
            self._start_over()

    def _fill(self) -> bool:
        """Keep the line busy; says whether anything is left to do."""
        while self._window.backlog < BACKLOG_BYTES and len(self._open) < self._ahead:
            work = self._next_work()
            if work is None:
                break
            self._put(work)
        return bool(self._open)

    def _next_work(self) -> _Work | None:
        if self._again:
            return self._again.popleft()
        sample = None if self._exhausted else next(self._source, None)
        if sample is None:
            self._exhausted = True
            return None
        if sample.index + 1 in self._open:
            raise ValueError(f"two samples have the index {sample.index}")
        return _Work(sample, Collector(self._device.network, self._trace))

    def _put(self, work: _Work) -> None:
        allowed = max(self._patience.attempts, self._device.loss.attempts(work.collector.result_size))
        if work.attempts >= allowed:
            what = f"sample {work.sample.id} got no result in {work.attempts} attempts"
            hint = f"Last heard: {self._device.last_heard}. Check cable and power"
            raise fail(self._device.line.name, what, hint)
        work.attempts += 1
        work.started = work.acknowledged = None
        work.collector.begin_again()
        kind, payloads = code(self._device, work.sample, self._coding, self._best_payload())
        begin = SampleBegin(work.number, kind, Flag.TRACE if self._trace else Flag(0))
        work.first_frame = self._window.add(ToDevice.SAMPLE_BEGIN, begin.pack())
        self._longest = max([self._longest, *map(len, payloads)])
        for payload in payloads:
            self._window.add(ToDevice.EVENTS if kind == Format.EVENTS else ToDevice.FRAMES, payload)
        work.last_frame = self._window.add(ToDevice.SAMPLE_END)
        self._open[work.number] = work

    def _best_payload(self) -> int:
        """Payload bytes of our frames. A line that is new to us loses as much one way, we suppose, as the other."""
        most = self._device.greeting.max_payload
        return max(_SHORTEST, min(loss.best_payload(most) for loss in (self._window.loss, self._device.loss)))

    def _exchange(self) -> list[Frame]:
        was_waiting, resent = self._window.waiting, self._window.resent
        data = self._window.take()
        if data:
            now = time.monotonic()
            if not was_waiting:
                self._heard = now
                if self._window.resent == resent:
                    self._moved = now
            self._device.send(data)
            self._mark_started()
        return self._device.pump(0.0 if data else min(TICK_S, self._patience.reply_s / 4, self._answer_s / 2))

    @property
    def _lossy(self) -> bool:
        return self._window.loss.rate > 0 or self._device.loss.rate > 0

    @property
    def _reply_s(self) -> float:
        return max(self._patience.reply_s, _SLOWER * self._slowest)

    @property
    def _answer_s(self) -> float:
        """Until an acknowledgement is overdue. Only a line that loses something is worth asking soon."""
        if not self._lossy:
            return self._reply_s
        if self._delay == 0.0:
            return min(self._reply_s, FIRST_S)
        return min(self._reply_s, max(SOONEST_S, self._delay + 4 * self._spread))

    @property
    def _troubles(self) -> int:
        """A number that is another one when something had to be sent again, or asked for."""
        return self._window.resent + self._window.pings + self._device.stats.samples_resent

    def _mark_started(self) -> None:
        now = time.monotonic()
        for work in reversed(self._open.values()):
            if work.started is not None:
                break
            if work.first_frame < self._window.cursor:
                work.started, work.troubles = now, self._troubles

    def _take(self, frame: Frame) -> DeviceResult | None:
        try:
            if frame.type == ToHost.ACK:
                self._acknowledged(Ack.unpack(frame.payload).next)
            elif frame.type == ToHost.RESULT:
                return self._result(ResultPiece.unpack(frame.payload))
            elif frame.type == ToHost.TRACE:
                self._traced(TracePiece.unpack(frame.payload))
            elif frame.type == ToHost.ERROR:
                self._error(DeviceError.unpack(frame.payload))
            elif frame.type == ToHost.LOG:
                self._device.note(f"device: {frame.payload.decode(errors='replace')}")
        except ValueError as error:
            hint = "Build and flash its firmware again with this version of spikec"
            raise fail(self._device.line.name, f"the device sent {error}", hint) from error
        return None

    def _acknowledged(self, number: int) -> None:
        before, now = self._window.base, time.monotonic()
        if not self._window.acknowledge(number):
            raise _Lapsed  # It counts otherwise than we do: it was reset and greeted by somebody else.
        self._heard = now
        if self._window.base > before:
            self._moved = now
            self._send_lost_again()
        self._pings_in_vain = 0
        if self._window.took is not None:
            self._learn_delay(self._window.took)
            self._window.took = None

    def _send_lost_again(self) -> None:
        """Send samples again whose results must have come by now.

        A device gives a sample's result before it takes the frame behind the next one's SAMPLE_BEGIN (SPEC.md, Order).
        """
        if not self._lossy:
            return
        for work, later in pairwise(list(self._open.values())):
            if later.first_frame + 2 > self._window.base:
                break
            self._send_again(work)

    def _learn_delay(self, took: float) -> None:
        """Learn from an acknowledgement how long they take."""
        if self._delay == 0.0:
            self._delay, self._spread = took, took / 2
            return
        self._spread += _SMOOTH * 2 * (abs(took - self._delay) - self._spread)
        self._delay += _SMOOTH * (took - self._delay)

    def _traced(self, piece: TracePiece) -> None:
        work = self._open.get(piece.sample)
        if work is not None and work.collector.add_trace(piece):
            self._heard = self._moved = time.monotonic()

    def _result(self, piece: ResultPiece) -> DeviceResult | None:
        work = self._open.get(piece.sample)
        if work is None:
            return None
        if work.collector.add_result(piece):
            self._heard = self._moved = time.monotonic()
            self._greetings_in_vain = 0
        if not work.collector.result_whole:
            return None
        for earlier in list(self._open.values()):
            if earlier is work:
                break
            self._send_again(earlier)  # Results come in order: this one's was lost.
        if not work.collector.trace_whole:
            self._send_again(work)
            return None
        now = time.monotonic()
        started = now if work.started is None else work.started
        if work.attempts == 1 and work.troubles == self._troubles:
            self._slowest = max(self._slowest * _FADING, now - max(started, self._last_result))
        interval = now - self._last_result
        if self._pace:
            interval = min(interval, _OVERDUE * self._pace)  # One that was waited for in vain says nothing.
            self._pace += _SMOOTH * (interval - self._pace)
        else:
            self._pace = interval
        self._last_result = now
        del self._open[work.number]
        return work.collector.finish(work.sample.index, now - started)

    def _send_again(self, work: _Work) -> None:
        del self._open[work.number]
        self._again.append(work)
        self._device.stats.samples_resent += 1

    def _error(self, error: DeviceError) -> None:
        if error.code == ErrorCode.NOT_GREETED:
            self._device.note("the device was reset; greeting it again")
            raise _Lapsed
        work = self._open.get(error.sample)
        if work is None and error.code != ErrorCode.TYPE:
            return  # About a sample that is done, or sent again anyway.
        if work is not None and error.code == ErrorCode.STATE:
            self._send_again(work)
            return
        where = self._device.line.name if work is None else f"sample {work.sample.id}"
        what = f"the device refuses it: {error_name(error.code)}, detail {error.detail}"
        raise fail(where, what, _WAY_OUT.get(error.code, "Build its firmware with this version of spikec"))

    def _look_at_the_clock(self) -> None:
        now = time.monotonic()
        if self._window.waiting:
            self._look_for_answers(now)
        else:
            self._look_for_results(now)
        self._shorten_frames()
        self._shorten_pieces()

    def _look_for_answers(self, now: float) -> None:
        if now - self._moved > max(self._patience.stuck_s, _SLOWER * self._slowest):
            self._device.note("the device answers, but takes nothing; greeting it again")
            raise _Lapsed
        soon = self._answer_s
        if soon < self._reply_s:
            wait = min(soon * 2**self._pings_in_vain, self._reply_s)
        else:
            wait = self._reply_s * 2 ** (self._pings_in_vain + self._greetings_in_vain)
        if now - max(self._heard, self._asked) <= wait:
            return
        if self._pings_in_vain >= self._patience.pings and now - self._heard > self._most_silence():
            self._device.note(
                f"no answer for a while (last heard: {self._device.last_heard}); greeting the device again"
            )
            raise _Lapsed
        self._device.send(self._window.ping())
        self._pings_in_vain += 1
        self._asked = now

    def _most_silence(self) -> float:
        """Until a device that is asked in vain is greeted again: the sum of what is waited, doubled at each PING."""
        return self._reply_s * float(2 ** (self._patience.pings + 1) - 1) * float(2**self._greetings_in_vain)

    def _look_for_results(self, now: float) -> None:
        work = next(iter(self._open.values()), None)
        if work is None or work.last_frame >= self._window.base:
            return
        work.acknowledged = work.acknowledged or now
        wait, doublings = self._reply_s, _DOUBLINGS
        if self._lossy and self._pace:  # It was lost, most likely, not late.
            wait, doublings = _OVERDUE * max(self._pace, self._answer_s), _DOUBLINGS_OF_LOST
        if now - max(work.acknowledged, self._last_result) > wait * 2 ** min(work.attempts - 1, doublings):
            self._send_again(work)

    def _shorten_frames(self) -> None:
        """Greet the device again where the frames that wait were made for a better line."""
        best = self._best_payload()
        if self._longest > 2 * best and self._window.loss.times + self._device.loss.times >= _ENOUGH_LOST:
            self._longest = best
            raise _Lapsed

    def _shorten_pieces(self) -> None:
        """Greet the device again where it had better send its results in shorter frames."""
        device = self._device
        if device.loss.times < _ENOUGH_LOST or Feature.PIECES not in device.greeting.features:
            return
        most = device.piece or device.greeting.max_payload
        head = ResultPiece.LAYOUT.size
        data = max(device.loss.best_payload(most, FRAME_OVERHEAD + head), timing_bytes(len(device.network.layers)))
        wanted = max(head + data, MIN_PIECE)
        if wanted < _SHORTER * min(most, head + self._result_bytes):
            device.piece = wanted
            device.note(f"the line loses much: the device sends its results in pieces of {wanted} bytes")
            raise _Lapsed

    def _greet_again(self) -> None:
        try:
            self._device.greet()
        except DeviceGone:
            self._device.reopen()
        self._start_over()

    def _start_over(self) -> None:
        """After a greeting: everything without a result goes again, in order."""
        self._greetings_in_vain += 1
        allowed = self._patience.attempts * (_ON_A_BAD_LINE if self._lossy else 1)
        if self._greetings_in_vain > allowed:
            what = f"the device was greeted {allowed} times in a row without giving a result"
            hint = f"Last heard: {self._device.last_heard}. Check its power supply, or whether its firmware crashes"
            raise fail(self._device.line.name, what, hint)
        for work in reversed(self._open.values()):
            work.attempts -= 1  # It is not to blame.
            self._again.appendleft(work)
        self._open.clear()
        self._account()
        self._begin()

    def _account(self) -> None:
        stats = self._device.stats
        stats.frames_sent += self._window.sent
        stats.frames_resent += self._window.resent
        stats.pings += self._window.pings
        self._window.sent = self._window.resent = self._window.pings = 0


_WAY_OUT: dict[int, str] = {
    ErrorCode.RANGE: "A pixel lies outside the network's sensor: check that the data fit the network",
    ErrorCode.TIME: "Its times run backwards: sort its events",
    ErrorCode.INPUT: "The network takes the other kind of input (events or frames)",
}
