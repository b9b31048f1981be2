"""Cortex-M4: as the M3, with a multiplier that takes one cycle for everything."""

from __future__ import annotations

from typing import ClassVar

from hostctl.profile.models.base import Cycles
from hostctl.profile.models.cortex_m3 import CortexM3


class CortexM4(CortexM3):
    """ARM DDI 0439D, tables 3-1 and 3-2 (SIMD), their notes, and the section on load and store timings."""

    name = "Cortex-M4"
    cores = ("cortex-m4",)
    source = "Cortex-M4 Technical Reference Manual r0p1, ARM DDI 0439D, tables 3-1 and 3-2 and section 3.3.2"
    multiplies: ClassVar[dict[str, Cycles]] = {}
