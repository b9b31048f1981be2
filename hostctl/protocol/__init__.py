"""The device protocol: frames, messages and input, as `firmware/protocol/SPEC.md` says."""

from hostctl.protocol.constants import ErrorCode, Feature, Flag, Format, ToDevice, ToHost, TraceKind
from hostctl.protocol.events import pack_events, pack_frames, pack_spikes, unpack_events, unpack_frames, unpack_spikes
from hostctl.protocol.frames import Frame, Receiver, decode_frame, encode_frame
from hostctl.protocol.messages import (
    Ack,
    DeviceError,
    Greeting,
    Hello,
    Result,
    ResultPiece,
    SampleBegin,
    TracePiece,
    result_bytes,
    timing_bytes,
)

__all__ = [
    "Ack",
    "DeviceError",
    "ErrorCode",
    "Feature",
    "Flag",
    "Format",
    "Frame",
    "Greeting",
    "Hello",
    "Receiver",
    "Result",
    "ResultPiece",
    "SampleBegin",
    "ToDevice",
    "ToHost",
    "TraceKind",
    "TracePiece",
    "decode_frame",
    "encode_frame",
    "pack_events",
    "pack_frames",
    "pack_spikes",
    "result_bytes",
    "timing_bytes",
    "unpack_events",
    "unpack_frames",
    "unpack_spikes",
]
