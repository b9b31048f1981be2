"""Streaming: a greeted device, samples out, results in."""

from hostctl.stream.coding import Coding
from hostctl.stream.device import Device, Line, LinkStats, greeting_json
from hostctl.stream.patience import EMULATED, Patience
from hostctl.stream.result import DeviceResult, DeviceTrace
from hostctl.stream.several import stream_over
from hostctl.stream.streaming import stream

__all__ = [
    "EMULATED",
    "Coding",
    "Device",
    "DeviceResult",
    "DeviceTrace",
    "Line",
    "LinkStats",
    "Patience",
    "greeting_json",
    "stream",
    "stream_over",
]
