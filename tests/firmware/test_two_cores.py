"""Two cores share the stages of a network: whatever the split and the order, the numbers are the reference's."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from device_build import CHECKED_FOR_RACES, compile_device, conv_network, event_network, recording
from device_client import BEGIN, END, EVENTS, FRAMES, Client, begin, events_payload, parse_result, record
from ladder import (
    TWO_CORES,
    Sample,
    compare,
    host_rung,
    on_board,
    random_cases,
    random_conv_network,
    random_network,
)

from codegen.backends.c import library_plan, project_plan
from codegen.board import board_ids, load_board
from codegen.ir import simulate_batch
from codegen.passes.footprint import estimate
from codegen.passes.shares import Shares, share
from codegen.plan import write
from codegen.resources import folder
from hostctl.build import build
from hostctl.transport.emulator import run_board

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cases"))
import golden

RACES = ("-O1", "-g", "-fsanitize=thread", "-pthread", TWO_CORES)
MEMORY = ("-O2", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-pthread", TWO_CORES)
BOARDS = [board_id for board_id in board_ids() if load_board(board_id).cores > 1]
ALLOWED = 4096
"""Bytes that the estimate may lie above what the linker says."""


@pytest.mark.parametrize("make", [random_network, random_conv_network], ids=["dense", "conv"])
@pytest.mark.parametrize("flags", [RACES, MEMORY], ids=["races", "memory"])
def test_threads_with_random_splits_and_orders(make, flags, tmp_path, monkeypatch):
    """The driver draws a split for every sample, gives samples up in the middle, and polls at random."""
    monkeypatch.setenv("TSAN_OPTIONS", "halt_on_error=1")
    cases = random_cases(range(7000, 7012), samples=4, make=make)
    assert compare(cases, host_rung(tmp_path, flags)(cases)) == []


def test_the_thread_sanitizer_sees_a_missing_barrier(tmp_path, monkeypatch):
    """The test above must be able to fail: with plain accesses to the flags, races are found."""
    text = (folder("firmware") / "core" / "spikec_sync.h").read_text()
    (tmp_path / "plain").mkdir()
    plain = text.replace("#if SPIKEC_CORES > 1\n    ", "#if 0\n    ")
    assert plain.count("#if 0") == 2
    (tmp_path / "plain" / "spikec_sync.h").write_text(plain)
    monkeypatch.setenv("TSAN_OPTIONS", "halt_on_error=1")
    cases = random_cases([7000, 7001], samples=4)
    with pytest.raises(AssertionError, match="data race"):
        host_rung(tmp_path, (*RACES, "-D_POSIX_C_SOURCE=200809L", "-include", str(tmp_path / "plain/spikec_sync.h")))(
            cases
        )


def test_boards_with_two_cores_are_found():
    assert {"native", "mps2_an521"} <= set(BOARDS)


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("board_id", BOARDS)
def test_the_whole_board_at_every_split(board_id, first, board_tools, tmp_path):
    """Every spike and membrane of every layer and step, traced through the first core whichever core made it."""
    board, network = board_tools(board_id), conv_network()
    shares = share(network, board, first=first)
    write(project_plan(network, board, shares=shares), tmp_path)
    said = []
    result = build(tmp_path, board, log=said.append)
    assert not [line for line in said if "warning" in line.lower()]
    events = [recording(seed, network=network) for seed in range(6)]
    samples = [Sample(network.encoding.encode(one, network.steps), one) for one in events]
    assert compare([(network, samples)], [on_board(board, result.elf, network, samples)]) == []
    if not board.hosted:
        need = estimate(network, board, cores=2)
        assert result.flash <= need.flash <= result.flash + ALLOWED
        assert result.ram <= need.ram <= result.ram + ALLOWED


@pytest.mark.arm
def test_cores_that_really_run_side_by_side(board_tools, tmp_path):
    """With -icount the emulator runs one core after the other; with a thread each, both at once."""
    board, network = board_tools("mps2_an521"), event_network()
    write(project_plan(network, board, shares=share(network, board)), tmp_path)
    elf = build(tmp_path, board).elf
    at = board.emulator.index("-icount")
    command = (*board.emulator[:at], "-accel", "tcg,thread=multi", *board.emulator[at + 2 :])
    events = [recording(seed) for seed in range(6)]
    samples = [Sample(network.encoding.encode(one, network.steps), one) for one in events]
    parallel = replace(board, emulator=command, emulator_one_core=False)
    assert compare([(network, samples)], [on_board(parallel, elf, network, samples)]) == []


def give_up_a_sample(client, how):
    """Enough of it that either core has something to do; then another one begins, or the host greets anew."""
    client.data(BEGIN, begin(900, 1, how % 2))
    ones = np.packbits(np.ones(126, np.bool_), bitorder="little").tobytes()
    for step in range(3):
        client.data(FRAMES, record(step, 0, ones))
    if how == 2:
        client.data(FRAMES, record(9, 0, ones))  # refused
    if how == 3:
        client.hello(nonce=7)


def whole_sample(client, events, flags):
    """Send a recording, and give its result."""
    client.data(BEGIN, begin(1, 0, flags))
    client.data(EVENTS, events_payload([tuple(int(value) for value in row) for row in events]))
    client.data(END)
    sample, data = client.gather(seconds=60)
    assert sample == b"\1\0\0\0"
    return parse_result(data)


@pytest.mark.parametrize("first", [0, 1])
def test_a_device_with_two_threads_forgets_samples_without_a_race(first, tmp_path, monkeypatch):
    monkeypatch.setenv("TSAN_OPTIONS", "halt_on_error=1")
    network, native = event_network(), load_board("native")
    device = compile_device(tmp_path, network, shares=share(network, native, first=first))
    with run_board(native, device) as board, Client(board.port) as client:
        client.hello()
        for number in range(24):
            give_up_a_sample(client, number % 4)
            events = recording(number, count=200)
            got = whole_sample(client, events, flags=number // 4 % 2)
            batch = simulate_batch(network, network.encoding.encode(events, network.steps)[None])
            packed = np.packbits(batch.spikes[0], axis=1, bitorder="little")
            assert got["spikes"] == [bytes(row) for row in packed]
            assert got["synops"] == batch.synops[0].tolist()
            assert [list(row) for row in got["layer_spikes"]] == batch.layer_spikes[0].tolist()
            assert list(got["membranes"]) == batch.membranes[0, -1].tolist()
        assert board.running, board.last_words()


OWN_PROGRAM = """
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include "golden_ct.h"
static void give_way(void) { (void)sched_yield(); }
static void *second(void *nothing)
{
    for (;;) {
        if (!spikec_poll_second(&golden_ct_network)) {
            give_way();
        }
    }
    return nothing;
}
int main(void)
{
    pthread_t thread;
    spikec_share(&golden_ct_network, 1, give_way);
    if (pthread_create(&thread, NULL, second, NULL) != 0) {
        return 2;
    }
    for (int sample = 0; sample < 100; sample++) {
        golden_ct_init();
        for (uint16_t step = 0; step < GOLDEN_CT_STEPS; step++) {
            const uint8_t bytes = (uint8_t)((sample * 7 + step * 11) & 63);
            if (golden_ct_push_frame(step, &bytes) != SPIKEC_OK) {
                return 3;
            }
        }
        (void)golden_ct_finish();
        while (!golden_ct_done()) {
            if (!golden_ct_step()) {
                give_way();
            }
        }
        for (uint16_t output = 0; output < GOLDEN_CT_OUTPUTS; output++) {
            printf("%u ", (unsigned)golden_ct_count(output));
        }
    }
    return 0;
}
"""


def test_a_program_of_ones_own(tmp_path):
    """The library in a program with two threads, as docs/two-cores.md has it."""
    network = golden.golden_ct()
    write(library_plan(network), tmp_path)
    (tmp_path / "main.c").write_text(OWN_PROGRAM)
    sources = [tmp_path / "main.c", *sorted((tmp_path / "src").glob("*.c"))]
    command = ["gcc", *CHECKED_FOR_RACES, f"-I{tmp_path / 'src'}", *map(str, sources), "-o", str(tmp_path / "own")]
    subprocess.run(command, check=True)
    done = subprocess.run([tmp_path / "own"], check=True, capture_output=True, text=True, timeout=60)
    codes = (np.arange(100)[:, None] * 7 + np.arange(network.steps) * 11) & 63
    spikes = np.unpackbits(codes[..., None].astype(np.uint8), axis=-1, count=6, bitorder="little").astype(bool)
    counts = simulate_batch(network, spikes).spikes.sum(axis=1)
    assert [int(word) for word in done.stdout.split()] == counts.ravel().tolist()
    assert counts.any()


LOADS_AND_STORES = """
#include "spikec_sync.h"
uint16_t load(const volatile uint16_t *flag) { return spikec_load(flag); }
void store(volatile uint16_t *flag, uint16_t value) { spikec_store(flag, value); }
"""
COMPILERS = {
    "microbit": (["arm-none-eabi-gcc", "-mcpu=cortex-m0", "-mthumb"], ["dmb"], ["dmb"]),
    "mps2_an386": (["arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb"], ["dmb"], ["dmb"]),
    "mps2_an521": (["arm-none-eabi-gcc", "-mcpu=cortex-m33+nodsp", "-mthumb"], ["ldah"], ["stlh"]),
    "virt_rv32": (["riscv64-unknown-elf-gcc", "-march=rv32imc", "-misa-spec=2.2", "-mabi=ilp32"], ["fence"], ["fence"]),
}
BARRIERS = ("dmb", "dsb", "fence", "ldah", "stlh")


@pytest.mark.parametrize("cores", [1, 2])
@pytest.mark.parametrize("board_id", COMPILERS)
def test_barriers_are_there_with_two_cores_only(board_id, cores, board_tools, tmp_path):
    gcc, on_load, on_store = COMPILERS[board_tools(board_id).id]
    (tmp_path / "sync.c").write_text(LOADS_AND_STORES)
    command = [*gcc, "-std=c99", "-O2", "-ffreestanding", f"-DSPIKEC_CORES={cores}", f"-I{folder('firmware') / 'core'}"]
    done = subprocess.run(
        [*command, "-S", str(tmp_path / "sync.c"), "-o", "-"], check=True, capture_output=True, text=True
    )
    loads, stores = (part.split() for part in done.stdout.split("store:")[0:2])
    wanted = (on_load, on_store) if cores == 2 else ([], [])
    found = tuple([word for word in BARRIERS if word in part] for part in (loads, stores))
    assert found == wanted


def test_a_share_is_what_the_firmware_gets():
    network, board = event_network(), load_board("native")
    files = project_plan(network, board, shares=Shares(1, (0.5, 0.5), "a guess")).files
    assert "spikec_device_share(&spikec_hal, &spikec_network, 1); /* layers from 'last' on */" in files["src/main.c"]
    assert "-DSPIKEC_CORES=2" in files["platformio.ini"]
    alone = project_plan(network, board).files
    assert not [path for path, text in alone.items() if "SPIKEC_CORES=2" in text or "device_share(&" in text]
