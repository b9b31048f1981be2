"""The Verilog backend: from the integer network to hardware, in the structure of Yin et al. 2017, section IV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from codegen import __version__
from codegen.backends.templates import environment
from codegen.backends.vtext import packed
from codegen.backends.vview import LayerView, layer_views
from codegen.board import Board
from codegen.ir import EventBinning, Network, check
from codegen.ir.encoding import POLARITIES
from codegen.ir.layers.base import spell
from codegen.ir.network import READOUTS
from codegen.passes.hardware import Design, check_design, choose_design, full_design
from codegen.passes.lane_widths import bits_for
from codegen.passes.widths import prove_widths
from codegen.plan import OutputPlan
from codegen.resources import folder

MAX_PAYLOAD = 496
"""Bytes of a frame's payload, ..."""

RX_BYTES = 2048
"""... and of the memory for frames that have come: one block RAM. As ``spikec_device.v`` tells them apart."""

_FEATURES = {"events": 1, "frames": 2, "trace": 4}
_MAX_STRING = 63


def engine_files(network: Network, design: Design | None = None) -> dict[str, str]:
    """The network's hardware without any board: Verilog and the files of its memories, name to text.

    They need the blocks of ``firmware/rtl`` (``block_files``). Raises SpikecError for an unsound network, a design that
    cannot be built, or a node that has no template.
    """
    check(network)
    design = check_design(network, design or full_design(network))
    layers = layer_views(network, design)
    return _engine(_context(network, design, layers))


def block_files() -> dict[str, str]:
    """The blocks that every design is made of, name to text."""
    paths = [path for pattern in ("*.v", "*.vh") for path in (folder("firmware") / "rtl").glob(pattern)]
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(paths)}


def project_plan(
    network: Network,
    board: Board,
    *,
    design: Design | None = None,
    trace: bool = True,
    extra_files: dict[str, str] | None = None,
) -> OutputPlan:
    """A whole hardware project for a board with an FPGA: all Verilog, what its memories hold, pins and vendors' files.

    ``design``: by default the one that ``choose_design`` takes for the board. ``trace``: the device can tell every
    spike and membrane. Raises SpikecError as ``engine_files``.
    """
    assert board.fpga is not None
    check(network)
    design = check_design(network, design or choose_design(network, board))
    layers = layer_views(network, design)
    greeting = _greeting(network, board, trace=trace)
    context = _context(network, design, layers) | _device_context(network, board, trace=trace)
    context |= {"board": board, "greeting_bytes": len(greeting)}
    tops = ("network", "sim_top") if board.fpga.family == "sim" else ("top",)
    files = block_files() | _engine(context) | {f"spikec_{top}.v": _render(f"{top}.v.j2", context) for top in tops}
    files["greeting.hex"] = "".join(f"{byte:02x}\n" for byte in greeting)
    if board.fpga.family != "sim":
        from codegen.backends.verilog_board import board_files  # noqa: PLC0415 (it needs this package's environment)

        sources = [name for name in files if name.endswith(".v")]
        data = [name for name in files if not name.endswith(".v")]
        files |= board_files(board, board.fpga, network.name, sources, data)
    return OutputPlan(files | (extra_files or {}))


def _render(template: str, context: dict[str, Any]) -> str:
    return environment("verilog").get_template(template).render(context)


def _engine(context: dict[str, Any]) -> dict[str, str]:
    """The engine, a file for each layer and its lanes, and what their memories hold."""
    files = {"spikec_engine.v": _render("engine.v.j2", context)}
    for layer in context["layers"]:
        files[f"layer_{layer.name}.v"] = _render(layer.template, context | {"layer": layer})
        if layer.neurons is not None:
            files[f"{layer.name}_lanes.v"] = _render("lanes.v.j2", context | {"layer": layer})
        files |= layer.files
    return files


def _context(network: Network, design: Design, layers: Sequence[LayerView]) -> dict[str, Any]:
    """All that the engine's templates print."""
    return {
        "tool_version": __version__,
        "network": network,
        "shape": " -> ".join(map(spell, network.shapes)),
        "options": design.text(network),
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


def _device_context(network: Network, board: Board, *, trace: bool) -> dict[str, Any]:
    """All that the templates around the engine print besides."""
    kinds = [0 if width is None else {16: 1, 32: 2}[width.bits] for width in prove_widths(network)]
    encoding, binning = network.encoding, None
    if isinstance(encoding, EventBinning):
        numbers = {"columns": encoding.shape[1], "channels": encoding.shape[2]}
        binning = encoding.to_json() | numbers | {"polarity": POLARITIES.index(encoding.polarity)}
    return {
        "binning": binning,
        "membrane_kinds": packed(kinds, 2),
        "trace": int(trace),
        "max_payload": MAX_PAYLOAD,
        "rx_bytes": RX_BYTES,
        "clocks_256": round(256 * board.clock_hz / board.baud),
    }


def _greeting(network: Network, board: Board, *, trace: bool) -> bytes:
    """What the device says of itself behind the nonce (firmware/protocol/SPEC.md, GREETING)."""
    features = _FEATURES["frames"] | (_FEATURES["trace"] if trace else 0)
    if isinstance(network.encoding, EventBinning):
        features |= _FEATURES["events"]
    promised = RX_BYTES - MAX_PAYLOAD - 16
    numbers = [(features, 2), (MAX_PAYLOAD, 2), (promised, 4), (board.clock_hz, 4)]
    numbers += [(network.steps, 2), (network.in_size, 2), (network.out_size, 2)]
    numbers += [(len(network.layers), 1), (len(network.heads), 1)]
    room = min(_MAX_STRING, (MAX_PAYLOAD - 60) // 4)
    strings = [text.encode()[:room] for text in (board.id, network.name, __version__, board.counter.name)]
    return (
        b"".join(value.to_bytes(size, "little") for value, size in numbers)
        + bytes.fromhex(network.digest)
        + b"".join(bytes([len(text)]) + text for text in strings)
    )
