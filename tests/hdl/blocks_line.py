"""The real host on the pins of a simulated device: its streaming code runs as it is, on a line that the clock moves.

Environment: BENCH_NOISE, the chance that a bit is wrong, either way; BENCH_TRACE; BENCH_FOLDER, where the samples are
(samples.pickle) and the results go (results.pickle).
"""

import os
import pickle
import random
import time
from pathlib import Path
from unittest import mock

import cocotb
from cocotb.clock import Clock
from cocotb.task import bridge, resume
from cocotb.triggers import FallingEdge, Timer
from cocotb.utils import get_sim_time

from hostctl.stream.device import Device
from hostctl.stream.patience import Patience
from hostctl.stream.streaming import stream

CLOCK_PS = 10_000
LOOKS_CLOCKS = 3000
"""Clock cycles between two looks of the host at the line."""


class SimulatedLine:
    """A transport whose time is the simulation's, and whose bits are sometimes wrong."""

    name = "simulated pins"

    def __init__(self, dut, noise):
        self.dut = dut
        self.bit_ps = CLOCK_PS * int(dut.CLOCKS_256.value) / 256
        self.noise = noise
        self.dice = random.Random(7)
        self.outgoing = bytearray()
        self.incoming = bytearray()
        self.damaged = 0
        self.now = 0.0
        dut.rx.value = 1
        cocotb.start_soon(self._send())
        cocotb.start_soon(self._listen())

    def _spoil(self, byte):
        for bit in range(8):
            if self.dice.random() < self.noise:
                byte ^= 1 << bit
                self.damaged += 1
        return byte

    async def _bits(self, count):
        await Timer(round(count * self.bit_ps), unit="ps")

    async def _send(self):
        while True:
            while not self.outgoing:
                await self._bits(3)
            byte = self._spoil(self.outgoing.pop(0))
            for bit in [0, *((byte >> i) & 1 for i in range(8)), 1]:
                self.dut.rx.value = bit
                await self._bits(1)

    async def _listen(self):
        while True:
            await FallingEdge(self.dut.tx)
            await self._bits(1.5)
            byte = 0
            for i in range(8):
                byte |= int(self.dut.tx.value) << i
                await self._bits(1)
            assert self.dut.tx.value == 1
            self.incoming.append(self._spoil(byte))

    async def _exchange(self, outgoing, timeout):
        until = self.now + timeout
        self.outgoing += outgoing
        while True:
            await Timer(LOOKS_CLOCKS * CLOCK_PS, unit="ps")
            self.now = get_sim_time("sec")
            if self.incoming or self.now >= until:
                break
        data, self.incoming = bytes(self.incoming), bytearray()
        return len(outgoing), data

    def exchange(self, outgoing, timeout):
        return resume(self._exchange)(bytes(outgoing), timeout)


@cocotb.test()
async def the_host_streams_samples(dut):
    folder = Path(os.environ["BENCH_FOLDER"])
    network, samples = pickle.loads((folder / "samples.pickle").read_bytes())
    line = SimulatedLine(dut, float(os.environ["BENCH_NOISE"]))
    Clock(dut.clk, CLOCK_PS, unit="ps").start()
    dut.rst.value = 1
    await Timer(10 * CLOCK_PS, unit="ps")
    dut.rst.value = 0
    # The host's clock is the simulation's, so how fast this computer is changes nothing. A full window takes 0.7 ms.
    patience = Patience(greeting_s=0.002, reply_s=0.0015, greetings=20, pings=10, attempts=50)
    clock = mock.Mock(monotonic=lambda: line.now, strftime=time.strftime)

    @bridge
    def host():
        device = Device(line, network, patience)
        device.greet()
        results = list(stream(device, samples, trace=os.environ["BENCH_TRACE"] == "1"))
        return results, device.stats

    with mock.patch("hostctl.stream.streaming.time", clock), mock.patch("hostctl.stream.device.time", clock):
        results, stats = await host()
    (folder / "results.pickle").write_bytes(pickle.dumps((results, stats, line.damaged)))
