"""A layer as the C templates see it: values that are ready to print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from codegen.backends.ctext import c_int, matrix_lines, table_lines
from codegen.backends.templates import template_of
from codegen.passes import LoweredLayer


@dataclass(frozen=True)
class Table:
    """A constant array: ``length`` is a C expression, ``lines`` its initialiser."""

    name: str
    type: str
    length: str
    comment: str
    lines: list[str]


@dataclass(frozen=True)
class LayerView:
    """What the templates of layers and neurons may print.

    ``start`` is what integration starts from: the membranes of neurons with memory (their fire kernel adds the bias),
    the biases of those without. ``theta`` is a number, or the name of a table if ``theta_each``.
    """

    name: str
    kind: str
    neuron: str
    in_size: int
    out_size: int
    padded: int
    membrane_type: str
    suffix: str
    start: str
    theta: str
    theta_each: bool
    width: str
    tables: list[Table]
    layer_template: str
    neuron_template: str


def layer_view(lowered: LoweredLayer) -> LayerView:
    """Make ready a layer. Raises SpikecError where a template is missing."""
    layer, layout, width = lowered.layer, lowered.layout, lowered.width
    assert layer.neuron is not None
    assert width is not None
    where = f"layer {layer.name}"
    theta_each = not isinstance(layout.theta, int)
    return LayerView(
        name=layer.name,
        kind=layer.connection.kind,
        neuron=layer.neuron.kind,
        in_size=layer.connection.in_size,
        out_size=layer.size,
        padded=layout.padded,
        membrane_type=f"int{width.bits}_t",
        suffix=f"i{width.bits}",
        start=f"{layer.name}_membrane" if layer.neuron.has_memory else f"{layer.name}_bias",
        theta=f"{layer.name}_theta" if not isinstance(layout.theta, int) else c_int(layout.theta),
        theta_each=theta_each,
        width=f"proved range {width.low} to {width.high}: {width.bits} bits, margin {width.margin}",
        tables=_tables(lowered),
        layer_template=template_of("c", "layers", layer.connection.kind, where),
        neuron_template=template_of("c", "neurons", layer.neuron.kind, where),
    )


def _tables(lowered: LoweredLayer) -> list[Table]:
    layer, layout = lowered.layer, lowered.layout
    assert lowered.width is not None
    inputs, membrane_type = layer.connection.in_size, f"int{lowered.width.bits}_t"
    bits = layer.connection.fields()["bits"]
    weights = f"{bits}-bit weights: a row of {layout.padded} for each of the {inputs} inputs"
    if layout.padded > layer.size:
        weights += f", {layout.padded - layer.size} of them padding"
    tables = [
        Table(f"{layer.name}_weight", "int8_t", f"{inputs}u * {layout.padded}u", weights, matrix_lines(layout.rows)),
        Table(f"{layer.name}_bias", membrane_type, str(layout.padded), "biases and padding", table_lines(layout.bias)),
    ]
    if isinstance(layout.theta, np.ndarray):
        lines = table_lines(layout.theta)
        tables.append(Table(f"{layer.name}_theta", membrane_type, str(layer.size), "thresholds", lines))
    return tables
