"""How a kind of meter is named on the command line, and opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codegen.ir import fail
from hostctl.meters.base import Meter

Options = Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """``words``: how ``--meter`` names it. ``needed``, ``allowed``: options that must and may be given.

    ``open``: from place and options to a meter. ``somewhere``: it may be named without a place.
    """

    words: str
    open: Callable[[str, Options], Meter]
    needed: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    somewhere: bool = False


def number(options: Options, key: str, default: float = 0.0) -> float:
    """An option as a number. Raises SpikecError where it is none."""
    try:
        return float(options.get(key, default))
    except ValueError as error:
        raise fail("--meter", f"{key}={options[key]} is no number", "Give a number") from error
