"""How the world becomes spikes: the part of the network that stands before its first layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from codegen.ir.events import Events

Polarity = Literal["on", "off", "both", "merged"]
POLARITIES: tuple[Polarity, ...] = ("on", "off", "both", "merged")
Coding = Literal["bernoulli", "threshold"]
CODINGS: tuple[Coding, ...] = ("bernoulli", "threshold")


@dataclass(frozen=True)
class EventBinning:
    """Events of a camera, binned in time: an input spikes in a step if any of its events falls into that step's bin.

    Yin et al. 2017, section III-B, generalised. ``width`` and ``height`` are the sensor's, in pixels; step ``k`` takes
    the events with ``start_us + k * bin_us <= t < start_us + (k + 1) * bin_us``; others are ignored. ``polarity`` is
    ``on`` or ``off`` (one channel, the other polarity is ignored), ``both`` (channel 0 OFF, channel 1 ON) or ``merged``
    (one channel, either polarity). ``downsample`` joins blocks of that many pixels a side. The input index is
    ``(y // downsample * columns + x // downsample) * channels + channel``.
    """

    kind: ClassVar[str] = "events"
    width: int = 34
    height: int = 34
    polarity: Polarity = "on"
    start_us: int = 0
    bin_us: int = 6250
    downsample: int = 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """(rows, columns, channels) of the input."""
        channels = 2 if self.polarity == "both" else 1
        return -(-self.height // self.downsample), -(-self.width // self.downsample), channels

    @property
    def size(self) -> int:
        """Number of inputs."""
        return math.prod(self.shape)

    def relevant(self, events: Events, steps: int) -> Events:
        """The events that fall into the window of ``steps`` bins and have a polarity that counts."""
        time = events["t"].astype(np.int64) - self.start_us
        keep = (time >= 0) & (time < steps * self.bin_us)
        if self.polarity in ("on", "off"):
            keep &= events["p"] == (1 if self.polarity == "on" else 0)
        return events[keep]

    def encode(self, events: Events, steps: int) -> NDArray[np.bool_]:
        """Spikes of one recording, bool of shape (steps, size). Events must lie on the sensor."""
        events = self.relevant(events, steps)
        channel = events["p"].astype(np.int64) if self.polarity == "both" else 0
        _, columns, channels = self.shape
        pixel = (events["y"] // self.downsample).astype(np.int64) * columns + events["x"] // self.downsample
        index = pixel * channels + channel
        step = (events["t"].astype(np.int64) - self.start_us) // self.bin_us
        spikes = np.zeros((steps, self.size), np.bool_)
        spikes[step, index] = True
        return spikes

    def to_json(self) -> dict[str, object]:
        """The fields as plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class SpikeFrames:
    """Spikes that come ready made, one vector a step: for instance coded images (SNN-DC on MNIST).

    ``coding`` says how images become spikes (``codegen.ir.images.encode``); blocks of ``downsample`` pixels a side are
    averaged before that. Networks whose spikes come from elsewhere leave both as they are.
    """

    kind: ClassVar[str] = "frames"
    channels: int = 1
    rows: int = 1
    columns: int = 1
    coding: Coding = "bernoulli"
    downsample: int = 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """(rows, columns, channels) of the input."""
        return self.rows, self.columns, self.channels

    @property
    def size(self) -> int:
        """Number of inputs."""
        return self.channels * self.rows * self.columns

    def to_json(self) -> dict[str, object]:
        """The fields as plain JSON values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


Encoding = EventBinning | SpikeFrames
ENCODINGS: dict[str, type[EventBinning] | type[SpikeFrames]] = {c.kind: c for c in (EventBinning, SpikeFrames)}


def encoding_from_json(kind: str, fields: Mapping[str, object]) -> Encoding:
    """Make the encoding called ``kind``. Raises KeyError for an unknown kind, TypeError for unknown fields."""
    return ENCODINGS[kind](**fields)  # type: ignore[arg-type]
