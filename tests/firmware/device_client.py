"""A tiny client of the wire that shares no code with the host tool: what SPEC.md says, written a second time."""

import itertools
import os
import select
import struct
import termios
import time
import tty
import zlib

HELLO, PING, BEGIN, EVENTS, FRAMES, END = 0x01, 0x02, 0x10, 0x11, 0x12, 0x13
GREETING, ACK, RESULT, TRACE, ERROR = 0x81, 0x82, 0x90, 0x91, 0xE1
E_VERSION, E_NOT_GREETED, E_TYPE, E_STATE, E_RANGE, E_TIME, E_INPUT, E_PAYLOAD = range(1, 9)


def stuff(body):
    """COBS."""
    out = bytearray()
    for run in body.split(b"\0"):
        whole = len(run) // 254 * 254
        for at in range(0, whole, 254):
            out += b"\xff" + run[at : at + 254]
        out += bytes([len(run) - whole + 1]) + run[whole:]
    return bytes(out)


def unstuff(data):
    out, at = bytearray(), 0
    while at < len(data):
        code = data[at]
        block = data[at + 1 : at + code]
        assert len(block) == code - 1, "a COBS block is cut short"
        out += block
        at += code
        if code < 255 and at < len(data):
            out.append(0)
    return bytes(out)


def frame(kind, sequence=0, payload=b"", version=1):
    body = struct.pack("<BBH", version, kind, sequence & 0xFFFF) + payload
    return stuff(body + struct.pack("<I", zlib.crc32(body))) + b"\0"


def parse(data):
    """One frame without its delimiter -> (type, sequence, payload)."""
    body = unstuff(data)
    assert struct.unpack("<I", body[-4:])[0] == zlib.crc32(body[:-4]), "the device sent a wrong checksum"
    version, kind, sequence = struct.unpack("<BBH", body[:4])
    assert version == 1
    return kind, sequence, body[4:-4]


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def events_payload(events, since=0):
    """[(x, y, t, p)] -> payload of EVENTS."""
    out = bytearray()
    for x, y, t, p in events:
        out += varint(t - since) + varint(x) + varint(y * 2 + p)
        since = t
    return bytes(out)


def begin(sample, kind=0, flags=0):
    return struct.pack("<IBB", sample, kind, flags)


def record(step, offset, data):
    return struct.pack("<HHH", step, offset, len(data)) + data


class Client:
    """An open line. Frames are (type, sequence, payload)."""

    def __init__(self, port):
        self.fd = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.fd)
        termios.tcflush(self.fd, termios.TCIFLUSH)  # what was meant for the host before us
        self.buffer = b""
        self.sequence = 0

    def close(self):
        os.close(self.fd)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def write(self, data):
        while data:
            data = data[os.write(self.fd, data) :]

    def receive(self, seconds=5.0, torn=False):
        """The next frame, or None when the line stays silent. ``torn``: pass over what is no whole frame."""
        until = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return None
            self.buffer += os.read(self.fd, 65536)
        data, self.buffer = self.buffer.split(b"\0", 1)
        try:
            return parse(data) if data else self.receive(seconds, torn)
        except (AssertionError, struct.error):
            if not torn:
                raise
            return self.receive(seconds, torn)

    def data(self, kind, payload=b""):
        """Send the next data frame."""
        self.write(frame(kind, self.sequence, payload))
        self.sequence = (self.sequence + 1) & 0xFFFF

    def hello(self, nonce=0x01020304, tries=30):
        """Greet. What comes before the greeting is passed over: it may be the rest of what another host left unread.

        Returns the greeting's payload.
        """
        for _ in range(tries):
            self.write(b"\0" + frame(HELLO, 0, struct.pack("<I", nonce)))
            self.sequence = 0
            while (answer := self.receive(1.0, torn=True)) is not None:
                if answer[0] == GREETING and answer[2][:4] == struct.pack("<I", nonce):
                    assert answer[1] == 0
                    return answer[2]
        raise AssertionError("no greeting")

    def until(self, kind, seconds=5.0):
        """Frames up to and with the first of that type."""
        got = []
        while not got or got[-1][0] != kind:
            answer = self.receive(seconds)
            assert answer is not None, f"silence after {got}"
            got.append(answer)
        return got

    def expect(self, kind, seconds=5.0):
        """The next frame must be of that type; its payload."""
        answer = self.receive(seconds)
        assert answer is not None, "silence"
        assert answer[0] == kind, answer
        return answer[2]

    def ack(self):
        return struct.unpack("<H", self.expect(ACK))[0]

    def error(self):
        """(code, sample, detail) of the next frame."""
        return struct.unpack("<BIi", self.expect(ERROR))

    def gather(self, kind=RESULT, head=4, seconds=10.0):
        """The next message of that type, put together from its pieces: (head, bytes)."""
        whole = b""
        while True:
            payload = self.until(kind, seconds)[-1][2]
            total, offset = struct.unpack("<II", payload[head : head + 8])
            assert offset == len(whole)
            whole += payload[head + 8 :]
            if len(whole) == total:
                return payload[:head], whole


def check_order(frames, begins):
    """SPEC.md, Order, in all that a device sent. ``begins``: the number of each sample's SAMPLE_BEGIN by its id."""
    done = []
    for kind, _, payload in frames:
        if kind == RESULT:
            sample, total, offset = struct.unpack("<III", payload[:12])
            done += [sample] if offset + len(payload) - 12 == total else []
        elif kind == ACK:
            ahead = struct.unpack("<H", payload)[0]
            for earlier, later in itertools.pairwise(begins):
                behind = ahead >= begins[later] + 2
                assert earlier in done or not behind, f"{ahead} is acknowledged, and {earlier} has no result"
    assert done == list(begins)


GREETING_FIELDS = (
    *("nonce", "features", "max_payload", "rx_bytes", "hz", "steps"),
    *("inputs", "outputs", "layers", "heads", "digest"),
)


def parse_greeting(payload):
    values = dict(zip(GREETING_FIELDS, struct.unpack("<IHHIIHHHBB32s", payload[:56]), strict=True))
    at = 56
    for name in ("board", "network", "tool", "counter"):
        length = payload[at]
        values[name] = payload[at + 1 : at + 1 + length].decode()
        at += 1 + length
    assert at == len(payload)
    return values


def parse_result(data):
    ticks, steps, outputs, layers, heads = struct.unpack("<IHHBB", data[:10])
    at = 10
    per_layer = [struct.unpack_from("<IQ", data, at + 12 * i) for i in range(layers)]
    at += 12 * layers
    spikes = [struct.unpack_from(f"<{steps}H", data, at + 2 * steps * i) for i in range(layers)]
    at += 2 * steps * layers
    width = (outputs + 7) // 8
    out = [data[at + width * i : at + width * (i + 1)] for i in range(steps)]
    at += width * steps
    membranes = struct.unpack_from(f"<{outputs}i", data, at)
    at += 4 * outputs
    answers = struct.unpack_from(f"<{heads}H", data, at)
    assert at + 2 * heads == len(data)
    return {
        "ticks": ticks,
        "layer_ticks": [t for t, _ in per_layer],
        "synops": [s for _, s in per_layer],
        "layer_spikes": spikes,
        "spikes": out,
        "membranes": membranes,
        "answers": answers,
    }
