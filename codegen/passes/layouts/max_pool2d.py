"""Max-pooling: no tables and no membranes, only room for one row of the picture."""

from __future__ import annotations

from codegen.ir import Layer, MaxPool2d
from codegen.ir.layers.base import Shape
from codegen.passes.layouts.base import Layout


def formats(connection: MaxPool2d) -> tuple[str, ...]:  # noqa: ARG001 (there is nothing to choose)
    """See ``codegen.passes.layouts``."""
    return ("",)


def lay_out(layer: Layer, bits: int, form: str = "") -> Layout:  # noqa: ARG001 (there are no membranes)
    """See ``codegen.passes.layouts``."""
    connection = layer.connection
    assert isinstance(connection, MaxPool2d)
    rows, columns, channels = connection.out_shape
    row = connection.width * channels
    numbers = {"channels": channels, "row": row, "rows": rows, "columns": columns}
    return Layout(words=-(-row // 32), numbers=numbers | {"kernel": connection.kernel, "stride": connection.stride})


def resized(connection: MaxPool2d, shape: Shape, channels: int) -> MaxPool2d:  # noqa: ARG001 (it has its input's)
    """See ``codegen.passes.layouts``."""
    rows, columns, inputs = shape
    return MaxPool2d(rows, columns, inputs, connection.kernel, connection.stride)
