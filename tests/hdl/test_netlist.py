"""A whole device as a netlist of a chip's cells: it answers the host clock for clock as its Verilog does."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))

from device_client import BEGIN, END, EVENTS, GREETING, HELLO, RESULT, TRACE, begin, events_payload, frame, parse
from golden import golden_ct

from codegen.backends.verilog import project_plan
from codegen.board import load_board
from codegen.plan import write
from hostctl.fpga import synthesise

SAMPLES = 3

BENCH = """
`timescale 1ns / 1ps
module bench;
    reg clk = 0, rst = 1;
    reg [7:0] script [0:%(last)d];
    integer at = 0, quiet = 0, clocks = 0, file;
    wire [7:0] rx_data = script[at];
    wire rx_valid = at <= %(last)d && !rst;
    wire ready, valid, line, marker, busy, ready_n, valid_n, line_n, marker_n, busy_n;
    wire [7:0] data, data_n;
    spikec_sim_top source (
        .clk(clk), .rst(rst), .bypass(1'b1), .rx_valid(rx_valid), .rx_data(rx_data), .rx_ready(ready), .tx_valid(valid),
        .tx_data(data), .tx_ready(1'b1), .uart_rx(1'b1), .uart_tx(line), .marker(marker), .busy(busy)
    );
    netlist_top netlist (
        .clk(clk), .rst(rst), .bypass(1'b1), .rx_valid(rx_valid), .rx_data(rx_data), .rx_ready(ready_n),
        .tx_valid(valid_n), .tx_data(data_n), .tx_ready(1'b1), .uart_rx(1'b1), .uart_tx(line_n), .marker(marker_n),
        .busy(busy_n)
    );
    initial begin
        $readmemh("script.hex", script);
        file = $fopen("answers.hex");
        while (quiet < 100 && clocks < 200000) begin
            #1;
            if (!rst && {ready, valid, marker, busy} !== {ready_n, valid_n, marker_n, busy_n}) begin
                $display("clock %%0d: %%b%%b%%b%%b in the source", clocks, ready, valid, marker, busy);
                $display("%%b%%b%%b%%b in the netlist", ready_n, valid_n, marker_n, busy_n);
                $finish;
            end
            if (valid && data !== data_n) begin
                $display("clock %%0d: byte %%h, netlist %%h", clocks, data, data_n);
                $finish;
            end
            if (valid_n && !rst) $fdisplay(file, "%%h", data_n);
            quiet = (rst || busy || rx_valid) ? 0 : quiet + 1;
            if (rx_valid && ready) at <= at + 1;
            if (clocks == 20) rst <= 0;
            clocks = clocks + 1;
            clk = 1;
            #1 clk = 0;
        end
        $display("equal for %%0d clocks", clocks);
        $finish;
    end
endmodule
"""


def script() -> bytes:
    """Greet the device, and send samples; every one but the last is traced."""
    dice = random.Random(5)
    data, sequence = frame(HELLO, 0, (7).to_bytes(4, "little")), 0
    for number in range(SAMPLES):
        times = sorted(dice.randrange(4000) for _ in range(30))
        events = [(dice.randrange(3), dice.randrange(2), t, dice.randrange(2)) for t in times]
        traced = int(number < SAMPLES - 1)
        for kind, payload in ((BEGIN, begin(number, 0, traced)), (EVENTS, events_payload(events, 0)), (END, b"")):
            data += frame(kind, sequence, payload)
            sequence += 1
    return data


@pytest.mark.slow
@pytest.mark.parametrize("board_id", ["ulx3s_85f", "icebreaker", "tangnano9k"])
def test_the_netlist_answers_as_the_verilog(board_id: str, tmp_path: Path) -> None:
    write(project_plan(golden_ct(), load_board("fpga_sim")), tmp_path)
    result = synthesise(tmp_path, load_board(board_id), top="spikec_sim_top", place=False, keep=False)
    assert result.bitstream is None
    sent = script()
    (tmp_path / "script.hex").write_text("".join(f"{byte:02x}\n" for byte in sent))
    (tmp_path / "bench.v").write_text(BENCH % {"last": len(sent) - 1})
    renamed = result.netlist.read_text().replace("module spikec_sim_top(", "module netlist_top(")
    (tmp_path / "netlist_top.v").write_text(renamed)
    sources = list(tmp_path.glob("*.v"))
    command = ["iverilog", "-g2005", "-I", tmp_path, "-s", "bench", "-o", tmp_path / "bench", *sources]
    compiled = subprocess.run(
        [*command, tmp_path / "synthesis" / "cells.v"], capture_output=True, text=True, check=False
    )
    assert compiled.returncode == 0, compiled.stderr
    said = subprocess.run(["vvp", "bench"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert "equal for" in said, said
    answers = bytes.fromhex((tmp_path / "answers.hex").read_text())
    kinds = [parse(part)[0] for part in answers.split(b"\0")[:-1]]
    assert kinds[0] == GREETING
    assert kinds.count(RESULT) >= SAMPLES
    assert TRACE in kinds
