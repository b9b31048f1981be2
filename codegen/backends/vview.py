"""A layer as the Verilog templates see it: values that are ready to print."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from codegen.backends.templates import template_of
from codegen.backends.vtext import extend, hex_words, literal, packed
from codegen.ir import Layer, Network
from codegen.ir.layers.affine import Affine
from codegen.ir.layers.base import Connection, Synapses, spell
from codegen.ir.layers.conv2d import Conv2d
from codegen.ir.layers.max_pool2d import MaxPool2d
from codegen.passes.hardware import Design, LayerDesign
from codegen.passes.lane_widths import biases, bits_for, lane_widths

WORD = 32
"""Spikes that the priority encoder looks at in a cycle."""


@dataclass(frozen=True)
class Slice:
    """Lanes that share a memory: the first one's number, how many, and the parameters of their module."""

    start: int
    lanes: int
    parameters: list[tuple[str, str]]


@dataclass(frozen=True)
class Node:
    """An addition of the tree that sums what the banks give."""

    name: str
    bits: int
    text: str


@dataclass(frozen=True)
class Picture:
    """How a layer looks at its input as pictures: sizes in pixels, ``row_width`` in bits."""

    height: int
    row_width: int
    in_channels: int
    kernel_h: int
    kernel_w: int
    stride: int
    padding: int
    out_h: int
    out_w: int


@dataclass
class LanesView:
    """The neurons of a layer: widths in bits, times in cycles. See templates/verilog/lanes.v.j2."""

    neuron_template: str
    has_memory: bool
    resident: bool
    width: str
    weight_bits: int
    add_bits: int
    v_bits: int
    spacing: int
    gap: int
    sample_gap: int
    enter: str | None = None
    leave: str | None = None
    enter_at: int = 0
    constants_bits: int = 0
    constants_by_turn: bool = False
    slices: list[Slice] = field(default_factory=list)


@dataclass
class LayerView:
    """What the templates of layers may print; ``files``: name to text of what their memories hold."""

    name: str
    title: str
    first: bool
    template: str
    in_size: int
    out_size: int
    lanes: int
    turns: int
    banks: int
    groups: int
    rows: int
    words: int
    in_chunk: int
    in_chunks: int
    slots: int
    rom_latency: int
    cut: int
    direct: int
    copies: bool
    picture: Picture | None = None
    neurons: LanesView | None = None
    files: dict[str, str] = field(default_factory=dict)
    word: int = WORD

    def __getattr__(self, name: str) -> object:
        """What the picture or the neurons know, under its own name."""
        for part in (self.__dict__.get("picture"), self.__dict__.get("neurons")):
            if part is not None and name in vars(part):
                return vars(part)[name]
        raise AttributeError(name)

    @property
    def fan(self) -> int:
        """Neurons that one row of weights reaches; none in pooling."""
        return 0 if self.neurons is None else self.groups * self.lanes - (0 if self.picture else self.idle_lanes)

    @property
    def idle_lanes(self) -> int:
        """Lanes that have no neuron in the last turn."""
        return self.turns * self.lanes - self.out_size

    @property
    def depth(self) -> int:
        """Words of a bank's weight memory."""
        return self.rows * self.groups

    @property
    def window_size(self) -> int:
        """Bits of a window."""
        assert self.picture is not None
        return self.picture.kernel_h * self.picture.kernel_w * self.picture.in_channels

    @property
    def tree(self) -> list[list[Node]]:
        """Additions of the banks' weights, level by level."""
        assert self.neurons is not None
        return tree_of(self.banks, self.neurons.weight_bits)

    @property
    def sum(self) -> str:
        """The sum of the banks' weights, as wide as ``add``."""
        assert self.neurons is not None
        tree = self.tree
        name, bits = (tree[-1][0].name, tree[-1][0].bits) if tree else ("w_0", self.neurons.weight_bits)
        return extend(name, bits, self.neurons.add_bits)

    @property
    def add_wide(self) -> str:
        """``add``, as wide as ``v``."""
        assert self.neurons is not None
        return extend("add", self.neurons.add_bits, self.neurons.v_bits)

    @property
    def delay(self) -> int:
        """Cycles from the slice's copy of a token to its sum."""
        return self.rom_latency + len(self.tree)

    @property
    def latency(self) -> int:
        """Cycles from the last token of a turn to its spikes."""
        return self.delay + 3 + self.copies

    @property
    def peeked(self) -> str:
        """What was read of a neuron, as 32 bits."""
        assert self.neurons is not None
        return extend("peeked", self.neurons.v_bits, 32)

    @property
    def word_bits(self) -> int:
        """Bits of a word's number."""
        return bits_for(self.words)

    @property
    def bit_bits(self) -> int:
        """Bits of a place in a word."""
        return bits_for(self.word)

    @property
    def row_bits(self) -> int:
        """Bits of a row's number."""
        return self.word_bits + self.bit_bits

    @property
    def bank_bits(self) -> int:
        """Bits of an input's number that say its bank."""
        return self.banks.bit_length() - 1

    @property
    def address_bits(self) -> int:
        """Bits of an address of the weights."""
        return max(bits_for(self.depth), self.row_bits)

    @property
    def turn_bits(self) -> int:
        """Bits of a turn's number."""
        return bits_for(self.turns)

    @property
    def group_bits(self) -> int:
        """Bits of a group's number."""
        return bits_for(self.groups)

    @property
    def slot_bits(self) -> int:
        """Bits of the number of a step's place in the memory before the layer."""
        return bits_for(self.slots)

    @property
    def picture_row_bits(self) -> int:
        """Bits of the number of a picture's row."""
        assert self.picture is not None
        return bits_for(self.picture.height)

    @property
    def place_bits(self) -> int:
        """Bits of a place in a picture's row."""
        assert self.picture is not None
        return bits_for(self.picture.row_width)

    @property
    def lane_bits(self) -> int:
        """Bits of a lane's number."""
        return bits_for(self.lanes)


