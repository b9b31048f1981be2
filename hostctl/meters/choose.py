"""Which meter, where, and with what settings: ``KIND[:WHERE][,NAME=VALUE ...]`` on the command line.

Kinds are the files of the folder ``kinds``: each has ``SETTINGS`` (name to default) and ``make(where, settings)``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass

from codegen.ir import Problem, SpikecError, fail
from hostctl.meters import kinds as folder
from hostctl.meters.meter import Meter


@dataclass(frozen=True)
class Choice:
    """A meter that was asked for. ``where``: its port or serial number, '' for the only one."""

    kind: str
    where: str
    settings: Mapping[str, float]

    @property
    def needs_marker(self) -> bool:
        """Whether the board has to show on a pin when it works; else the meter tells by the current."""
        return "edge" not in self.settings


def kinds() -> list[str]:
    """Every kind of meter that there is a driver for."""
    return sorted(module.name for module in pkgutil.iter_modules(folder.__path__) if not module.name.startswith("_"))


def parse_meter(text: str) -> Choice:
    """Read what was typed. Raises SpikecError for unknown kinds and settings, and for values that are no numbers."""
    head, *words = text.split(",")
    kind, _, where = head.partition(":")
    if kind not in kinds():
        raise fail(
            "--meter", f"'{kind}' is unknown", f"Known: {', '.join(kinds())}; as in 'ppk2:/dev/ttyACM0,volts=3.3'"
        )
    known = dict(importlib.import_module(f"{folder.__name__}.{kind}").SETTINGS)
    problems = []
    for word in words:
        name, _, value = word.partition("=")
        try:
            if name not in known:
                problems.append(Problem("--meter", f"{kind} has no setting '{name}'", f"It has: {', '.join(known)}"))
            known[name] = float(value)
        except ValueError:
            problems.append(Problem("--meter", f"{name}={value!r} is no number", f"As in {name}=3.3"))
    if problems:
        raise SpikecError(problems)
    return Choice(kind, where, known)


def open_meter(choice: Choice) -> Meter:
    """Make the driver. Raises SpikecError when a setting is missing; the meter itself is looked for when it starts."""
    meter = importlib.import_module(f"{folder.__name__}.{choice.kind}").make(choice.where, choice.settings)
    assert isinstance(meter, Meter)
    return meter


def needed(kind: str, settings: Mapping[str, float], name: str, hint: str) -> float:
    """Give a setting that has no default. Raises SpikecError when it is missing or not above 0."""
    value = settings[name]
    if not value > 0:
        raise fail("--meter", f"{kind} needs the setting '{name}'", hint)
    return value
