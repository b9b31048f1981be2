"""cocotb benches of the UART; test_blocks.py runs them. The clock has 10 ns; a bit takes CLOCKS_256 / 256 of it."""

import random

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, ReadOnly, Timer

CLOCK_PS = 10_000


def bit_ps(dut, mismatch=0.0):
    return CLOCK_PS * int(dut.CLOCKS_256.value) / 256 * (1 + mismatch)


async def reset(dut):
    Clock(dut.clk, CLOCK_PS, unit="ps").start()
    dut.rst.value = 1
    for _ in range(4):
        await FallingEdge(dut.clk)
    dut.rst.value = 0


class Bytes:
    """Takes every byte of the receiver, after a while."""

    def __init__(self, dut, most=0, seed=0):
        self.got = []
        cocotb.start_soon(self._take(dut, most, random.Random(seed)))

    async def _take(self, dut, most, dice):
        dut.ready.value = 0
        while True:
            await FallingEdge(dut.clk)
            if dut.valid.value == 1:
                for _ in range(dice.randrange(most + 1)):
                    await FallingEdge(dut.clk)
                self.got.append(int(dut.data.value))
                dut.ready.value = 1
                await FallingEdge(dut.clk)
                dut.ready.value = 0


async def wait(ps):
    if round(ps) > 0:
        await Timer(round(ps), unit="ps")


async def level(dut, value, ps, glitches=0, dice=None):
    """Hold the line for a while, with short pulses of the other level in it, one in every third of it at most."""
    dut.line.value = value
    place = 0.0
    for third in sorted(dice.sample(range(3), glitches)) if glitches else ():
        at = ps * (third / 3 + dice.random() / 6)
        await wait(at - place)
        dut.line.value = 1 - value
        await wait(ps * 0.1)
        dut.line.value = value
        place = at + ps * 0.1
    await wait(ps - place)


async def send(dut, byte, ps, stop=1, glitches=0, dice=None):
    for bit in [0, *((byte >> i) & 1 for i in range(8)), stop]:
        await level(dut, bit, ps, glitches, dice)
    dut.line.value = 1


@cocotb.test()
async def bytes_arrive_whatever_the_baud_rates_difference(dut):
    dut.line.value = 1
    await reset(dut)
    bytes_ = Bytes(dut)
    # A start is seen up to a clock cycle late, which leaves less room where a bit has few cycles.
    most = 0.035 if int(dut.CLOCKS_256.value) >= 16 * 256 else 0.025
    for mismatch in (-most, -0.01, 0, 0.01, most):
        dice = random.Random(str(mismatch))
        sent = [*dice.randbytes(40), 0, 255, 0, 0, 255, 255, 0x55, 0xAA]
        for byte in sent:
            await send(dut, byte, bit_ps(dut, mismatch))
            await wait(bit_ps(dut) * dice.choice([0, 0, 0, dice.random() * 12]))
        await wait(bit_ps(dut) * 2)
        assert bytes_.got == sent, mismatch
        bytes_.got.clear()


@cocotb.test()
async def noise_that_is_shorter_than_an_eighth_of_a_bit_does_not_matter(dut):
    dut.line.value = 1
    await reset(dut)
    dice, bytes_ = random.Random(1), Bytes(dut, most=20)
    for _ in range(100):
        byte = dice.randrange(256)
        await level(dut, 1, bit_ps(dut) * (1 + dice.random()), dice.randrange(2), dice)
        await level(dut, 1, bit_ps(dut))  # a start is looked at for half a bit
        await send(dut, byte, bit_ps(dut, dice.uniform(-0.01, 0.01)), 1, dice.randrange(2), dice)
        await wait(bit_ps(dut) + 25 * CLOCK_PS)
        assert bytes_.got == [byte]
        bytes_.got.clear()


@cocotb.test()
async def a_byte_without_its_stop_bit_is_dropped(dut):
    dut.line.value = 1
    await reset(dut)
    dice, bytes_ = random.Random(2), Bytes(dut)
    for low in (1, 3, 50):  # the last is a break
        await send(dut, dice.randrange(256), bit_ps(dut), stop=0)
        dut.line.value = 0
        await wait(bit_ps(dut) * low)
        dut.line.value = 1
        await wait(bit_ps(dut) * 11)
        assert bytes_.got == []
        await send(dut, 0x5A, bit_ps(dut))
        await wait(bit_ps(dut))
        assert bytes_.got == [0x5A]
        bytes_.got.clear()


@cocotb.test()
async def a_byte_that_nobody_takes_stays_and_those_behind_it_are_lost(dut):
    dut.line.value = 1
    dut.ready.value = 0
    await reset(dut)
    for byte in (0x12, 0x34, 0x56):
        await send(dut, byte, bit_ps(dut))
    await FallingEdge(dut.clk)
    assert (int(dut.valid.value), int(dut.data.value)) == (1, 0x12)
    dut.ready.value = 1
    await FallingEdge(dut.clk)
    assert dut.valid.value == 0
    await send(dut, 0x78, bit_ps(dut) * 0.99)
    dut.ready.value = 0
    await wait(bit_ps(dut) * 10)


async def receive(dut, ps):
    """A byte as a listener of that baud rate takes it, looking in the middle of bits; and when it began."""
    while dut.line.value != 0:
        await FallingEdge(dut.clk)
    bits = []
    await wait(ps / 2)
    for _ in range(10):
        await ReadOnly()
        bits.append(int(dut.line.value))
        await wait(ps)
    assert bits[0] == 0
    assert bits[9] == 1
    return sum(bit << i for i, bit in enumerate(bits[1:9]))


@cocotb.test()
async def what_is_sent_is_heard(dut):
    dut.valid.value = 0
    await reset(dut)
    assert dut.line.value == 1
    for mismatch in (-0.035, 0, 0.035):
        for byte in [0, 255, 0x55, 0xAA, *random.Random(3).randbytes(20)]:
            await FallingEdge(dut.clk)
            dut.valid.value = 1
            dut.data.value = byte
            await FallingEdge(dut.clk)
            assert dut.ready.value == 0
            dut.valid.value = 0
            dut.data.value = byte ^ 0xFF
            assert await receive(dut, bit_ps(dut, mismatch)) == byte
            while dut.ready.value != 1:
                await FallingEdge(dut.clk)


@cocotb.test()
async def bits_have_their_length(dut):
    """A thousand bits in a row are as long as a thousand bits, to a clock cycle for each byte."""
    dut.valid.value = 1
    dut.data.value = 0x55
    await reset(dut)
    started = cocotb.utils.get_sim_time("ps")
    for _ in range(100):
        while dut.ready.value != 0:
            await FallingEdge(dut.clk)
        while dut.ready.value != 1:
            await FallingEdge(dut.clk)
    took = cocotb.utils.get_sim_time("ps") - started
    assert 0 <= took - 1000 * bit_ps(dut) <= 102 * CLOCK_PS
