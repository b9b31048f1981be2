"""Lattice ECP5: Yosys, nextpnr-ecp5, ecppack."""

from __future__ import annotations

import re

from codegen.fpga import Fpga
from codegen.ir.errors import fail
from hostctl.fpga.cells import Cells
from hostctl.fpga.families.family import BRAM, FF, LUT, Family, Place, Takes
from hostctl.fpga.outreg import absorb_registers
from hostctl.fpga.tool import ECPPACK, NEXTPNR_ECP5


def _synthesise(_: Fpga, top: str, netlist: str) -> str:
    return f"synth_ecp5 -top {top} -json {netlist}"


def _arguments(fpga: Fpga, netlist: str, pins: str, placed: str) -> list[str]:
    found = re.fullmatch(r"LFE5(U|UM|UM5G)-(12|25|45|85)F", fpga.part)
    if found is None:
        raise fail("fpga.part", f"is '{fpga.part}'", "It must be like LFE5U-85F")
    kind = {"U": "", "UM": "um-", "UM5G": "um5g-"}[found[1]]
    chip = [f"--{kind}{found[2]}k", "--package", fpga.package, "--speed", fpga.speed]
    return [*chip, "--json", netlist, "--lpf", pins, "--textcfg", placed]


def _pack_arguments(_: Fpga, placed: str, bitstream: str) -> list[str]:
    return ["--compress", "--input", placed, "--bit", bitstream]


FAMILY = Family(
    synthesise=_synthesise,
    takes=(
        Takes("LUT4", LUT),
        Takes("CCU2C", LUT, 2),
        Takes("TRELLIS_DPR16X4", LUT, 4),
        Takes("TRELLIS_FF", FF),
        Takes("DP16KD|PDPW16KD", BRAM),
    ),
    place=Place(
        tool=NEXTPNR_ECP5,
        arguments=_arguments,
        reports={LUT: ("TRELLIS_COMB",), FF: ("TRELLIS_FF",), BRAM: ("DP16KD",)},
        packer=ECPPACK,
        pack_arguments=_pack_arguments,
        suffix="bit",
    ),
    rework=absorb_registers,
    cells=Cells(("ecp5/ccu2c_sim.vh", "ecp5/common_sim.vh"), "ecp5.v", without=("TRELLIS_COMB",)),
)
