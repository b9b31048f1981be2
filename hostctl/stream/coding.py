"""How a sample's input travels: as it is, or in the smaller of what the device takes."""

from __future__ import annotations

from enum import StrEnum

from codegen.ir import EventBinning
from hostctl.protocol import Feature, Format, pack_events, pack_frames, pack_spikes
from hostctl.samples import Sample
from hostctl.stream.device import Device


class Coding(StrEnum):
    """``GIVEN``: recordings as events, pictures as whole spike vectors. ``SMALLEST``: as few bytes as can be.

    A recording that comes as spike vectors needs no binning on the device, so its latency is another one.
    """

    GIVEN = "given"
    SMALLEST = "smallest"


def code(device: Device, sample: Sample, coding: Coding, most: int) -> tuple[Format, list[bytes]]:
    """Give format and payloads, each of at most ``most`` bytes.

    Raises SpikecError when the device cannot take the sample.
    """
    if sample.events is None:
        device.need(Feature.FRAMES, "spike frames")
        return Format.FRAMES, pack_frames(sample.packed_frames(), most, sparse=coding is Coding.SMALLEST)
    device.need(Feature.EVENTS, "events")
    events = pack_events(sample.events, most)
    if coding is Coding.GIVEN or Feature.FRAMES not in device.greeting.features:
        return Format.EVENTS, events
    assert isinstance(device.network.encoding, EventBinning)
    frames = pack_frames(pack_spikes(sample.inputs(device.network)), most, sparse=True)
    smaller = sum(map(len, frames)) < sum(map(len, events))
    return (Format.FRAMES, frames) if smaller else (Format.EVENTS, events)
