"""Energy from power meters: drivers, integration between the edges of the marker pin, and what a run makes of it."""

from hostctl.meters.capture import Capture, metered
from hostctl.meters.choose import Choice, kinds, open_meter, parse_meter
from hostctl.meters.energy import Idle, measure_csv
from hostctl.meters.integrate import Integrator, Interval
from hostctl.meters.meter import Chunk, Fault, Meter

__all__ = [
    "Capture",
    "Choice",
    "Chunk",
    "Fault",
    "Idle",
    "Integrator",
    "Interval",
    "Meter",
    "kinds",
    "measure_csv",
    "metered",
    "open_meter",
    "parse_meter",
]
