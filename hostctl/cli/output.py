"""What a command says: the result on stdout, as text or as JSON in one envelope; progress and log on stderr."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from codegen.ir.errors import Problem

ENVELOPE = "spikec/1"
console = Console(stderr=True, highlight=False)


class Advance(Protocol):
    """How long work tells how far it is."""

    def __call__(self, done: int, total: int, words: str = "") -> None:
        """So many of ``total`` are done; ``words`` stand beside the bar."""


@dataclass(frozen=True)
class Output:
    """Where one command's answer goes."""

    command: str
    json: bool

    def result(self, value: Mapping[str, Any], text: str) -> None:
        """The command's answer, once: ``value`` for programs, ``text`` for people."""
        click.echo(self._envelope(True, dict(value), []) if self.json else text)

    def problems(self, problems: Sequence[Problem], status: int) -> int:
        """What went wrong; returns ``status``."""
        if self.json:
            found = [{"where": p.where, "what": p.what, "hint": p.hint} for p in problems]
            click.echo(self._envelope(False, None, found))
        for problem in problems:
            click.echo(f"spikec: {problem}", err=True)
        return status

    def note(self, text: str) -> None:
        """A line of log, on stderr."""
        console.print(text, style="dim")

    @contextmanager
    def progress(self, label: str) -> Iterator[Advance]:
        """Show a bar on stderr while the block runs; where stderr is no terminal, a line before and after."""
        if not console.is_terminal:
            yield from self._plain_progress(label)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        eta = (TextColumn("eta"), TimeRemainingColumn(), TextColumn("{task.fields[words]}"))
        with Progress(*columns, *eta, console=console) as bar:
            task = bar.add_task(label, total=None, words="")

            def advance(done: int, total: int, words: str = "") -> None:
                bar.update(task, completed=done, total=total, words=words)

            yield advance

    def _plain_progress(self, label: str) -> Iterator[Advance]:
        last = (0, 0, "")

        def advance(done: int, total: int, words: str = "") -> None:
            nonlocal last
            if last[1] == 0:
                self.note(f"{label} ...")
            last = (done, total, words)

        yield advance
        if last[1]:
            self.note(f"{label}: {last[0]}/{last[1]} {last[2]}".rstrip())

    def _envelope(self, ok: bool, result: Any, problems: list[Any]) -> str:
        return json.dumps(
            {"schema": ENVELOPE, "command": self.command, "ok": ok, "result": result, "problems": problems}, indent=1
        )


class Told(Output):
    """Progress and log go to stderr, the answer nowhere: whoever calls from Python gets it as a value."""

    def result(self, value: Mapping[str, Any], text: str) -> None:
        """Nowhere."""


class Quiet(Told):
    """Nothing is said at all."""

    def note(self, _text: str) -> None:
        """Nowhere."""

    @contextmanager
    def progress(self, label: str) -> Iterator[Advance]:
        """Nothing to see, on terminals neither."""
        yield from self._plain_progress(label)
