"""Blocks of the hardware, each alone, under cocotb and Icarus."""

import os
import sys

import pytest
from cocotb_tools.runner import get_results, get_runner
from device_model import HERE, RTL

RTL_SOURCES = sorted(RTL.glob("*.v"))


def run_bench(
    folder, block, bench, tests, sources=RTL_SOURCES, includes=(RTL,), environment=None, run_in=HERE, **parameters
):
    """Run the cocotb tests named in ``tests`` of the module ``bench`` on one block."""
    runner = get_runner("icarus")
    runner.build(
        sources=sources, includes=includes, hdl_toplevel=block, parameters=parameters, build_args=["-g2005"],
        build_dir=folder, timescale=("1ps", "1ps"),
    )  # fmt: skip
    log = folder / "log.txt"
    search = os.pathsep.join([str(HERE), *sys.path])
    try:
        results = runner.test(
            hdl_toplevel=block, test_module=bench, build_dir=folder, test_dir=run_in, testcase=tests,
            results_xml=str(folder / "results.xml"), log_file=log,
            extra_env={"PYTHONPATH": search, **(environment or {})},
        )  # fmt: skip
    except SystemExit:
        pytest.fail(log.read_text())
    count, failed = get_results(results)
    assert count == len(tests)
    assert failed == 0, log.read_text()


# Clock cycles a bit, times 256: as few as may be; some; 110 MHz and 3 Mbaud.
@pytest.mark.parametrize("clocks_256", [2048, 4100, 9387])
def test_the_uart_hears(tmp_path, clocks_256):
    tests = [
        "bytes_arrive_whatever_the_baud_rates_difference",
        "noise_that_is_shorter_than_an_eighth_of_a_bit_does_not_matter",
        "a_byte_without_its_stop_bit_is_dropped",
        "a_byte_that_nobody_takes_stays_and_those_behind_it_are_lost",
    ]
    run_bench(tmp_path, "spikec_uart_rx", "blocks_uart", tests, CLOCKS_256=clocks_256)


@pytest.mark.parametrize("clocks_256", [2048, 9387])
def test_the_uart_speaks(tmp_path, clocks_256):
    tests = ["what_is_sent_is_heard", "bits_have_their_length"]
    run_bench(tmp_path, "spikec_uart_tx", "blocks_uart", tests, CLOCKS_256=clocks_256)


@pytest.mark.parametrize(("seed", "payload", "ring"), [(0, 100, 256), (1, 100, 256), (2, 300, 512), (3, 480, 512)])
def test_the_receiver_finds_the_sound_frames(tmp_path, seed, payload, ring):
    run_bench(
        tmp_path, "spikec_receiver", "blocks_receiver", ["sound_frames_come_through_and_nothing_else"],
        environment={"BENCH_SEED": str(seed)}, MAX_PAYLOAD=payload, RX_BYTES=ring,
    )  # fmt: skip


def test_the_receiver_lets_the_line_wait_when_it_is_full(tmp_path):
    tests = ["a_full_ring_lets_the_line_wait"]
    run_bench(tmp_path, "spikec_receiver", "blocks_receiver", tests, MAX_PAYLOAD=100, RX_BYTES=1024)
