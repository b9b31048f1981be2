"""cocotb benches of the receiver: frames out of a damaged stream, as the host's own code finds them."""

import os
import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge

from hostctl.protocol import Receiver, encode_frame


async def reset(dut):
    Clock(dut.clk, 10, unit="ns").start()
    dut.rst.value = 1
    dut.rx_valid.value = 0
    dut.take.value = 0
    for _ in range(4):
        await FallingEdge(dut.clk)
    dut.rst.value = 0


async def send(dut, data, dice, most):
    """All bytes; the line has a pause in front of some."""
    for byte in data:
        for _ in range(dice.randrange(most + 1) if dice.random() < 0.1 else 0):
            await FallingEdge(dut.clk)
        dut.rx_valid.value = 1
        dut.rx_data.value = byte
        while dut.rx_ready.value != 1:
            await FallingEdge(dut.clk)
        await FallingEdge(dut.clk)
        dut.rx_valid.value = 0


async def take(dut, dice, most):
    """The next byte."""
    for _ in range(dice.randrange(most + 1) if dice.random() < 0.1 else 0):
        await FallingEdge(dut.clk)
    while dut.there.value != 1:
        await FallingEdge(dut.clk)
    byte = int(dut.head.value)
    dut.take.value = 1
    await FallingEdge(dut.clk)
    dut.take.value = 0
    return byte


async def take_frames(dut, frames, dice, most):
    """Frames for ever: (version, type, sequence, payload)."""
    while True:
        length = await take(dut, dice, most) + 256 * await take(dut, dice, most)
        body = bytes([await take(dut, dice, most) for _ in range(4 + length + 4)])
        frames.append((body[0], body[1], int.from_bytes(body[2:4], "little"), body[4:-4]))


def stream(dice, most_payload, count):
    """Frames, some of them damaged."""
    data = b""
    for number in range(count):
        length = dice.choice([0, 1, most_payload - 1, most_payload, most_payload + 1, dice.randrange(most_payload + 9)])
        payload = dice.choice([bytes(length), b"\xff" * length, dice.randbytes(length), dice.randbytes(length)])
        frame = bytearray(encode_frame(dice.randrange(256), number, payload, dice.randrange(256)))
        what = dice.randrange(12)
        if what == 0:
            frame[dice.randrange(len(frame))] ^= 1 << dice.randrange(8)
        elif what == 1:
            del frame[dice.randrange(len(frame))]
        elif what == 2:
            frame.insert(dice.randrange(len(frame)), dice.randrange(256))
        elif what == 3:
            frame = frame[: dice.randrange(len(frame))]
        elif what == 4:
            frame = dice.randbytes(dice.randrange(3 * most_payload))
        elif what == 5:
            frame += bytes(dice.randrange(5))
        data += frame
    return data + b"\0"


@cocotb.test()
async def sound_frames_come_through_and_nothing_else(dut):
    most_payload, seed = int(dut.MAX_PAYLOAD.value), int(os.environ["BENCH_SEED"])
    dice, frames = random.Random(seed), []
    await reset(dut)
    cocotb.start_soon(take_frames(dut, frames, dice, (0, 50, 400)[seed % 3]))
    data = stream(dice, most_payload, 120)
    await send(dut, data, dice, (0, 30)[seed % 2])
    quiet = 0
    while quiet < 500:
        quiet = 0 if dut.busy.value == 1 else quiet + 1
        await FallingEdge(dut.clk)
    found = [frame for frame in Receiver().feed(data) if len(frame.payload) <= most_payload]
    assert len(found) > 30
    assert frames == [(frame.version, frame.type, frame.sequence, frame.payload) for frame in found]


@cocotb.test()
async def a_full_ring_lets_the_line_wait(dut):
    """Nobody takes: as many bytes are accepted as the ring can promise, and then none; no frame is lost by that."""
    most_payload, ring = int(dut.MAX_PAYLOAD.value), int(dut.RX_BYTES.value)
    dice, frames = random.Random(5), []
    await reset(dut)
    sent = [encode_frame(0x11, number, dice.randbytes(dice.randrange(most_payload + 1))) for number in range(40)]
    cocotb.start_soon(send(dut, b"".join(sent), dice, 0))
    accepted = 0
    for _ in range(4 * ring):
        accepted += dut.rx_valid.value == 1 and dut.rx_ready.value == 1
        await FallingEdge(dut.clk)
    assert ring - 32 <= accepted < ring
    cocotb.start_soon(take_frames(dut, frames, dice, 0))
    while len(frames) < len(sent):
        await FallingEdge(dut.clk)
    assert [sequence for _, _, sequence, _ in frames] == list(range(40))
