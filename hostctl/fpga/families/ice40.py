"""Lattice iCE40: Yosys, nextpnr-ice40, icepack. LUT and flip-flop share a logic cell, so nextpnr counts cells."""

from __future__ import annotations

from codegen.fpga import Fpga
from hostctl.fpga.cells import Cells
from hostctl.fpga.families.family import BRAM, FF, LUT, SPRAM, Family, Place, Takes
from hostctl.fpga.tool import ICEPACK, NEXTPNR_ICE40


def _synthesise(fpga: Fpga, top: str, netlist: str) -> str:
    device = "u" if fpga.part.startswith("up") else fpga.part[:2]
    return f"synth_ice40 -device {device} -top {top} -json {netlist}"


def _arguments(fpga: Fpga, netlist: str, pins: str, placed: str) -> list[str]:
    chip = [f"--{fpga.part}", "--package", fpga.package]
    return [*chip, "--json", netlist, "--pcf", pins, "--asc", placed]


def _pack_arguments(_: Fpga, placed: str, bitstream: str) -> list[str]:
    return [placed, bitstream]


FAMILY = Family(
    synthesise=_synthesise,
    takes=(
        Takes("SB_LUT4", LUT),
        Takes("SB_DFF.*", FF),
        Takes("SB_RAM40_4K.*", BRAM),
        Takes("SB_SPRAM256KA", SPRAM),
    ),
    place=Place(
        tool=NEXTPNR_ICE40,
        arguments=_arguments,
        reports={LUT: ("ICESTORM_LC",), BRAM: ("ICESTORM_RAM",), SPRAM: ("ICESTORM_SPRAM",)},
        packer=ICEPACK,
        pack_arguments=_pack_arguments,
        suffix="bin",
    ),
    cells=Cells(("ice40/cells_sim.v",), "ice40.v", define="NO_ICE40_DEFAULT_ASSIGNMENTS"),
)
