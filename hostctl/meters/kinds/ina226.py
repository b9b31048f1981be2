"""TI's INA226, read by the board. Source: datasheet SBOS547B: 1.25 mV a bit of bus voltage (register 02h), 2.5 uV a
bit of shunt voltage (01h, signed), OVF is bit 2 of Mask/Enable (06h).
"""

from collections.abc import Mapping

from hostctl.meters import _ina
from hostctl.meters.meter import Meter

SETTINGS = _ina.SETTINGS
CHIP = _ina.Chip("ina226", 1.25e-3, (2.5e-6,), 16, 1 << 2, "SBOS547B")


def make(where: str, settings: Mapping[str, float]) -> Meter:
    """Make the driver. Raises SpikecError for settings that are missing."""
    return _ina.make(CHIP, where, settings)
