"""Cycle models by core, found by listing this folder; and why some cores have none."""

from __future__ import annotations

import importlib
import pkgutil

from hostctl.profile.models.base import CycleModel, Cycles, Place

NO_MODEL = {
    "cortex-m7": "its Technical Reference Manual has no instruction timings: it issues two at once",
    "cortex-m33": "its Technical Reference Manual has no instruction timings: it issues some pairs at once",
    "cortex-m55": "its Technical Reference Manual has no instruction timings, and nobody has made a model yet of the "
    "latencies in Arm's Software Optimization Guide (102692): vector instructions overlap",
}
"""Cores that no cycles are estimated for, rather than invented."""


def model_of(core: str) -> CycleModel | None:
    """The model of a core, as boards name it (what stands behind a plus is left out); None when there is none."""
    return next((model() for model in _models() if _plain(core) in model.cores), None)


def why_none(core: str) -> str:
    """Why a core has no model, in words."""
    return NO_MODEL.get(_plain(core), "nobody has written a model of it yet (hostctl/profile/models)")


def _plain(core: str) -> str:
    return core.partition("+")[0]


def _models() -> list[type[CycleModel]]:
    found = list[type[CycleModel]]()
    for module in pkgutil.iter_modules(__path__):
        values = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        found += [each for each in values if isinstance(each, type) and "cores" in vars(each) and each not in found]
    return found


__all__ = ["NO_MODEL", "CycleModel", "Cycles", "Place", "model_of", "why_none"]
