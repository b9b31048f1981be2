"""Streaming: a greeted device, samples out, results in."""

from hostctl.stream.device import Device, LinkStats, greeting_json
from hostctl.stream.patience import EMULATED, Patience
from hostctl.stream.result import DeviceResult, DeviceTrace
from hostctl.stream.streaming import stream

__all__ = ["EMULATED", "Device", "DeviceResult", "DeviceTrace", "LinkStats", "Patience", "greeting_json", "stream"]
