"""Layouts in memory, one kind of connection a file; a new file in this folder is a new kind.

A file ``<kind>.py`` has three functions. ``formats(connection)`` names the formats that its weights can have, the usual
one first. ``lay_out(layer, bits, form)`` gives the ``Layout`` of a layer with membranes of that width.
``resized(connection, shape, channels)`` gives a connection of the same kind that takes spikes of another shape and has
another number of output channels (for a flat one: neurons); its weights do not matter.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from codegen.ir import Connection, Layer, fail
from codegen.ir.layers.base import Shape
from codegen.passes.layouts.base import Layout


def lay_out(layer: Layer, bits: int, form: str = "") -> Layout:
    """The layout of a layer with membranes of ``bits``, in a format of ``formats`` or the usual one.

    Raises SpikecError where its kind of connection has none.
    """
    layout: Layout = _module(layer.connection.kind, f"layer {layer.name}").lay_out(layer, bits, form)
    return layout


def formats(layer: Layer) -> tuple[str, ...]:
    """The formats that a layer's weights can have, the usual one first."""
    found: tuple[str, ...] = _module(layer.connection.kind, f"layer {layer.name}").formats(layer.connection)
    return found


def resized(connection: Connection, shape: Shape, channels: int) -> Connection:
    """A connection of the same kind for spikes of ``shape``, with ``channels`` output channels or neurons."""
    other: Connection = _module(connection.kind, connection.kind).resized(connection, shape, channels)
    return other


def _module(kind: str, where: str) -> ModuleType:
    known = sorted(module.name for module in iter_modules(__path__) if module.name != "base")
    if kind not in known:
        raise fail(where, f"connections of kind '{kind}' have no layout in C", f"Known: {', '.join(known)}")
    return import_module(f"{__name__}.{kind}")
