"""Errors that are written for people: what was wrong, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the place, the fact with its value, and the way out."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}. {self.hint}" if self.hint else text


class SpikecError(Exception):
    """The user's input or device is at fault (exit code 2). Carries every problem found, not just the first."""

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def fail(where: str, what: str, hint: str = "") -> SpikecError:
    """Make an error with one problem, to be raised: where it is, what is wrong, and the way out."""
    return SpikecError(Problem(where, what, hint))
