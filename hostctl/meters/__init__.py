"""Energy from real meters: what they record, what an inference costs by it, and the drivers."""

from hostctl.meters.base import Fault, Meter, Recording
from hostctl.meters.csv_file import read_csv
from hostctl.meters.energy import EnergyResult, measure

__all__ = ["EnergyResult", "Fault", "Meter", "Recording", "measure", "read_csv"]
