"""Connections between spike vectors, one kind a file; a new file in this folder is a new kind."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import isabstract
from pkgutil import iter_modules

from codegen.ir.layers.base import Connection


@cache
def kinds() -> dict[str, type[Connection]]:
    """Every kind of connection of this folder, by its name."""
    found = {}
    for module in iter_modules(__path__):
        for value in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Connection) and not isabstract(value):
                found[value.kind] = value
    return found
