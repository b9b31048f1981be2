"""Flash and RAM of a linked program, line by line: the network's minimum, and all that is on top of it.

Weights in fast memory are counted twice, as they are there twice: in flash, from where start-up code copies them, and
where they are copied to, RAM or memory of their own.

The lines of a memory add up to what the linker says. What is a table, a buffer or code is told from the names
that generated code has (``<layer>_weight``, ``<layer>_membrane``, ...) and from the folder of the object file; a name
that is not known goes to a line for other tables or buffers, and what is of no object file to one of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from codegen.ir import Conv2d, Network
from codegen.ir.minimum import Minimum, minimum
from hostctl.size.image import FAST as FAST_SECTION
from hostctl.size.image import Image, Part

STACK = ".stack"
"""The section that linker scripts keep for the stack."""
STACK_SYMBOL = "spikec_stack"
"""The array that is kept for it where the toolchain's own linker script is used."""
PADDING = 64
"""So many bytes that no object file gave are alignment; more of them are something else."""
WIDTHS = (8, 4, 2, 1)
"""Bits that a weight may take in a table."""

_OURS = re.compile(r"(?:^|/)src/(?:(core|protocol|mlperf_tiny|board)/|(main|network)\.o$)")
_PARTS = {
    "core": "kernels",
    "protocol": "protocol",
    "mlperf_tiny": "protocol",
    "board": "board",
    "main": "board",
    "network": "network",
}

FLASH = {
    "width": "weights: bits of their width in memory",
    "rows": "weights: rows padded to whole lanes, and a row of zeros",
    "biases": "biases: width in memory, padding, repeats",
    "thresholds": "thresholds: width in memory, repeats",
    "spans": "convolutions: tables of spans",
    "tables": "other tables of the layers",
    "description": "the network's description and its names",
    "steps": "the layers' code",
    "kernels": "kernels and scheduler",
    "protocol": "protocol",
    "board": "board: line, counter, start-up",
    "compiler": "the compiler's library",
    "library": "the toolchain's start-up, C library and tables",
    "initial": "initial values of variables",
    "padding": "alignment",
    "unknown": "not attributed",
}
"""What can be on top of the minimum in flash, in the order of a table."""

RAM = {
    "membranes": "membranes: width in memory, padding",
    "spikes": "spikes: whole words",
    "buffers": "spike buffers' handshake",
    "lists": "lists of weight rows, and room for pooling",
    "others": "other buffers of the layers",
    "results": "counts and results kept for the host",
    "kernels": "kernels and scheduler",
    "protocol": "protocol: frames in and out",
    "board": "board: line and counter",
    "weights": "weights copied from flash",
    "constants": "constants copied from flash",
    "stack": "stack",
    "compiler": "the compiler's library",
    "library": "the toolchain's start-up, C library and tables",
    "padding": "alignment",
    "unknown": "not attributed",
}
"""What can be on top of the minimum in RAM, in the order of a table."""

FAST = {
    "weights": "weights copied from flash",
    "others": "other variables",
    "padding": "alignment",
    "unknown": "not attributed",
}
"""What can be in fast memory that is not the RAM, in the order of a table."""

MINIMUM = {
    "weights": "weights x bits",
    "biases": "biases x bits",
    "thresholds": "thresholds x bits",
    "membranes": "membranes x proved bits",
    "spikes": "spikes, two steps of each layer's",
}


@dataclass(frozen=True)
class Line:
    """A line of an account: a key for programs, words for people, bytes (below zero where something is saved)."""

    key: str
    words: str
    bytes: int


@dataclass(frozen=True)
class Memory:
    """One memory: the lines of the minimum, those on top of it, and ``total``, which they add up to."""

    minimum: tuple[Line, ...]
    on_top: tuple[Line, ...]
    total: int

    @property
    def least(self) -> int:
        """Bytes of the minimum."""
        return sum(line.bytes for line in self.minimum)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        groups = {"minimum": self.minimum, "on_top": self.on_top}
        lines = {name: [asdict(line) for line in group] for name, group in groups.items()}
        return {"total": self.total, "least": self.least, **lines}


@dataclass(frozen=True)
class Account:
    """Flash and RAM of a program; ``fast``: memory of their own that weights are in, None where there are none."""

    flash: Memory
    ram: Memory
    fast: Memory | None = None


def account(image: Image, network: Network) -> Account:
    """Account for every byte of a program that was generated from the network.

    Raises RuntimeError, a bug of ours, when the program has no table of a layer's weights.
    """
    least = minimum(network)
    parts = list(image.parts())
    flash, ram, fast = (Counter[str]() for _ in range(3))
    for part in parts:
        if part.section.flash:
            flash[_flash_key(part, network)] += part.size
        if part.section.name == FAST_SECTION:
            key = _ram_key(part, network)
            fast[key if key in FAST else "others"] += part.size
        elif part.section.ram:
            ram[_ram_key(part, network)] += part.size
    flash.update(_weights(parts, network, least))
    flash.subtract({"weights": flash["weights"]})
    flash.subtract({kind: least.flash[kind] for kind in ("biases", "thresholds")})
    in_code = _thresholds_in_code(least)
    flash["thresholds"] += in_code
    flash["steps"] -= in_code
    ram.subtract(least.ram)
    return Account(
        _memory(least.flash, flash, FLASH, image.flash),
        _memory(least.ram, ram, RAM, image.ram),
        _memory({}, fast, FAST, image.fast) if image.fast else None,
    )


