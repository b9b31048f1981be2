"""How much of everything a chip has, by the names that results use."""

from __future__ import annotations

from codegen.fpga import Fpga
from hostctl.fpga.families.family import BRAM, FF, LUT, SPRAM

_SPRAM_BITS = 256 * 1024
"""Of one iCE40 UltraPlus SPRAM."""


def room(fpga: Fpga) -> dict[str, int]:
    """Resource to how many of it there are."""
    return {LUT: fpga.luts, FF: fpga.ffs, BRAM: fpga.brams, SPRAM: fpga.spram_bits // _SPRAM_BITS}
