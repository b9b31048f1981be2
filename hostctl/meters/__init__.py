"""Energy from real meters: what they record, what an inference costs by it, and the drivers."""

from hostctl.meters.base import Fault, Meter, Recording
from hostctl.meters.csv_file import read_csv
from hostctl.meters.energy import EnergyResult, measure
from hostctl.meters.open import known_kinds, open_meter, parse_meter

__all__ = [
    "EnergyResult",
    "Fault",
    "Meter",
    "Recording",
    "known_kinds",
    "measure",
    "open_meter",
    "parse_meter",
    "read_csv",
]
