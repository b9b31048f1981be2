"""Is this network sound? Every problem at once, each with its place and the way out."""

from __future__ import annotations

import math
import re
from collections import Counter

import numpy as np

from codegen.ir.encoding import CODINGS, POLARITIES, EventBinning
from codegen.ir.errors import Problem, SpikecError
from codegen.ir.layers.base import Pooling, Shape, spell
from codegen.ir.network import READOUTS, Layer, Network

MAX_STEPS = 65_535
MAX_SIZE = 65_535
INT32_MAX = 2**31 - 1
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")
_KEYWORDS = """
    auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
"""
_RESERVED = frozenset([*_KEYWORDS.split(), "main", "input", "output"])


def check(network: Network) -> Network:
    """Return the network, or raise SpikecError with everything that is wrong with it."""
    problems = find_problems(network)
    if problems:
        raise SpikecError(problems)
    return network


def find_problems(network: Network) -> list[Problem]:
    """All that is wrong with a network; an empty list for a sound one."""
    problems = _name_problems("network", network.name)
    if not 1 <= network.steps <= MAX_STEPS:
        problems.append(Problem("steps", f"{network.steps} steps", f"Use 1 to {MAX_STEPS}"))
    if network.readout not in READOUTS:
        problems.append(Problem("readout", f"'{network.readout}' is unknown", f"Known: {', '.join(READOUTS)}"))
    problems += _encoding_problems(network)
    if not network.layers:
        return [*problems, Problem("layers", "the network has no layers", "Give it at least one")]
    for layer in network.layers:
        problems += _layer_problems(layer)
    for name, uses in Counter(layer.name for layer in network.layers).items():
        if uses > 1:
            problems.append(Problem(f"layer {name}", f"{uses} layers have this name", "Give each its own"))
    if problems:  # What follows needs sound layers.
        return problems
    return _joint_problems(network) + _width_problems(network) + _head_problems(network)


def _name_problems(where: str, name: str) -> list[Problem]:
    if _IDENTIFIER.match(name) and name not in _RESERVED and len(name) <= 31:
        return []
    hint = "Names go into generated code: a lower-case letter, then letters, digits or _; no C keyword; 31 at most"
    return [Problem(where, f"the name '{name}' cannot be used", hint)]


def _encoding_problems(network: Network) -> list[Problem]:
    encoding = network.encoding
    problems: list[Problem] = []
    if isinstance(encoding, EventBinning):
        if encoding.polarity not in POLARITIES:
            hint = f"Known: {', '.join(POLARITIES)}"
            problems.append(Problem("encoding.polarity", f"'{encoding.polarity}' is unknown", hint))
        for name, low, high in (
            ("width", 1, 1 << 14),
            ("height", 1, 1 << 14),
            ("downsample", 1, 1 << 10),
            ("bin_us", 1, INT32_MAX),
            ("start_us", 0, INT32_MAX),
        ):
            value = getattr(encoding, name)
            if not low <= value <= high:
                problems.append(Problem(f"encoding.{name}", f"is {value}", f"Use {low} to {high}"))
        if not problems and encoding.start_us + network.steps * encoding.bin_us > INT32_MAX:
            text = f"the window ends at {encoding.start_us + network.steps * encoding.bin_us} us"
            problems.append(Problem("encoding", text, f"Times go up to {INT32_MAX} us"))
        if problems:
            return problems
    elif encoding.coding not in CODINGS:
        problems.append(Problem("encoding.coding", f"'{encoding.coding}' is unknown", f"Known: {', '.join(CODINGS)}"))
    elif not 1 <= encoding.downsample <= 1 << 10:
        problems.append(Problem("encoding.downsample", f"is {encoding.downsample}", f"Use 1 to {1 << 10}"))
    if not 1 <= encoding.size <= MAX_SIZE:
        problems.append(Problem("encoding", f"has {encoding.size} inputs", f"Use 1 to {MAX_SIZE}"))
    return problems


def _layer_problems(layer: Layer) -> list[Problem]:
    where = f"layer {layer.name}"
    problems = _name_problems(where, layer.name) + layer.connection.problems(where)
    if problems:
        return problems
    if isinstance(layer.connection, Pooling):
        if layer.neuron is not None:
            problems.append(Problem(where, "pooling with neurons behind it", "Let its neuron be None"))
    elif layer.neuron is None:
        problems.append(Problem(where, "weights without neurons behind them", "Give it neurons: only pooling has none"))
    elif layer.neuron.theta.shape != (layer.connection.out_size,):
        text = f"{layer.connection.out_size} outputs but thresholds of shape {layer.neuron.theta.shape}"
        problems.append(Problem(where, text, "Give one threshold for each output"))
    if layer.size > MAX_SIZE:
        problems.append(Problem(where, f"{layer.size} neurons", f"Use at most {MAX_SIZE}"))
    return problems


def _joint_problems(network: Network) -> list[Problem]:
    """Does every layer fit the one before it?"""
    problems: list[Problem] = []
    shape: Shape = network.encoding.shape
    before = "the input"
    for layer in network.layers:
        where, wanted = f"layer {layer.name}", layer.connection.in_shape
        if len(wanted) == 1 and wanted[0] != math.prod(shape):
            text = f"takes {wanted[0]} spikes but {before} has {math.prod(shape)}"
            problems.append(Problem(where, text, "Make the sizes equal"))
        elif len(wanted) > 1 and wanted != shape:
            text = f"takes spikes of shape {spell(wanted)} but {before} has {spell(shape)}"
            problems.append(Problem(where, text, "Make rows, columns and channels equal"))
        before, shape = where, layer.connection.out_shape
    if network.layers[-1].neuron is None:
        text = "is the last layer but has no neurons"
        problems.append(Problem(f"layer {network.layers[-1].name}", text, "Let a layer with neurons come last"))
    return problems


def _width_problems(network: Network) -> list[Problem]:
    """Can every membrane be held in 32 bits, for every input? Nothing may wrap."""
    problems: list[Problem] = []
    for layer in network.layers:
        bounds = layer.membrane_range(network.steps)
        if bounds.magnitude > INT32_MAX:
            worst = int(np.argmax(np.maximum(np.abs(bounds.low), np.abs(bounds.high))))
            text = f"neuron {worst}'s membrane can reach {bounds.low[worst]} to {bounds.high[worst]}, beyond 32 bits"
            hint = f"Use fewer than {network.steps} steps, smaller biases or a threshold nearer to zero"
            problems.append(Problem(f"layer {layer.name}", text, hint))
    return problems


def _head_problems(network: Network) -> list[Problem]:
    problems: list[Problem] = []
    if not network.heads:
        problems.append(Problem("heads", "the network gives no answer", "Add a head over its output neurons"))
    for head in network.heads:
        where = f"head {head.name}"
        problems += _name_problems(where, head.name)
        if not 0 <= head.start < head.stop <= network.out_size:
            text = f"covers outputs {head.start} to {head.stop}"
            problems.append(Problem(where, text, f"The network has outputs 0 to {network.out_size}"))
        elif len(head.labels) != head.stop - head.start:
            text = f"has {len(head.labels)} labels for {head.stop - head.start} classes"
            problems.append(Problem(where, text, "Give one label a class"))
    for name, uses in Counter(head.name for head in network.heads).items():
        if uses > 1:
            problems.append(Problem(f"head {name}", f"{uses} heads have this name", "Give each its own"))
    return problems
