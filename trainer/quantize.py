"""From a trained model to the integer network, and back to torch for proof."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from codegen.ir import Layer, Network, check, fail
from codegen.ir import layers as connections
from codegen.ir.layers.base import MAX_BITS, MIN_BITS
from codegen.ir.neurons import models
from codegen.ir.reference import exact_dtype
from trainer.checkpoint import load_checkpoint
from trainer.layers.affine import Affine
from trainer.model import SpikingNetwork
from trainer.neurons import dynamics
from trainer.recipe import Recipe


def quantize_checkpoint(path: Path | str, bits: int | None = None, *, per_output: bool | None = None) -> Network:
    """Make the integer network of a checkpoint.

    ``bits`` (2 to 8) and ``per_output`` (a scale for each neuron) default to what the model was trained for; others
    quantize after training. Raises SpikecError for a missing or damaged checkpoint, or bits out of range.
    """
    checkpoint = load_checkpoint(path)
    recipe = checkpoint.recipe
    model = recipe.build()
    model.load_state_dict(checkpoint.model)
    if checkpoint.epoch <= recipe.train.quantize_from:  # It has trained in float only and has no grid yet.
        for layer in model.affine():
            layer.bits = None
    return quantize(model, recipe, bits, per_output=per_output, notes=checkpoint.metrics)


def quantize(
    model: SpikingNetwork,
    recipe: Recipe,
    bits: int | None = None,
    *,
    per_output: bool | None = None,
    notes: dict[str, float] | None = None,
) -> Network:
    """Make the integer network of a model; see ``quantize_checkpoint``. The scales become annotations.

    The model stays as it is.
    """
    model = copy.deepcopy(model)
    for layer in model.affine():
        _regrid(layer, recipe.train.bits or MAX_BITS if bits is None else bits, per_output)
    layers = tuple(_layer(f"fc{i}", layer, model.kind) for i, layer in enumerate(model.affine(), 1))
    scales = {layer.name: (1 / np.unique(layer.theta)).tolist() for layer in layers}
    annotations = {"recipe": recipe.name, "scales": scales, "training": notes or {}}
    return check(
        Network(
            name=recipe.name,
            encoding=recipe.encoding,
            steps=recipe.network.steps,
            layers=layers,
            heads=recipe.heads,
            annotations=annotations,
        )
    )


def _regrid(layer: Affine, bits: int, per_output: bool | None) -> None:
    """Quantize after training, unless the layer was trained on just this grid."""
    if not MIN_BITS <= bits <= MAX_BITS:
        raise fail("bits", f"{bits} bits a weight are not supported", f"Use {MIN_BITS} to {MAX_BITS}")
    per_output = layer.per_output if per_output is None else per_output
    if (layer.bits, layer.per_output) != (bits, per_output):
        layer.bits, layer.per_output = bits, per_output
        layer.fit_grid()


def _layer(name: str, layer: Affine, kind: str) -> Layer:
    assert layer.bits is not None
    with torch.no_grad():
        grid = layer.parameters_on_grid()
    weight, bias, theta = (t.double().cpu().numpy() for t in (grid.weight, grid.bias, grid.theta))
    arrays: dict[str, NDArray[Any]] = {"weight": weight.astype(np.int8), "bias": bias.astype(np.int32)}
    connection = connections.kinds()["affine"].restore(arrays, {"bits": layer.bits})
    return Layer(name, connection, models()[kind](theta=theta.astype(np.int32)))


def fake_quant(network: Network, inputs: NDArray[np.bool_]) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.int64]]]:
    """Run an integer network by the torch modules that training uses, for proof that they agree with the reference.

    ``inputs``: bool (samples, steps, in). Returns for each layer spikes, and membranes after each step, of shape
    (samples, steps, n). Numbers are held in the float type that is exact for the layer's proved range.
    """
    spikes = torch.from_numpy(inputs).transpose(0, 1)
    all_spikes, all_membranes = [], []
    for layer in network.layers:
        dtype = torch.float32 if exact_dtype(layer, network.steps) == np.float32 else torch.float64
        affine = Affine(layer.connection.in_size, layer.size, bits=None)
        assert layer.neuron is not None
        arrays = {**layer.connection.arrays(), "theta": layer.neuron.theta}
        with torch.no_grad():
            affine.weight.data = torch.from_numpy(arrays["weight"].astype(np.float64)).to(dtype)
            affine.bias.data = torch.from_numpy(arrays["bias"].astype(np.float64)).to(dtype)
            affine.theta = torch.from_numpy(arrays["theta"].astype(np.float64)).to(dtype)
            current, theta = affine(spikes.to(dtype))
            spikes, membranes = dynamics()[layer.neuron.kind](current, theta)
        all_spikes.append(spikes.transpose(0, 1).numpy().astype(np.bool_))
        all_membranes.append(membranes.transpose(0, 1).numpy().astype(np.int64))
    return all_spikes, all_membranes