def tree_of(banks: int, weight_bits: int) -> list[list[Node]]:
    """Additions that sum the weights of ``banks`` banks, level by level."""
    names, bits, levels = [f"w_{bank}" for bank in range(banks)], weight_bits, list[list[Node]]()
    while len(names) > 1:
        pairs = zip(names[::2], names[1::2], strict=True)
        texts = [" + ".join(extend(name, bits, bits + 1) for name in pair) for pair in pairs]
        bits += 1
        levels.append([Node(f"sum_{len(levels)}_{i}", bits, text) for i, text in enumerate(texts)])
        names = [node.name for node in levels[-1]]
    return levels


def layer_views(network: Network, design: Design) -> list[LayerView]:
    """Make ready all layers. Raises SpikecError where a template is missing."""
    views: list[LayerView] = []
    for layer, plan in zip(network.layers, design.layers, strict=True):
        view = _layer(layer, plan, design, views[-1] if views else None, network.steps)
        if isinstance(layer.connection, Synapses):
            _add_neurons(view, layer, design, network.steps)
        views.append(view)
    return views


def _layer(layer: Layer, plan: LayerDesign, design: Design, before: LayerView | None, steps: int) -> LayerView:
    connection = layer.connection
    picture = _picture(connection)
    turns = -(-layer.size // plan.lanes)
    groups = -(-connection.out_shape[-1] // plan.lanes)
    rows = -(-(connection.in_size if picture is None else _window(picture)) // plan.banks)
    shapes = f"{spell(connection.in_shape)} -> {spell(connection.out_shape)}"
    kind = [layer.neuron.kind] if layer.neuron else []
    where = f"layer {layer.name}"
    cut = design.cut if rows * groups > design.cut else 0
    return LayerView(
        name=layer.name,
        title=", ".join([shapes, connection.label, *kind]),
        first=before is None,
        template=template_of("verilog", "layers", connection.kind, where),
        in_size=connection.in_size,
        out_size=layer.size,
        lanes=plan.lanes,
        turns=turns,
        banks=plan.banks,
        groups=groups,
        rows=rows,
        words=-(-rows // WORD),
        in_chunk=before.lanes if before else 1,
        in_chunks=before.turns if before else 1,
        slots=steps if before is None else 2,
        rom_latency=design.rom_latency,
        cut=cut,
        direct=int(design.short),
        copies=not design.short,
        picture=picture,
    )


def _window(picture: Picture) -> int:
    return picture.kernel_h * picture.kernel_w * picture.in_channels


def _picture(connection: Connection) -> Picture | None:
    """How a convolution or pooling looks at its input; None for a dense layer."""
    if isinstance(connection, Affine):
        return None
    height, width, channels = connection.in_shape
    out_h, out_w, _ = connection.out_shape
    if isinstance(connection, Conv2d):
        kernel, stride, padding = connection.kernel, connection.stride, connection.padding
    else:
        assert isinstance(connection, MaxPool2d)
        kernel, stride, padding = (connection.kernel, connection.kernel), connection.stride, 0
    return Picture(height, width * channels, channels, *kernel, stride, padding, out_h, out_w)


# --- neurons ----------------------------------------------------------------------------------------------------------


def _add_neurons(view: LayerView, layer: Layer, design: Design, steps: int) -> None:
    neuron, connection = layer.neuron, layer.connection
    assert neuron is not None
    assert isinstance(connection, Synapses)
    resident = view.turns == 1 and view.picture is None
    widths = lane_widths(layer, steps, banks=view.banks, resident=resident)
    view.neurons = LanesView(
        neuron_template=template_of("verilog", "neurons", neuron.kind, f"layer {layer.name}"),
        has_memory=neuron.has_memory,
        resident=resident,
        width=f"proved range {widths.low} to {widths.high}; {widths.v} bits hold them, less theta + 1, too",
        weight_bits=widths.weight,
        add_bits=widths.add,
        v_bits=widths.v,
        spacing=_spacing(resident=resident, has_memory=neuron.has_memory, turns=view.turns),
        gap=3 if not resident and view.turns == 1 else 0,
        sample_gap=2 if resident else 0,
    )
    if not resident:
        view.neurons.constants_by_turn = layer.threshold_period > connection.out_shape[-1]
        theta = layer.theta.astype(np.int64)
        _add_constants(view, biases(layer) - theta - 1, theta)
    _add_slices(view, layer, design)


def _spacing(*, resident: bool, has_memory: bool, turns: int) -> int:
    """Cycles between the ends of two turns, at least: the membranes of one must be settled before it comes again."""
    if resident:
        return 2 if has_memory else 1
    return 3 if turns == 2 else 2


def _add_constants(view: LayerView, enter: NDArray[np.int64], theta: NDArray[np.int64]) -> None:
    """What a turn begins and ends with: constants where all neurons share them, else fields of a memory's words."""
    lanes = view.neurons
    assert lanes is not None
    if np.all(theta == theta[0]):
        lanes.leave = literal(int(theta[0]) + 1, lanes.v_bits)
    else:
        lanes.constants_bits += lanes.v_bits
    lanes.enter_at = lanes.constants_bits
    if np.all(enter == enter[0]):
        lanes.enter = literal(int(enter[0]), lanes.add_bits)
    else:
        lanes.constants_bits += lanes.add_bits


def _add_slices(view: LayerView, layer: Layer, design: Design) -> None:
    lanes = view.neurons
    assert lanes is not None
    for start in range(0, view.lanes, design.slice_lanes):
        count = min(design.slice_lanes, view.lanes - start)
        parameters = _resident_parameters(view, layer, start, count) if lanes.resident else []
        if lanes.constants_bits:
            name = f"{layer.name}_constants_{start}.hex"
            view.files[name] = _constants(view, layer, start, count)
            parameters.append(("CONSTANTS", f'"{name}"'))
        for bank in range(view.banks):
            parameters += _weight_files(view, layer, start, count, bank)
        lanes.slices.append(Slice(start, count, parameters))


def _weight_files(view: LayerView, layer: Layer, start: int, count: int, bank: int) -> list[tuple[str, str]]:
    """Write the weights of a slice's bank into one file or two; returns the parameters that name them."""
    assert view.neurons is not None
    text = hex_words(_weights(view, layer, start, count, bank), view.neurons.weight_bits)
    name = f"{layer.name}_weights_{start}_{bank}"
    if not view.cut:
        view.files[f"{name}.hex"] = text
        return [(f"WEIGHTS_{bank}", f'"{name}.hex"'), (f"REST_{bank}", '""')]
    lines = text.splitlines(keepends=True)
    view.files[f"{name}.hex"] = "".join(lines[: view.cut])
    view.files[f"{name}_rest.hex"] = "".join(lines[view.cut :])
    return [(f"WEIGHTS_{bank}", f'"{name}.hex"'), (f"REST_{bank}", f'"{name}_rest.hex"')]


def _weights(view: LayerView, layer: Layer, start: int, count: int, bank: int) -> NDArray[np.int64]:
    """A bank's weights, row by row and group by group, of some lanes: int64 (groups * rows, lanes)."""
    connection = layer.connection
    assert isinstance(connection, Synapses)
    weight = connection.weight.reshape(connection.weight.shape[0], -1).astype(np.int64)
    whole = np.zeros((view.groups * view.lanes, view.rows * view.banks), np.int64)
    whole[: weight.shape[0], : weight.shape[1]] = weight
    ours = whole.reshape(view.groups, view.lanes, view.rows, view.banks)[:, start : start + count, :, bank]
    return ours.transpose(0, 2, 1).reshape(view.depth, count)


def _resident_parameters(view: LayerView, layer: Layer, start: int, count: int) -> list[tuple[str, str]]:
    """Constants of lanes that have one neuron each."""
    lanes, connection = view.neurons, layer.connection
    assert lanes is not None
    assert isinstance(connection, Synapses)
    part = slice(start, start + count)
    theta, bias = layer.theta.astype(np.int64)[part], connection.bias.astype(np.int64)[part]
    rest = bias - theta - 1
    if not lanes.has_memory:
        return [("RESTS", packed(rest, lanes.v_bits)), ("SHOWS", packed(theta + 1, lanes.v_bits))]
    return [
        ("RESTS", packed(rest, lanes.v_bits)),
        ("STAYS", packed(bias, lanes.add_bits)),
        ("FIRES", packed(bias - theta, lanes.add_bits)),
        ("SHOWS", packed(-rest, lanes.v_bits)),
    ]


def _constants(view: LayerView, layer: Layer, start: int, count: int) -> str:
    """The memory of constants: a word for each group or turn, for each lane its fields, `leave` below `enter`."""
    lanes, connection = view.neurons, layer.connection
    assert lanes is not None
    assert isinstance(connection, Synapses)
    words = view.turns if lanes.constants_by_turn else view.groups
    known = min(layer.size, words * view.lanes)
    theta, bias = np.zeros((2, words * view.lanes), np.int64)
    theta[:known], bias[:known] = layer.theta[:known], biases(layer)[:known]
    fields = []
    if lanes.leave is None:
        fields.append((theta + 1, 0, lanes.v_bits))
    if lanes.enter is None:
        fields.append((bias - theta - 1, lanes.enter_at, lanes.add_bits))
    digits = -(-count * lanes.constants_bits // 4)
    lines = []
    for word in range(words):
        value = 0
        for lane in range(count):
            for values, at, bits in fields:
                field_value = int(values[word * view.lanes + start + lane]) & ((1 << bits) - 1)
                value |= field_value << (lane * lanes.constants_bits + at)
        lines.append(f"{value:0{digits}x}\n")
    return "".join(lines)
