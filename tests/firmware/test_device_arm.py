"""The emulated Cortex-M4, built by PlatformIO and spoken to over its serial line."""

import struct

import numpy as np
import pytest
from device_build import event_network, frame_network, need_arm_tools, recording
from device_client import BEGIN, END, EVENTS, RESULT, TRACE, Client, begin, events_payload, parse_greeting, parse_result

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import simulate
from codegen.plan import write
from hostctl.build import build
from hostctl.transport.emulator import run_board

pytestmark = pytest.mark.arm
BOARD = load_board("mps2_an386")
NETWORK = event_network()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    need_arm_tools()
    folder = tmp_path_factory.mktemp("an arm project")
    write(project_plan(NETWORK, BOARD), folder)
    said = []
    result = build(folder, BOARD, log=said.append)
    assert not [line for line in said if "warning" in line.lower()]
    return result


def send(client, events, sample, flags=0):
    rows = [tuple(int(value) for value in row) for row in events]
    client.data(BEGIN, begin(sample, 0, flags))
    client.data(EVENTS, events_payload(rows))
    client.data(END)
    frames = client.until(RESULT, seconds=20)
    return frames, parse_result(frames[-1][2][12:])


def test_it_builds_and_fits(built):
    assert 2_000 < built.flash < 100_000
    assert 16_384 < built.ram < 100_000, "the stack is part of it"


def test_it_greets_and_computes_the_numbers_of_the_reference(built):
    with run_board(BOARD, built.elf) as board, Client(board.port) as client:
        greeting = parse_greeting(client.hello())
        assert greeting["digest"].hex() == NETWORK.digest
        assert (greeting["board"], greeting["counter"]) == (BOARD.id, BOARD.counter.name)
        assert greeting["hz"] == BOARD.clock_hz
        events = recording(3, count=200)
        trace = simulate(NETWORK, NETWORK.encoding.encode(events, NETWORK.steps))
        frames, result = send(client, events, 1, flags=1)
        assert list(result["membranes"]) == trace.membranes[-1][-1].tolist()
        traces = [payload for kind, _, payload in frames if kind == TRACE]
        assert len(traces) == 2 * 2 * NETWORK.steps
        for payload in traces:
            _, step, layer, kind = struct.unpack("<IHBB", payload[:8])
            data = payload[16:]
            if kind == 0:
                assert data == bytes(np.packbits(trace.spikes[layer][step], bitorder="little"))
            else:
                got = np.frombuffer(data, "<i2" if kind == 1 else "<i4")
                assert got.tolist() == trace.membranes[layer][step].tolist()


def test_equal_work_takes_equal_instructions_and_sending_is_not_in_them(built):
    events = recording(3, count=200)
    ticks = []
    with run_board(BOARD, built.elf) as board, Client(board.port) as client:
        client.hello()
        for sample in range(4):
            ticks.append(send(client, events, sample, flags=sample % 2)[1])
    layers = np.array([result["layer_ticks"] for result in ticks])
    steps = NETWORK.steps
    assert np.ptp(layers, axis=0).max() <= 2 * steps, "a tick is 0.625 instructions, so each step may round by one"
    totals = [result["ticks"] for result in ticks]
    assert max(totals) < 1.1 * min(totals), "the trace must not be counted"
    assert min(totals) > layers.sum(axis=1).max()


def test_it_comes_back_on_the_same_port(built):
    with run_board(BOARD, built.elf) as board:
        for _ in range(2):
            with Client(board.port) as client:
                client.hello()
            board.restart()
        with Client(board.port) as client:
            client.hello()
            with Client(board.port) as again:
                again.hello(nonce=2)


def test_a_second_network_builds_without_a_warning(tmp_path):
    need_arm_tools()
    write(project_plan(frame_network(), BOARD), tmp_path)
    said = []
    build(tmp_path, BOARD, log=said.append)
    assert not [line for line in said if "warning" in line.lower()]
