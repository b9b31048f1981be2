"""From the words of ``--meter`` to a meter: ``KIND[:WHERE[,KEY=VALUE...]]``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from codegen.ir import fail
from hostctl.meters import kinds
from hostctl.meters.base import Meter
from hostctl.meters.kind import Kind


@cache
def known_kinds() -> dict[str, Kind]:
    """Every kind of meter that the folder ``kinds`` has, by name."""
    names = sorted(module.name for module in iter_modules(kinds.__path__))
    return {name: kind for module in names for name, kind in import_module(f"{kinds.__name__}.{module}").KINDS.items()}


def parse_meter(text: str) -> tuple[str, str, dict[str, str]]:
    """Kind, place and options. Raises SpikecError: an unknown kind or option, or one that is missing."""
    name, _, rest = text.partition(":")
    if not rest:
        name, comma, rest = name.partition(",")
        rest = comma + rest
    if name not in known_kinds():
        known = ", ".join(known_kinds())
        raise fail("--meter", f"'{name}' is unknown", f"Known: {known}; for others 'spikec energy --csv'")
    where, *parts = rest.split(",")
    options = {key: value for key, _, value in (part.partition("=") for part in parts)}
    kind = known_kinds()[name]
    hint = f"It is named as {kind.words}"
    if unknown := options.keys() - kind.needed - kind.allowed:
        raise fail("--meter", f"{name} has no option '{min(unknown)}'", hint)
    if missing := kind.needed - options.keys():
        raise fail("--meter", f"{name} needs {min(missing)}=", hint)
    if not kind.somewhere and not where:
        raise fail("--meter", f"{name} needs its serial port", hint)
    return name, where, options


def open_meter(text: str) -> Meter:
    """Open the meter that ``text`` names. Raises SpikecError, or ModuleNotFoundError without its package."""
    name, where, options = parse_meter(text)
    return known_kinds()[name].open(where, options)
