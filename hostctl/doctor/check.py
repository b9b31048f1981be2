"""One thing that was looked for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """``name`` was looked for: is it there, what was found, what needs it, and the command that mends it.

    ``group`` is the heading it stands under. ``optional`` things are missing without harm: what needs them says so.
    """

    name: str
    ok: bool
    found: str
    needed_for: str
    fix: str = ""
    group: str = ""
    optional: bool = False
