"""Families of FPGAs, one a file: how a design is synthesised for it, placed, routed and packed."""

from __future__ import annotations

import importlib
import pkgutil

from codegen.ir.errors import fail
from hostctl.fpga.families.family import Family

_NOT_FAMILIES = ("family",)


def families() -> list[str]:
    """Every family that designs can be synthesised for."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in _NOT_FAMILIES)


def family(name: str) -> Family:
    """One family. Raises SpikecError for one that there is no way to synthesise for."""
    if name not in families():
        raise fail("fpga.family", f"nothing can be synthesised for '{name}'", f"Known: {', '.join(families())}")
    found = importlib.import_module(f"{__name__}.{name}").FAMILY
    assert isinstance(found, Family)
    return found


__all__ = ["Family", "families", "family"]
