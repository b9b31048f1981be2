"""SNN-DC: integration that starts anew each step (Yin et al. 2017, eqs 2 and 3)."""

from __future__ import annotations

from torch import Tensor

from trainer.ste import spike


def run(current: Tensor, theta: Tensor, *, membranes: bool = True) -> tuple[Tensor, Tensor]:  # noqa: ARG001 (free)
    """See ``Dynamics``: the membrane is the step's input, so all steps fire at once."""
    return spike(current, theta), current
