"""SNN-CT: integration that goes on over the steps, reset by subtraction (Yin et al. 2017, eqs 5 to 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from codegen.ir.neurons.base import Array, Neuron, Range


@dataclass(frozen=True)
class SnnCt(Neuron):
    """``v[t] = v[t-1] + b + sum w x[t]``; a spike when ``v > theta``, and then ``v -= theta``. At rest ``v = 0``."""

    kind: ClassVar[str] = "snn_ct"
    nir: ClassVar[str] = "IF"
    has_memory: ClassVar[bool] = True

    def step(self, membrane: Array, current: Array) -> tuple[NDArray[np.bool_], Array]:
        """See ``Neuron.step``."""
        membrane = membrane + current
        spikes = membrane > self.theta
        return spikes, membrane - spikes * self.theta.astype(current.dtype)

    def membrane_range(self, current: Range, steps: int) -> Range:
        """See ``Neuron.membrane_range``: interval arithmetic, step by step."""
        theta = self.theta.astype(np.int64)
        rest = Range(np.zeros_like(theta), np.zeros_like(theta))
        seen = rest
        for _ in range(steps):
            before = Range(rest.low + current.low, rest.high + current.high)
            rest = self._after_fire(before, theta)
            seen = seen.join(before).join(rest)
        return seen

    @staticmethod
    def _after_fire(before: Range, theta: NDArray[np.int64]) -> Range:
        """Neurons above theta lose theta, the others stay: the hull of both cases, where each can occur."""
        silent_high = np.minimum(before.high, theta)
        fired_low = np.maximum(before.low, theta + 1) - theta
        fired_high = before.high - theta
        can_fire, can_stay = before.high > theta, before.low <= theta
        low = np.where(can_stay, np.where(can_fire, np.minimum(before.low, fired_low), before.low), fired_low)
        high = np.where(can_fire, np.where(can_stay, np.maximum(silent_high, fired_high), fired_high), silent_high)
        return Range(low, high)
