"""Intel Cyclone V: Yosys for the size, in halves of an ALM; the bitstream comes from Quartus, with the project."""

from __future__ import annotations

from codegen.fpga import Fpga
from hostctl.fpga.families.family import BRAM, FF, LUT, Family, Takes


def _synthesise(_: Fpga, top: str, netlist: str) -> str:
    return f"synth_intel_alm -family cyclonev -top {top}; write_json {netlist}"


FAMILY = Family(
    synthesise=_synthesise,
    takes=(
        Takes("MISTRAL_(NOT|ALUT[2-5]|ALUT_ARITH)", LUT),
        Takes("MISTRAL_ALUT6", LUT, 2),
        Takes("MISTRAL_MLAB", LUT, 1),
        Takes("MISTRAL_FF", FF),
        Takes("MISTRAL_M10K", BRAM),
    ),
)
