"""A layer as the C templates see it: values that are ready to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from codegen.backends.ctext import c_int, matrix_lines, struct_lines, table_lines
from codegen.backends.templates import template_of
from codegen.ir.layers.base import spell
from codegen.passes import LoweredLayer, Table


@dataclass(frozen=True)
class TableView:
    """An array: ``place`` tells where it lies, ``length`` is a C expression, ``lines`` its initialiser."""

    name: str
    type: str
    length: str
    comment: str
    lines: list[str]
    place: str = "SPIKEC_ALIGNED static const"


@dataclass(frozen=True)
class LayerView:
    """What the templates of layers and neurons may print.

    ``neuron`` and ``neuron_template`` are empty for a layer without neurons, which has no membranes either. ``theta``
    is a number, or the name of a table if ``theta_each``; it and the biases repeat after their period. ``form`` is
    the weights' format, ``fast`` what names of kernels have more for weights in fast memory; ``numbers`` are the
    kind's own.
    """

    name: str
    kind: str
    title: str
    neuron: str
    has_memory: bool
    in_size: int
    out_size: int
    membranes: int
    membrane_type: str
    suffix: str
    bias_period: int
    theta: str
    theta_each: bool
    theta_period: int
    width: str
    form: str
    fast: str
    numbers: Mapping[str, int]
    tables: list[TableView]
    layer_template: str
    neuron_template: str


WEIGHTS = "SPIKEC_WEIGHTS static const"
FAST_WEIGHTS = "SPIKEC_ALIGNED SPIKEC_FAST static"
"""Not constant, so that start-up code copies them as it does initialised variables."""


def layer_view(lowered: LoweredLayer, fast: bool = False) -> LayerView:
    """Make ready a layer, with its weights in fast memory or not. Raises SpikecError where a template is missing."""
    layer, layout, width = lowered.layer, lowered.layout, lowered.width
    where, connection, neuron = f"layer {layer.name}", layer.connection, layer.neuron
    shapes = f"{spell(connection.in_shape)} -> {spell(connection.out_shape)}"
    proved = width and f"proved range {width.low} to {width.high}: {width.bits} bits, margin {width.margin}"
    return LayerView(
        name=layer.name,
        kind=connection.kind,
        title=", ".join([shapes, connection.label, *([neuron.kind] if neuron else [])]),
        neuron=neuron.kind if neuron else "",
        has_memory=neuron is not None and neuron.has_memory,
        in_size=connection.in_size,
        out_size=layer.size,
        membranes=layout.membranes,
        membrane_type=f"int{width.bits}_t" if width else "",
        suffix=f"i{width.bits}" if width else "",
        bias_period=layout.bias_period,
        theta=f"{layer.name}_theta" if layout.theta is None else c_int(layout.theta),
        theta_each=layout.theta is None,
        theta_period=layout.theta_period,
        width=proved or "",
        form=layout.form,
        fast="fast_" if fast else "",
        numbers=layout.numbers,
        tables=[_table(layer.name, table, fast) for table in layout.tables],
        layer_template=template_of("c", "layers", connection.kind, where),
        neuron_template=template_of("c", "neurons", neuron.kind, where) if neuron else "",
    )


def _table(layer: str, table: Table, fast: bool) -> TableView:
    values, name = table.values, f"{layer}_{table.name}"
    length = " * ".join(f"{n}u" for n in values.shape) if values.ndim > 1 else str(len(values))
    if values.dtype.names:
        return TableView(name, "spikec_span_t", length, table.comment, struct_lines(values))
    lines = matrix_lines(values) if values.ndim > 1 else table_lines(values)
    view = TableView(name, f"{np.dtype(values.dtype).name}_t", length, table.comment, lines)
    return replace(view, place=FAST_WEIGHTS if fast else WEIGHTS) if table.name == "weight" else view
