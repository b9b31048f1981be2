"""AMD 7 series: Yosys for the size; the bitstream comes from Vivado, with the project that was generated."""

from __future__ import annotations

from codegen.fpga import Fpga
from hostctl.fpga.families.family import BRAM, FF, LUT, Family, Takes


def _synthesise(_: Fpga, top: str, netlist: str) -> str:
    return f"synth_xilinx -family xc7 -flatten -top {top}; write_json {netlist}"


FAMILY = Family(
    synthesise=_synthesise,
    takes=(
        Takes("LUT[1-6]|SRL16E|SRLC32E", LUT),
        Takes("RAM32M|RAM64M", LUT, 4),
        Takes("RAM32X1D|RAM64X1D", LUT, 2),
        Takes("FD[RSCP]E(_1)?", FF),
        Takes("RAMB18E1", BRAM),
        Takes("RAMB36E1", BRAM, 2),
    ),
)
