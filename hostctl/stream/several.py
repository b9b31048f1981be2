"""Several boards at once: they share the samples, and what one leaves undone goes to the others."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

from codegen.ir import Problem, SpikecError, fail
from hostctl.samples import Sample
from hostctl.stream.coding import Coding
from hostctl.stream.device import Device
from hostctl.stream.result import DeviceResult
from hostctl.stream.streaming import MAX_OPEN, stream

_END_S = 2.0


def stream_over(
    devices: Sequence[Device],
    samples: Iterable[Sample],
    count: int,
    *,
    trace: bool = False,
    coding: Coding = Coding.GIVEN,
    note: Callable[[str], None],
) -> Generator[tuple[int, DeviceResult], None, None]:
    """Stream ``count`` samples over greeted devices; give the device's number and the result, as they come.

    Raises SpikecError with everything that went wrong when no device is left, and when the boards are not alike.
    """
    check_alike(devices)
    if len(devices) == 1:
        yield from ((0, result) for result in stream(devices[0], samples, trace=trace, coding=coding))
        return
    ahead = min(MAX_OPEN, max(2, count // (8 * len(devices))))
    pool = _Pool(iter(samples), len(devices))
    came: queue.Queue[tuple[int, DeviceResult | BaseException | None]] = queue.Queue()

    def serve(number: int) -> None:
        try:
            while pool.wait():
                for result in stream(devices[number], pool.samples(number), trace=trace, coding=coding, ahead=ahead):
                    pool.done(number, result.index)
                    came.put((number, result))
            came.put((number, None))
        except BaseException as error:  # (whatever it is, the thread that asked has to know)
            pool.lost(number)
            came.put((number, error))

    threads = [threading.Thread(target=serve, args=(i,), daemon=True) for i in range(len(devices))]
    for thread in threads:
        thread.start()
    try:
        yield from _results(devices, pool, came, note)
    finally:
        pool.stop()
        for thread in threads:
            thread.join(_END_S)


def _results(
    devices: Sequence[Device],
    pool: _Pool,
    came: queue.Queue[tuple[int, DeviceResult | BaseException | None]],
    note: Callable[[str], None],
) -> Iterator[tuple[int, DeviceResult]]:
    working, problems = len(devices), list[Problem]()
    while working:
        number, what = came.get()
        if isinstance(what, DeviceResult):
            yield number, what
            continue
        working -= 1
        if isinstance(what, SpikecError):
            problems += what.problems
            if working:
                note(f"{devices[number].line.name} is given up ({what}); the others take over its samples")
        elif what is not None:
            raise what
    if pool.unfinished:
        raise SpikecError(problems)


def check_alike(devices: Sequence[Device]) -> None:
    """Raise SpikecError where boards are of several kinds: their latencies would be mixed."""
    kinds = {(d.greeting.board, d.greeting.counter, d.greeting.counter_hz) for d in devices}
    if len(kinds) > 1:
        found = ", ".join(f"{device.line.name} is {device.greeting.board}" for device in devices)
        raise fail("--port", f"the boards are not alike: {found}", "Run each kind by itself, and compare the runs")


class _Pool:
    """The samples that nobody has answered yet, for several threads."""

    def __init__(self, source: Iterator[Sample], devices: int) -> None:
        self._source, self._exhausted, self._stopped = source, False, False
        self._back: deque[Sample] = deque()
        self._out: list[dict[int, Sample]] = [{} for _ in range(devices)]
        self._changed = threading.Condition()

    def samples(self, number: int) -> Iterator[Sample]:
        """Give a device samples as long as there are any."""
        while True:
            with self._changed:
                sample = None if self._stopped else self._next()
                if sample is None:
                    return
                self._out[number][sample.index] = sample
            yield sample

    def _next(self) -> Sample | None:
        if self._back:
            return self._back.popleft()
        sample = None if self._exhausted else next(self._source, None)
        if sample is None and not self._exhausted:
            self._exhausted = True
            self._changed.notify_all()
        return sample

    def wait(self) -> bool:
        """Wait for work: True when there is some, False when there will never be any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._work or not any(self._out))
            return self._work and not self._stopped

    @property
    def _work(self) -> bool:
        return bool(self._back) or not self._exhausted

    @property
    def unfinished(self) -> bool:
        """Whether samples have no result."""
        return self._work or any(self._out)

    def done(self, number: int, index: int) -> None:
        """A sample has its result."""
        with self._changed:
            del self._out[number][index]
            self._changed.notify_all()

    def lost(self, number: int) -> None:
        """A device is gone: its samples are anybody's."""
        with self._changed:
            self._back.extend(self._out[number].values())
            self._out[number].clear()
            self._changed.notify_all()

    def stop(self) -> None:
        """Nobody wants results any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
