"""Gowin LittleBee and Arora: Yosys, nextpnr-himbaechel-gowin, gowin_pack."""

from __future__ import annotations

from codegen.fpga import Fpga
from hostctl.fpga.cells import Cells
from hostctl.fpga.families.family import BRAM, FF, LUT, Doubt, Family, Place, Takes
from hostctl.fpga.tool import GOWIN_PACK, NEXTPNR_GOWIN


def _synthesise(fpga: Fpga, top: str, netlist: str) -> str:
    return f"synth_gowin -family {fpga.die[:4].lower()} -top {top} -json {netlist}"


def _arguments(fpga: Fpga, netlist: str, pins: str, placed: str) -> list[str]:
    chip = ["--device", fpga.part, "--vopt", f"family={fpga.die}"]
    return [*chip, "--json", netlist, "--vopt", f"cst={pins}", "--write", placed]


def _pack_arguments(fpga: Fpga, placed: str, bitstream: str) -> list[str]:
    return ["-d", fpga.die, "-o", bitstream, placed]


_DOUBT = Doubt(
    percent=20,
    why="nextpnr's timing of Gowin chips leaves out paths: the lower of its figures after placement and after routing "
    "is taken, less 20 %",
)
"""After routing, a design of flip-flops and LUTs alone has no paths for it, and one with a carry chain only those
through the chain. And with the paths it has, its authors found clocks 20 % above the vendor's (nextpnr's pull request
1345)."""


FAMILY = Family(
    synthesise=_synthesise,
    takes=(
        Takes("LUT[1-4]|ALU", LUT),
        Takes("RAM16SDP4", LUT, 4),
        Takes("DFF.*", FF),
        Takes("(SP|SDP|DP|SDPB|DPB|pROM)(X9)?", BRAM),
    ),
    place=Place(
        tool=NEXTPNR_GOWIN,
        arguments=_arguments,
        reports={LUT: ("LUT4",), FF: ("DFF",), BRAM: ("BSRAM",)},
        packer=GOWIN_PACK,
        pack_arguments=_pack_arguments,
        suffix="fs",
        doubt=_DOUBT,
    ),
    cells=Cells(("gowin/cells_sim.v",), "gowin.v"),
)
