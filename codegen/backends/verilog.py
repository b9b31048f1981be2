"""The Verilog backend: from the integer network to hardware, in the structure of Yin et al. 2017, section IV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codegen import __version__
from codegen.backends.templates import environment
from codegen.backends.vtext import bits_for, packed
from codegen.backends.vview import LayerView, layer_views
from codegen.ir import Network, check
from codegen.ir.layers.base import spell
from codegen.ir.network import READOUTS
from codegen.passes.hardware import Design, check_design, full_design
from codegen.resources import folder


def engine_files(network: Network, design: Design | None = None) -> dict[str, str]:
    """The network's hardware without any board: ``engine.v`` and the files of its memories, path to text.

    They need the blocks of ``firmware/rtl`` (``block_files``). Raises SpikecError for an unsound network, a design that
    cannot be built, or a node that has no template.
    """
    check(network)
    design = check_design(network, design or full_design(network))
    layers = layer_views(network, design)
    files = {"engine.v": environment("verilog").get_template("engine.v.j2").render(_context(network, design, layers))}
    for layer in layers:
        files |= layer.files
    return files


def block_files() -> dict[str, str]:
    """The blocks that every design is made of, name to text."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder("firmware") / "rtl").glob("*.v"))}


def _context(network: Network, design: Design, layers: Sequence[LayerView]) -> dict[str, Any]:
    """All that the templates print."""
    return {
        "tool_version": __version__,
        "network": network,
        "shape": " -> ".join(map(spell, network.shapes)),
        "options": _spell(network, design),
        "layers": layers,
        "probe": design.probe,
        "step_bits": bits_for(network.steps),
        "chunk_bits": bits_for(network.steps * layers[-1].turns),
        "readout": READOUTS.index(network.readout),
        "sizes": packed([layer.out_size for layer in layers], 16),
        "lanes": packed([layer.lanes for layer in layers], 16),
        "fans": packed([layer.fan for layer in layers], 16),
        "starts": packed([head.start for head in network.heads], 16),
        "stops": packed([head.stop for head in network.heads], 16),
    }


def _spell(network: Network, design: Design) -> str:
    """The design in a line, for the header."""
    layers = zip(network.layers, design.layers, strict=True)
    parts = [f"{layer.name}={plan.lanes}x{plan.banks}" for layer, plan in layers]
    return f"lanes x spikes a cycle: {', '.join(parts)}; weights after {design.rom_latency} cycles"
