"""The files of a hardware project that depend on the board alone: its clock, its pins, and vendors' project files."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from codegen.backends.templates import environment
from codegen.board import Board
from codegen.fpga import Fpga
from codegen.passes.pll import Pll, needs_pll, pll

_FILTER = (17, 26, 44, 66, 101)
"""An iCE40's FILTER_RANGE is 1 up to the first of these comparison frequencies (MHz), 2 up to the second, and so on."""

_VENDOR = {"xilinx": ("project.tcl",), "intel": ("project.qsf", "project.qpf")}
"""What a vendor's tool wants, by family: templates of these names in ``templates/verilog/vendor``."""

_PINS = (".lpf", ".pcf", ".cst", ".xdc", ".qsf", ".sdc")


def clock_module(fpga: Fpga) -> str:
    """Verilog of ``spikec_clock``: from ``clk_pin`` to ``clk``, by a PLL if the frequencies differ, and ``ready``.

    Raises SpikecError when the chip cannot make the clock from its oscillator.
    """
    context: dict[str, object] = {"mhz": _mhz(fpga.clock_hz), "pin_mhz": _mhz(fpga.clock_pin_hz), "die": fpga.die}
    name = "none"
    if needs_pll(fpga):
        name, found = fpga.family, pll(fpga)
        context |= {"pll": found, "vco_mhz": _mhz(found.vco_hz), "filter": _filter(found)}
        context["power"] = found.behind.bit_length() - 1
    return environment("verilog").get_template(f"clocks/{name}.v.j2").render(context)


def board_files(board: Board, fpga: Fpga, name: str, sources: Sequence[str], data: Sequence[str]) -> dict[str, str]:
    """Path to text of all files that the board adds to a project: the clock's module, the pins, a vendor's project.

    ``name``: of the network. ``sources``, ``data``: the project's other Verilog files, and those it reads.
    """
    files = {"spikec_clock.v": clock_module(fpga)}
    files |= {
        path.name: path.read_text(encoding="utf-8") for path in sorted(board.folder.iterdir()) if path.suffix in _PINS
    }
    context = {
        "board": board,
        "fpga": fpga,
        "name": name,
        "sources": sorted({*sources, "spikec_clock.v"}),
        "data": sorted(data),
    }
    for file in _VENDOR.get(fpga.family, ()):
        files[file] = environment("verilog").get_template(f"vendor/{file}.j2").render(context)
    return files


def _mhz(hz: int | Fraction) -> str:
    return f"{float(hz) / 1e6:.9g}"


def _filter(found: Pll) -> int:
    return 1 + sum(found.compare_hz >= 1_000_000 * edge for edge in _FILTER)
