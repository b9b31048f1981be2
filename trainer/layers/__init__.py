"""Connections in torch, one a file, with the kinds' names of ``codegen.ir.layers``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from trainer.layers.base import Connection


@cache
def kinds() -> dict[str, type[Connection]]:
    """Every kind of connection of this folder, by its name."""
    found = {}
    for module in iter_modules(__path__):
        for value in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Connection) and hasattr(value, "kind"):
                found[value.kind] = value
    return found
