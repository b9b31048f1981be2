"""Neuron models in torch, one a file, with the kinds' names of ``codegen.ir.neurons``."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Protocol

from torch import Tensor


class Dynamics(Protocol):
    """All steps of a layer of neurons at once."""

    def __call__(self, current: Tensor, theta: Tensor, *, membranes: bool = True) -> tuple[Tensor, Tensor]:
        """Summed inputs (steps, batch, n) and thresholds (n,) to spikes and membranes after each step, same shape.

        Without ``membranes`` the latter may be left out (any tensor): training does not look at them.
        """


@cache
def dynamics() -> dict[str, Dynamics]:
    """Every model of this folder, by its kind: a module ``<kind>.py`` with a function ``run``."""
    return {m.name: import_module(f"{__name__}.{m.name}").run for m in iter_modules(__path__)}
