"""TI's INA228, read by the board. Source: datasheet SLYS021A: 195.3125 uV a bit of bus voltage (VBUS, 05h), 312.5 nV
or, with ADCRANGE 1, 78.125 nV a bit of shunt voltage (VSHUNT, 04h, signed, 20 bits), MATHOF is bit 9 of DIAG_ALRT
(0Bh).
"""

from collections.abc import Mapping

from hostctl.meters import _ina
from hostctl.meters.meter import Meter

SETTINGS = _ina.SETTINGS
CHIP = _ina.Chip("ina228", 195.3125e-6, (312.5e-9, 78.125e-9), 20, 1 << 9, "SLYS021A")


def make(where: str, settings: Mapping[str, float]) -> Meter:
    """Make the driver. Raises SpikecError for settings that are missing."""
    return _ina.make(CHIP, where, settings)
