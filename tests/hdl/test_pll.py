"""Clocks that PLLs make are exact, and within what the chip allows."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from synth_projects import board_with

from codegen.backends.verilog_board import clock_module
from codegen.board import fpga_board_ids, load_board
from codegen.ir import SpikecError
from codegen.passes.pll import limits, needs_pll, pll


@pytest.mark.parametrize(
    ("board_id", "mhz"),
    [("ulx3s_85f", mhz) for mhz in (40, 62.5, 100, 110, 112.5, 125, 135)]
    + [("icebreaker", mhz) for mhz in (18, 30, 36, 39.75, 48)]
    + [("tangnano20k", mhz) for mhz in (54, 108, 148.5)]
    + [("tangnano9k", mhz) for mhz in (54, 81)],
)
def test_exact_and_within_limits(board_id: str, mhz: float) -> None:
    fpga = board_with(board_id, clock_hz=round(1e6 * mhz)).fpga
    assert fpga is not None
    found, can = pll(fpga), limits(fpga)
    assert can is not None
    assert found.out_hz == fpga.clock_hz
    assert found.compare_hz == Fraction(fpga.clock_pin_hz, found.before)
    assert found.out_hz * found.behind == found.vco_hz
    assert found.vco_hz == found.compare_hz * found.feedback * (found.behind if can.output_feedback else 1)
    assert can.compare_hz[0] <= found.compare_hz <= can.compare_hz[1]
    assert can.vco_hz[0] <= found.vco_hz <= can.vco_hz[1]
    text = clock_module(fpga)
    assert f"The design's clock: {mhz:g} MHz" in text


@pytest.mark.parametrize("board_id", [one for one in fpga_board_ids() if one != "fpga_sim"])
def test_every_board_has_its_clock(board_id: str) -> None:
    fpga = load_board(board_id).fpga
    assert fpga is not None
    text = clock_module(fpga)
    assert ("assign clk = clk_pin;" in text) == (not needs_pll(fpga))


def test_numbers_in_the_verilog() -> None:
    fpga = load_board("icebreaker").fpga
    assert fpga is not None
    found = dict(re.findall(r"\.(\w+)\(\d'd(\d+)\)", clock_module(fpga)))  # 12 MHz * 48 / 2^5
    assert found == {"DIVR": "0", "DIVF": "47", "DIVQ": "5", "FILTER_RANGE": "1"}


def test_a_clock_that_cannot_be_made() -> None:
    fpga = board_with("icebreaker", clock_hz=37_000_000).fpga
    assert fpga is not None
    with pytest.raises(SpikecError, match=r"37 MHz cannot be made from 12 MHz\. Nearest, in MHz: 36.*, 36\.75, 37\.5"):
        pll(fpga)
    fpga = board_with("arty_a7_100t", clock_hz=110_000_000).fpga
    assert fpga is not None
    with pytest.raises(SpikecError, match="no PLL is known for 'xilinx'"):
        pll(fpga)
