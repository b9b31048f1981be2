"""From a trained model to the integer network, and back to torch for proof."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from codegen.ir import Layer, Network, check, fail
from codegen.ir import Synapses as IrSynapses
from codegen.ir.layers.base import MAX_BITS
from codegen.ir.layers.base import MIN_BITS as LEAST_STORED
from codegen.ir.neurons import models
from codegen.ir.reference import exact_dtype
from trainer.checkpoint import load_checkpoint
from trainer.grid import MIN_BITS
from trainer.layers import kinds
from trainer.layers.base import Connection, Synapses
from trainer.model import SpikingNetwork
from trainer.neurons import dynamics
from trainer.schema import IMAGE_SETS, Recipe


def quantize_checkpoint(path: Path | str, bits: int | None = None, *, per_output: bool | None = None) -> Network:
    """Make the integer network of a checkpoint.

    ``bits`` (1 to 8) and ``per_output`` (a scale for each neuron) default to what the model was trained for; others
    quantize after training. Weights of one bit are stored in two. Raises SpikecError for a missing or damaged
    checkpoint, or bits out of range.
    """
    checkpoint = load_checkpoint(path)
    recipe = checkpoint.recipe
    model = recipe.build()
    model.load_state_dict(checkpoint.model)
    if checkpoint.epoch <= recipe.train.quantize_from:  # It has trained in float only and has no grid yet.
        for layer in model.synapses():
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
    for layer in model.synapses():
        _regrid(layer, recipe.train.bits or MAX_BITS if bits is None else bits, per_output)
    with torch.no_grad():
        layers = tuple(_layers(model))
    scales = {layer.name: (1 / np.unique(layer.theta)).tolist() for layer in layers if layer.neuron}
    annotations = {"recipe": recipe.name, "scales": scales, "training": notes or {}}
    if recipe.data.kind in IMAGE_SETS:
        annotations["dataset"] = IMAGE_SETS[recipe.data.kind]
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


def _regrid(layer: Synapses, bits: int, per_output: bool | None) -> None:
    """Quantize after training, unless the layer was trained on just this grid."""
    if not MIN_BITS <= bits <= MAX_BITS:
        raise fail("bits", f"{bits} bits a weight are not supported", f"Use {MIN_BITS} to {MAX_BITS}")
    per_output = layer.per_output if per_output is None else per_output
    if (layer.bits, layer.per_output) != (bits, per_output):
        layer.bits, layer.per_output = bits, per_output
        layer.fit_grid()


def _layers(model: SpikingNetwork) -> Iterator[Layer]:
    """The integer layers, named by their kind and a number: conv1, pool1, conv2, fc1, ..."""
    numbers: Counter[str] = Counter()
    for module in model.layers:
        assert isinstance(module, Connection)
        numbers[module.label] += 1
        connection, neuron = module.connection(), None
        if isinstance(module, Synapses):
            theta = module.neurons(module.theta).double().cpu().numpy().astype(np.int32)
            neuron = models()[model.kind](theta=theta)
            assert isinstance(connection, IrSynapses)
            connection = replace(connection, bits=max(connection.bits, LEAST_STORED))
        yield Layer(f"{module.label}{numbers[module.label]}", connection, neuron)


@torch.no_grad()
def fake_quant(network: Network, inputs: NDArray[np.bool_]) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.int64]]]:
    """Run an integer network by the torch modules that training uses, for proof that they agree with the reference.

    ``inputs``: bool (samples, steps, in). Returns for each layer spikes, and membranes after each step, of shape
    (samples, steps, n); pooling has no membranes, (samples, steps, 0). Numbers are held in the float type that is exact
    for the layer's proved range.
    """
    spikes = torch.from_numpy(inputs).transpose(0, 1)
    all_spikes, all_membranes = [], []
    for layer in network.layers:
        dtype = torch.float32 if exact_dtype(layer, network.steps) == np.float32 else torch.float64
        module = kinds()[layer.connection.kind].restore(layer.connection).to(dtype)
        if isinstance(module, Synapses):
            assert layer.neuron is not None
            current, _ = module(spikes.to(dtype))
            theta = torch.from_numpy(layer.neuron.theta.astype(np.float64)).to(dtype)
            spikes, membranes = dynamics()[layer.neuron.kind](current, theta)
        else:
            spikes = module(spikes.to(dtype))
            membranes = spikes.new_zeros(*spikes.shape[:2], 0)
        all_spikes.append(spikes.transpose(0, 1).numpy().astype(np.bool_))
        all_membranes.append(membranes.transpose(0, 1).numpy().astype(np.int64))
    return all_spikes, all_membranes
