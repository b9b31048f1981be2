"""A network of rectified linear units (ANN) as a spiking network, without training it anew.

After Rueckauer et al. 2016 ('Theory and tools for the conversion of analog to spiking convolutional neural networks',
arXiv 1612.04052) and 2017 (Front. Neurosci. 11:682): integrate-and-fire neurons that are reset by subtraction (our
SNN-CT) fire at rates that approach the ReLUs' values, once each layer's weights are divided by what its values reach
(data-based normalisation, with a high percentile in place of the maximum) and multiplied by what the layer before
reaches. Pooling takes means; these are linear, so they are folded into the weights behind them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from codegen.ir import Affine, Conv2d, Layer, Network, SnnCt, check, fail
from codegen.ir.layers.base import MIN_BITS as LEAST_STORED
from trainer.architecture import Shape
from trainer.grid import choose_theta, to_grid
from trainer.layers.base import Synapses
from trainer.layers.conv2d import Conv2d as TorchConv2d
from trainer.neurons import dynamics
from trainer.recipe import Recipe
from trainer.relu import ReluNetwork, pooled

PERCENTILE = 99.9
EXACT = 2.0**24
"""Below it, integers in float32 are exact."""


@dataclass(frozen=True)
class Stage:
    """A layer of integrate-and-fire neurons: spikes of ``shape`` are summed over windows of ``pool`` x ``pool``.

    ``layer``: the product with ``weight`` and ``bias``; ``theta``: thresholds (neurons,). With ``bits``, all are
    integers in floats; without, the thresholds are 1.
    """

    layer: Synapses
    weight: Tensor
    bias: Tensor
    theta: Tensor
    shape: Shape
    pool: int
    bits: int | None


@torch.no_grad()
def convert(model: ReluNetwork, pixels: Tensor, *, bits: int | None = 8, percentile: float = PERCENTILE) -> list[Stage]:
    """Normalise the weights by what they give for training images ``pixels`` (n, inputs), and round them to ``bits``.

    ``percentile``: of the positive values of each layer; this value becomes a spike in every step. Without ``bits``
    nothing is rounded. Raises SpikecError when a layer never has a positive value.
    """
    reached, stages = 1.0, list[Stage]()
    for i, values in enumerate(model.activations(pixels)):
        layer, pool = model.layers[i], model.pools[i]
        assert isinstance(layer, Synapses)
        positive = values[values > 0].double().numpy()
        if not positive.size:
            raise fail(f"layer {i + 1}", "has no positive value on these images", "Train the network first")
        reach = float(np.percentile(positive, percentile))
        weight, bias = layer.weight * (reached / (reach * pool**2)), layer.bias / reach
        theta = torch.ones(len(bias))
        if bits is not None:
            theta = choose_theta(weight.flatten(1), bits)
            grid = to_grid(weight, bias, theta, bits)
            weight, bias = grid.weight, grid.bias
        stages.append(Stage(layer, weight, bias, layer.neurons(theta), model.before[i], pool, bits))
        reached = reach
    return stages


@torch.no_grad()
def simulate(stages: Sequence[Stage], spikes: Tensor) -> tuple[Tensor, Tensor]:
    """Run spikes (steps, batch, inputs). Returns the outputs' spikes, and their summed input so far, in thresholds.

    Both are (steps, batch, outputs). The spikes of integer stages are those of ``integer_network``: exact, or an
    ArithmeticError.
    """
    for stage in stages:
        current = stage.layer.product(pooled(spikes, stage.shape, stage.pool), stage.weight, stage.bias)
        spikes, membranes = dynamics()["snn_ct"](current, stage.theta)
        if stage.bits is not None and _largest(stage, membranes) >= EXACT:
            raise ArithmeticError(f"numbers in a layer of {len(stage.theta)} neurons may exceed what float32 holds")
    return spikes, spikes.cumsum(dim=0) + membranes / stages[-1].theta


def _largest(stage: Stage, membranes: Tensor) -> float:
    """What no sum and no membrane that was seen exceeds, before or after the reset."""
    sums = stage.weight.abs().flatten(1).sum(dim=1) * stage.pool**2 + stage.bias.abs()
    return float(membranes.abs().max() + sums.max() + stage.theta.max())


def integer_network(stages: Sequence[Stage], recipe: Recipe, steps: int) -> Network:
    """The integer network of converted stages. Raises SpikecError when they were not rounded to bits."""
    numbers: Counter[str] = Counter()
    layers = []
    for stage in stages:
        if stage.bits is None:
            raise fail("network", "was converted to floats", "Convert it with bits")
        label = stage.layer.label
        numbers[label] += 1
        layers.append(Layer(f"{label}{numbers[label]}", _connection(stage, stage.bits), SnnCt(_integers(stage.theta))))
    scales = {layer.name: [1 / int(layer.theta[0])] for layer in layers}
    annotations = {"recipe": recipe.name, "scales": scales, "training": {}}
    network = Network(recipe.name, recipe.encoding, steps, tuple(layers), recipe.heads, annotations=annotations)
    return check(network)


def _connection(stage: Stage, bits: int) -> Affine | Conv2d:
    """A stage's weights with its pooling folded into them: means of windows are weights that repeat."""
    weight, bias, pool = stage.weight.to(torch.int8).numpy(), _integers(stage.bias), stage.pool
    bits = max(bits, LEAST_STORED)
    if pool > 1 and (stage.shape[0] % pool or stage.shape[1] % pool):
        size = "x".join(map(str, stage.shape[:2]))
        raise fail("pooling", f"windows of {pool}x{pool} leave out rows of {size}", "Pool what they divide")
    rows, columns, channels = stage.shape if len(stage.shape) == 3 else (1, 1, *stage.shape)
    if isinstance(stage.layer, TorchConv2d):
        kernel = weight.repeat(pool, axis=1).repeat(pool, axis=2)
        return Conv2d(kernel, bias, bits, rows, columns, stage.layer.stride * pool, stage.layer.padding * pool)
    if pool == 1:
        return Affine(weight, bias, bits)
    windows = weight.reshape(len(weight), rows // pool, columns // pool, channels).repeat(pool, 1).repeat(pool, 2)
    return Affine(windows.reshape(len(weight), -1), bias, bits)


def _integers(values: Tensor) -> NDArray[np.int32]:
    found: NDArray[np.int32] = values.double().numpy().astype(np.int32)
    return found
