"""The checks as text for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from hostctl.doctor.check import Check


def render(checks: Sequence[Check]) -> str:
    """A block a group: what is there on one line each, what is missing with what needs it and what installs it."""
    width = max((len(check.name) for check in checks), default=0)
    lines = []
    for group, members in groupby(checks, key=lambda check: check.group):
        lines += [group, *(line for check in members for line in _lines(check, width)), ""]
    return "\n".join([*lines, _verdict(checks)])


def _lines(check: Check, width: int) -> list[str]:
    mark = "ok  " if check.ok else "--  " if check.optional else "NO  "
    lines = [f"  {mark}{check.name:<{width}}  {check.found}"]
    if not check.ok:
        indent = " " * (width + 8)
        lines.append(f"{indent}needed for: {check.needed_for}")
        if check.fix:
            lines.append(f"{indent}to mend:    {check.fix}")
    return lines


def _verdict(checks: Sequence[Check]) -> str:
    missing = [check.name for check in checks if not check.ok and not check.optional]
    optional = sum(not check.ok and check.optional for check in checks)
    rest = f" ({optional} optional {'thing' if optional == 1 else 'things'} missing, marked --)" if optional else ""
    if not missing:
        return f"Everything that is needed is here{rest}."
    return f"Missing: {', '.join(missing)}{rest}."
