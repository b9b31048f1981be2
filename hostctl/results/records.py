"""The lines of ``results.jsonl``: written as results arrive, read again for summaries, reports and ``--resume``.

``docs/results-format.md`` describes every field.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from codegen.ir import fail

SCHEMA = "spikec.results/1"
FILE = "results.jsonl"
Record = TypeVar("Record")

SYNC_S = 1.0
"""Lines are flushed at once and on the disk after at most so many seconds."""


@dataclass(frozen=True)
class Header:
    """The first line: everything that the results belong to."""

    tool: str
    network: dict[str, Any]
    board: dict[str, Any]
    greeting: dict[str, Any]
    data: dict[str, Any]
    options: dict[str, Any]
    build: dict[str, Any] | None = None
    schema: str = SCHEMA
    kind: str = "header"


@dataclass(frozen=True)
class SampleRecord:
    """One sample's line. Answers are class indices by head, one a step (None: the device did not tell)."""

    index: int
    id: str
    labels: dict[str, int | None]
    answers: dict[str, list[int | None]]
    reference_answers: dict[str, list[int]]
    counts: list[int]
    layer_spikes: list[list[int]]
    mismatching_spikes: int
    mismatching_counts: int
    mismatching_membranes: int | None
    mismatching_final_membranes: int
    mismatching_synops: int
    mismatching_answers: int
    first_difference: str | None
    ticks: int
    layer_ticks: list[int]
    synops: list[int]
    wall_s: float
    at_s: float
    session: int = 0
    device: int = 0
    place: dict[str, Any] | None = None
    cause: dict[str, Any] | None = None
    kind: str = "sample"

    @property
    def different(self) -> bool:
        """Whether anything that the device said differs from the reference."""
        return self.first_difference is not None


@dataclass(frozen=True)
class WorstRecord:
    """The line of the all-ones input (``--worst``): every input spikes in every step. It is none of the samples."""

    ticks: int
    layer_ticks: list[int]
    synops: list[int]
    first_difference: str | None
    session: int = 0
    kind: str = "worst"


@dataclass(frozen=True)
class InputRecord:
    """The input of a sample that a report plays: the inputs that spike in each step."""

    index: int
    spikes: list[list[int]]
    kind: str = "input"


@dataclass(frozen=True)
class SessionRecord:
    """The last line of each stretch of streaming: how long it took and what the line went through."""

    session: int
    samples: int
    wall_s: float
    finished: bool
    link: dict[str, int] = field(default_factory=dict)
    kind: str = "session"


@dataclass(frozen=True)
class RunFile:
    """A whole results.jsonl.

    ``sound_bytes``: its length without a torn last line; ``worst``: None where it was not asked for;
    ``inputs``: by index, of the samples that are worth looking at.
    """

    header: Header
    samples: list[SampleRecord]
    sessions: list[SessionRecord]
    sound_bytes: int
    worst: WorstRecord | None = None
    inputs: dict[int, InputRecord] = field(default_factory=dict)

    @property
    def next_session(self) -> int:
        """The number of the stretch that a resumed run begins."""
        return 1 + max([-1, *(s.session for s in self.samples), *(s.session for s in self.sessions)])


def read_run(folder: Path) -> RunFile:
    """Read a run folder's results; a torn last line (the run was killed while it wrote) is left out.

    Samples come in the order of their index, the newest line for each. Raises SpikecError when the file is missing,
    foreign, of another schema, or damaged elsewhere than in its last line.
    """
    path = folder / FILE
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise fail(str(path), f"cannot be read ({error.strerror})", "Give the folder of a run") from error
    whole = raw[: raw.rfind(b"\n") + 1]
    lines = whole.split(b"\n")[:-1]
    values = [_parse(line, f"{path}, line {number}") for number, line in enumerate(lines, 1)]
    if not values or values[0].get("kind") != "header":
        raise fail(str(path), "does not begin with a header line", "It holds no results, or its run was killed at once")
    if values[0].get("schema") != SCHEMA:
        text = f"has schema {values[0].get('schema')!r}"
        raise fail(str(path), text, f"This version reads {SCHEMA}; use the version of spikec that wrote it")
    header = _restore(Header, values[0], f"{path}, line 1")
    samples: dict[int, SampleRecord] = {}
    sessions, worst, inputs = list[SessionRecord](), None, dict[int, InputRecord]()
    for number, value in enumerate(values[1:], 2):
        if value.get("kind") == "sample":
            record = _restore(SampleRecord, value, f"{path}, line {number}")
            samples[record.index] = record
        elif value.get("kind") == "session":
            sessions.append(_restore(SessionRecord, value, f"{path}, line {number}"))
        elif value.get("kind") == "worst":
            worst = _restore(WorstRecord, value, f"{path}, line {number}")
        elif value.get("kind") == "input":
            record_of_input = _restore(InputRecord, value, f"{path}, line {number}")
            inputs[record_of_input.index] = record_of_input
    return RunFile(header, [samples[index] for index in sorted(samples)], sessions, len(whole), worst, inputs)


def _parse(line: bytes, where: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise fail(where, "is damaged", "Only a torn last line can be mended; start the run anew in another folder")
    return value


def _restore(kind: type[Record], value: Mapping[str, Any], where: str) -> Record:
    """Make the record; fields of later versions are ignored."""
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{name: item for name, item in value.items() if name in known})
    except TypeError as error:
        raise fail(where, f"lacks fields ({error})", "The file was made by another version or edited") from error


class Writer:
    """Appends lines; each is flushed at once, and synced to the disk every second and at the end."""

    def __init__(self, path: Path, *, keep_bytes: int = 0) -> None:
        """Open the file for appending after its first ``keep_bytes`` (0: a new file, in folders made as needed)."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("r+b" if keep_bytes else "wb")
            self._file.truncate(keep_bytes)
            self._file.seek(keep_bytes)
        except OSError as error:
            raise fail(str(path), f"cannot be written ({error.strerror})", "Choose another --out folder") from error
        self._path = path
        self._synced = time.monotonic()

    def add(self, record: Header | SampleRecord | InputRecord | WorstRecord | SessionRecord) -> None:
        """Write one line. Raises SpikecError when the disk does not take it."""
        line = json.dumps(vars(record), separators=(",", ":"), ensure_ascii=False) + "\n"
        try:
            self._file.write(line.encode())
            self._file.flush()
            if time.monotonic() - self._synced >= SYNC_S:
                self._sync()
        except OSError as error:
            hint = "Make room; 'spikec stream --resume' then goes on where it stopped"
            raise fail(str(self._path), f"cannot be written ({error.strerror})", hint) from error

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced = time.monotonic()

    def close(self) -> None:
        """Bring everything to the disk and close."""
        if not self._file.closed:
            self._sync()
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
