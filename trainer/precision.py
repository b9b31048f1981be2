"""Which matrix products may run in bfloat16: those whose factors lose nothing by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from trainer.model import SpikingNetwork


@contextmanager
def exact_products(model: SpikingNetwork) -> Iterator[None]:
    """Let processors with bfloat16 units multiply spikes and integer weights in them, while the block runs.

    Spikes are 0 or 1 and weights have 8 bits at most: bfloat16 holds both exactly, and their products are summed in
    float32, so currents are the same bits. Only what dropout scales up and gradients are rounded, to 8 bits. A model
    that computes with float weights is left in full precision, and so is a processor without such units. NVIDIA's
    library of convolutions may choose transforms that round (FFT, Winograd): it is not asked.
    """
    before = torch.get_float32_matmul_precision()
    if all(layer.bits is not None for layer in model.synapses()):
        torch.set_float32_matmul_precision("medium")
    try:
        with torch.backends.cudnn.flags(enabled=False):
            yield
    finally:
        torch.set_float32_matmul_precision(before)
