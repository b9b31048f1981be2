"""Ask a program a question and never wait long for the answer."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

TIMEOUT_S = 10.0
"""Longest wait for one program: far above what any of them takes, so that a busy machine is not called a broken one."""


@dataclass(frozen=True)
class Answer:
    """``ok``: the program ran and said yes; ``text``: what it said (stdout, else stderr), or why there is no answer."""

    ok: bool
    text: str

    @property
    def first_line(self) -> str:
        """The first line that is not blank."""
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")


def ask(command: Sequence[str], stdin: str = "") -> Answer:
    """Run ``command`` with ``stdin``. A missing, failing or hanging program is an answer, too."""
    path = shutil.which(command[0])
    if path is None:
        return Answer(False, "not found")
    return _ask(path, tuple(command[1:]), stdin)


@lru_cache(maxsize=256)
def _ask(path: str, arguments: tuple[str, ...], stdin: str) -> Answer:
    """Remembered by the program's path: boards that share a compiler ask it once."""
    try:
        done = subprocess.run(
            [path, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return Answer(False, f"did not answer within {TIMEOUT_S:.0f} s")
    except OSError as error:
        return Answer(False, f"cannot be started ({error.strerror})")
    return Answer(done.returncode == 0, done.stdout.strip() or done.stderr.strip())
