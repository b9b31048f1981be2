"""From what the tools say to what a person wants to see during a long run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

Progress = Callable[[str], None]
"""Gets a short line, now and then: the stage, its seconds so far, and where in it the tool is."""

_EVERY = 5.0
"""Seconds between two lines of one stage."""

_LONGEST = 50
"""Characters of what a tool says that are passed on."""

_NEWS = (
    re.compile(r"^\d+(?:\.\d+)?\. Executing (?P<words>\w+ .*?)\.?$"),
    re.compile(r"^(?P<words>Preparing to run .*)\. This might"),
    re.compile(r"^Info: (?P<words>(?:Packing|Promoting|Placed|Running|Routing|Router\d)\b.*?)\.*$"),
    re.compile(r"^Info: +(?P<words>(?:at )?iteration? ?#?\d+.*)$"),
    re.compile(r"^Info: +(?P<words>iter=\d+.*)$"),
    re.compile(r"^Info: +(?P<words>\d+) \| +\d+ +\d+ \|"),
)


class Narrator:
    """Listens to the tool of one stage and passes on news, not more often than a person can read."""

    def __init__(self, stage: str, progress: Progress) -> None:
        self._stage, self._progress = stage, progress
        self._start = time.monotonic()
        self._last = -_EVERY
        progress(stage)

    @property
    def seconds(self) -> float:
        """Since the stage began."""
        return time.monotonic() - self._start

    def __call__(self, line: str) -> None:
        """Hear one line."""
        found = next((match for news in _NEWS if (match := news.match(line))), None)
        if found is not None and self.seconds - self._last >= _EVERY:
            self._last = self.seconds
            words = found["words"][:_LONGEST].rstrip(" ,=")
            self._progress(f"{self._stage}, {self.seconds:.0f} s: {words if not words.isdigit() else f'{words} arcs'}")
