"""Neuron models, one a file; a new file in this folder is a new model (nothing else to register)."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from codegen.ir.neurons.base import Neuron


@cache
def models() -> dict[str, type[Neuron]]:
    """Every neuron model of this folder, by its kind."""
    found = {}
    for module in iter_modules(__path__):
        for value in vars(import_module(f"{__name__}.{module.name}")).values():
            if isinstance(value, type) and issubclass(value, Neuron) and value is not Neuron:
                found[value.kind] = value
    return found
