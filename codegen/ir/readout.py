"""From output spikes to answers, after every step ('anytime', Yin et al. 2017, Fig. 4)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir.network import Network


def answers(network: Network, spikes: NDArray[np.bool_], membranes: NDArray[Any]) -> dict[str, NDArray[np.int64]]:
    """The class that each head names after each step.

    ``spikes`` and ``membranes`` are the output layer's, shape (..., steps, out). Returns (..., steps) class indices by
    head name. ``count``: most spikes so far; ``first_spike``: earliest first spike so far; ``membrane``: highest
    membrane after the step. Ties go to the lowest index, everywhere; silent outputs therefore name class 0.
    """
    score = _score(network, spikes, membranes)
    return {head.name: np.argmax(score[..., head.start : head.stop], axis=-1) for head in network.heads}


def _score(network: Network, spikes: NDArray[np.bool_], membranes: NDArray[Any]) -> NDArray[Any]:
    if network.readout == "membrane":
        return membranes
    counts = np.cumsum(spikes, axis=-2, dtype=np.int64)
    if network.readout == "count":
        return counts
    return np.cumsum(counts > 0, axis=-2, dtype=np.int64)  # Steps since the first spike: earlier is more.
