"""TOML tables as dataclasses, with everything that is wrong said at once."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from typing import Any, TypeVar, get_args, get_type_hints

from codegen.ir import Problem

Table = TypeVar("Table")
_SPELLED = {
    int: "a whole number",
    float: "a number",
    str: "a text",
    bool: "true or false",
    list[int | str]: 'layers: whole numbers, or texts such as "12c5" and "mp2"',
}


def part(data: Mapping[str, Any], name: str, where: str, problems: list[Problem]) -> dict[str, Any]:
    """One table of the TOML; empty when it is left out, and with a problem when it is no table."""
    found = data.get(name, {})
    if isinstance(found, dict):
        return dict(found)
    problems.append(Problem(where, f"'{name}' is {found!r}", f"Make it a table: [{name}]"))
    return {}


def known(table: Mapping[str, Any], names: tuple[str, ...], where: str, problems: list[Problem]) -> None:
    """Complain of keys that mean nothing, and name the one that was probably meant."""
    for key in table:
        if key not in names:
            close = difflib.get_close_matches(key, names, 1)
            hint = f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(names)}"
            problems.append(Problem(where, f"'{key}' is unknown", hint))


def read(kind: type[Table], table: Mapping[str, Any], where: str, problems: list[Problem]) -> Table | None:
    """Make a dataclass of a TOML table; None, and problems, when keys are unknown, missing or of another type."""
    before = len(problems)
    items: dict[str, Field[Any]] = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    known(table, tuple(items), where, problems)
    types = get_type_hints(kind)
    for name, item in items.items():
        if name not in table:
            if item.default is MISSING and item.default_factory is MISSING:
                problems.append(Problem(where, f"'{name}' is missing", f"Give {name}, as in recipes/"))
        elif not _fits(table[name], types[name]):
            problems.append(Problem(where, f"'{name}' is {table[name]!r}", f"Give {_spell(types[name])}"))
    if len(problems) > before:
        return None
    return kind(**{name: value for name, value in table.items() if name in items})


def _fits(value: Any, wanted: Any) -> bool:
    if wanted == list[int | str]:
        return isinstance(value, list) and all(_fits(item, int) or _fits(item, str) for item in value)
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if wanted in (int, str, bool):
        return type(value) is wanted
    return value in get_args(wanted)  # A Literal: a choice of strings.


def _spell(wanted: Any) -> str:
    return _SPELLED.get(wanted) or "one of: " + ", ".join(get_args(wanted))
