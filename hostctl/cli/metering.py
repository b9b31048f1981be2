"""A meter that runs while samples are streamed, and what it found for the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from codegen.ir import fail

if TYPE_CHECKING:
    from hostctl.cli.job import Job


def check_meter(job: Job) -> None:
    """What can be wrong with ``--meter`` is said before anything is built. Raises SpikecError."""
    from hostctl.cli.job import ALL
    from hostctl.meters import parse_meter

    if job.meter is None:
        return
    if job.board.emulated:
        raise fail("--meter", f"{job.board.id} is emulated: nothing of it can be measured", "Name a real board")
    if not job.board.marker:
        hint = "Give it one (CONTRIBUTING.md tells how), or record a CSV file and use 'spikec energy'"
        raise fail("--meter", f"{job.board.id} has no marker pin that says when it computes", hint)
    if len(job.ports) > 1 or ALL in job.ports:
        hint = "Run each by itself, with its own --port, --meter and --out; 'spikec compare A B' shows both"
        raise fail("--meter", "measures one board, and the samples go to several", hint)
    if job.worst:
        hint = "Measure in a run without it"
        raise fail("--meter", "cannot be with --worst: the input of all ones is none of the samples", hint)
    if job.trace:
        raise fail(
            "--meter", "cannot be with --trace: the board sends while it computes", "Measure in a run without it"
        )
    parse_meter(job.meter)


class Metering:
    """Records while its block runs; works out the energy of the run when the block ends well.

    Before the block a meter that fails raises SpikecError. An error within the block goes on as it is: the samples that
    were streamed until then are kept, their energy is not known. Where a resumed run has nothing left to do, nothing
    was measured, and the run keeps the energy that it had: ``note`` is told.
    """

    def __init__(self, words: str, folder: Path, idle: str, note: Callable[[str], None]) -> None:
        self._words, self._folder, self._idle, self._note = words, folder, idle, note

    def __enter__(self) -> Self:
        from hostctl.meters import open_meter

        self._meter = open_meter(self._words)
        try:
            self._meter.start()
        except BaseException:
            self._meter.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        from hostctl.results import count_in_session, last_session, measure_run

        try:
            session = last_session(self._folder) if kind is None else 0
            streamed = kind is None and count_in_session(self._folder, session) > 0
            recording = self._meter.stop() if streamed else None
        finally:
            self._meter.close()
        if recording is not None:
            measure_run(self._folder, recording, idle=self._idle, session=session)
        elif kind is None:
            self._note("no sample was left to stream, so nothing was measured")