def _memory(least: Mapping[str, int], found: Mapping[str, int], names: Mapping[str, str], total: int) -> Memory:
    on_top = tuple(Line(key, words, found.get(key, 0)) for key, words in names.items())
    memory = Memory(tuple(Line(key, MINIMUM[key], count) for key, count in least.items()), on_top, total)
    accounted = sum(line.bytes for line in (*memory.minimum, *memory.on_top))
    assert accounted == total, f"{accounted} bytes are accounted for, the linker has {total}"
    return memory


def _weights(parts: list[Part], network: Network, least: Minimum) -> dict[str, int]:
    """What the tables of weights take more than their bits: by the width of one in memory, and by padded rows.

    That width is the largest that the table has room for. It is right unless padding doubles a table of narrow weights
    (a layer of fewer neurons than half the lanes): then padding is told as width; the sum is right in any case.
    """
    there = Counter[str]()
    for part in parts:
        if part.section.flash and _flash_key(part, network) == "weights":
            there[_layer(part, network)[0]] += part.size
    stored = 0
    for layer in least.layers:
        if layer.weight_count and not there[layer.layer]:
            raise RuntimeError(f"no table of layer {layer.layer}'s weights is known by its name")
        fitting = (width for width in WIDTHS if layer.weight_count * width <= 8 * there[layer.layer])
        stored += layer.weight_count * max(next(fitting, 0), layer.weight_bits)
    in_memory = -(-stored // 8)
    return {"width": in_memory - least.flash["weights"], "rows": sum(there.values()) - in_memory}


def _thresholds_in_code(least: Minimum) -> int:
    """Bytes of the thresholds that are numbers in a layer's code: those of layers that share one."""
    tables = sum(layer.thresholds for layer in least.layers if layer.theta_count > 1)
    return least.flash["thresholds"] - -(-tables // 8)


def _flash_key(part: Part, network: Network) -> str:
    whose = maker(part.source, part.size)
    if whose in ("padding", "unknown", "compiler", "library"):
        return whose
    if _is_weights(part, network):
        return "weights"
    if not part.constant:
        return "initial"
    if whose != "network":
        return whose
    if part.function:
        return "steps"
    layer, what = _layer(part, network)
    if what in ("row", "column") and layer in _convolutions(network):
        return "spans"
    known = {"bias": "biases", "theta": "thresholds", "conv": "description", "pool": "description"}
    return known.get(what, "tables") if layer else "description"


def _ram_key(part: Part, network: Network) -> str:
    if part.section.name == STACK or part.symbol == STACK_SYMBOL:
        return "stack"
    whose = maker(part.source, part.size)
    if whose in ("padding", "unknown", "compiler", "library"):
        return whose
    if _is_weights(part, network):
        return "weights"
    if part.constant:
        return "constants"
    if whose != "network":
        return whose
    layer, what = _layer(part, network)
    if part.symbol == "input" or what == "out":
        return "buffers"
    if part.symbol == "input_slot" or what in ("out_slot", "slot"):
        return "spikes"
    known = {"membrane": "membranes", "rows": "lists", "row": "lists"}
    return known.get(what, "others") if layer else "results"


def maker(source: str, size: int) -> str:
    """Whose bytes these are: 'network', 'kernels', 'protocol' and 'board' are the firmware's, others the toolchain's.

    ``source``: the object file as the map names it; '' for ``size`` bytes that none has given.
    """
    if not source:
        return "padding" if size <= PADDING else "unknown"
    ours = _OURS.search(source)
    if ours:
        return _PARTS[ours[1] or ours[2]]
    return "compiler" if "libgcc.a(" in source or source == "linker stubs" else "library"


def _is_weights(part: Part, network: Network) -> bool:
    """Whether it is a table of weights, constant or not, whatever a format adds to its name."""
    ours = maker(part.source, part.size) == "network" and not part.function
    return ours and _layer(part, network)[1].startswith("weight")


def _layer(part: Part, network: Network) -> tuple[str, str]:
    """The layer that a symbol of the generated file is of, and what of it: ('fc1', 'weight'); ('', '') for none."""
    symbol = part.symbol.split(".")[0]  # compilers number what is static inside a function
    owners = [layer.name for layer in network.layers if symbol.startswith(f"{layer.name}_")]
    owner = max(owners, key=len, default="")
    return (owner, symbol[len(owner) + 1 :]) if owner else ("", "")


def _convolutions(network: Network) -> set[str]:
    return {layer.name for layer in network.layers if isinstance(layer.connection, Conv2d)}
