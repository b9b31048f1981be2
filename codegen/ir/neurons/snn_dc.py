"""SNN-DC: integration that starts anew each step (Yin et al. 2017, eqs 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from codegen.ir.neurons.base import Array, Neuron, Range


@dataclass(frozen=True)
class SnnDc(Neuron):
    """``v[t] = b + sum w x[t]``; a spike when ``v > theta``. No memory between steps."""

    kind: ClassVar[str] = "snn_dc"
    nir: ClassVar[str] = "Threshold"
    has_memory: ClassVar[bool] = False

    def step(self, membrane: Array, current: Array) -> tuple[NDArray[np.bool_], Array]:  # noqa: ARG002
        """See ``Neuron.step``; the old membrane does not matter."""
        return current > self.theta, current

    def membrane_range(self, current: Range, steps: int) -> Range:  # noqa: ARG002
        """See ``Neuron.membrane_range``."""
        return current
