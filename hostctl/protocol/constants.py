"""The constants of the wire. Made from ``firmware/protocol/protocol.toml`` by ``generate.py``: edit that."""

from enum import IntEnum, IntFlag

VERSION = 1
DELIMITER = 0
CRC_BYTES = 4
HEADER_BYTES = 4
DEFAULT_MAX_PAYLOAD = 1024
MIN_PIECE = 32
GREETING_TIMEOUT_MS = 2000
REPLY_TIMEOUT_MS = 1000


class ToDevice(IntEnum):
    """Message types towards the device."""

    HELLO = 0x01
    PING = 0x02
    SAMPLE_BEGIN = 0x10
    EVENTS = 0x11
    FRAMES = 0x12
    SAMPLE_END = 0x13


class ToHost(IntEnum):
    """Message types towards the host."""

    GREETING = 0x81
    ACK = 0x82
    RESULT = 0x90
    TRACE = 0x91
    LOG = 0xE0
    ERROR = 0xE1


class Format(IntEnum):
    """How a sample's input travels."""

    EVENTS = 0x00
    FRAMES = 0x01


class Flag(IntFlag):
    """Flags of SAMPLE_BEGIN."""

    TRACE = 0x01


class Feature(IntFlag):
    """What a device can do, in its greeting."""

    EVENTS = 0x01
    FRAMES = 0x02
    TRACE = 0x04
    PIECES = 0x08


class TraceKind(IntEnum):
    """What a TRACE frame holds."""

    SPIKES = 0x00
    MEMBRANE_I16 = 0x01
    MEMBRANE_I32 = 0x02


class ErrorCode(IntEnum):
    """Codes of ERROR."""

    VERSION = 0x01
    NOT_GREETED = 0x02
    TYPE = 0x03
    STATE = 0x04
    RANGE = 0x05
    TIME = 0x06
    INPUT = 0x07
    PAYLOAD = 0x08
