"""From Verilog to bitstreams: small designs through every flow, and the ways it can fail."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from synth_projects import board_with, make_project

from codegen.board import load_board
from codegen.ir import SpikecError
from hostctl.fpga.result import SynthesisResult
from hostctl.fpga.synth import SynthesisBug, synthesise

SUFFIX = {"icebreaker": ".bin", "tangnano9k": ".fs", "ulx3s_85f": ".bit"}


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Results are kept for this file's tests only."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SPIKEC_CACHE", str(tmp_path_factory.mktemp("cache")))
    yield
    patch.undo()


@pytest.fixture(scope="module")
def sums(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, SynthesisResult, list[str]]]:
    """The design ``sums`` on every board with an open flow: project, result, what was told meanwhile."""
    made = {}
    for board_id in SUFFIX:
        project = make_project(tmp_path_factory.mktemp(board_id), "sums", load_board(board_id))
        told: list[str] = []
        made[board_id] = (project, synthesise(project, load_board(board_id), progress=told.append), told)
    return made


@pytest.mark.parametrize("board_id", SUFFIX)
def test_bitstream_sizes_and_clock(board_id: str, sums: dict[str, tuple[Path, SynthesisResult, list[str]]]) -> None:
    project, result, told = sums[board_id]
    fpga = load_board(board_id).fpga
    assert fpga is not None
    assert result.met
    assert result.bitstream is not None
    assert result.bitstream.parent == project / "synthesis"
    assert result.bitstream.suffix == SUFFIX[board_id]
    assert result.bitstream.stat().st_size > 10_000
    usage = {one.name: one for one in result.usage}
    # 36 x 512, 18 x 1024 and 9 x 2048 bits; an iCE40 block holds 4,096 bits, sixteen a word.
    assert usage["block RAM"].used == {"icebreaker": 15}.get(board_id, 3)
    assert (usage["LUT"].there, usage["flip-flop"].there, usage["block RAM"].there) == (fpga.luts, fpga.ffs, fpga.brams)
    assert 100 < usage["LUT"].used < 400
    # 63 of the registers behind the memories are in ECP5's block RAMs.
    assert result.moved == (63 if board_id == "ulx3s_85f" else 0)
    registers = 5 + 11 + 40 + 16
    assert registers <= usage["flip-flop"].used + result.moved <= registers + 2 * 63
    (clock,) = result.clocks
    assert clock.wanted_hz == pytest.approx(fpga.clock_hz, rel=1e-3)  # nextpnr counts in picoseconds
    assert clock.wanted_hz <= clock.fmax_hz < 1e9
    assert "ns from" in result.slowest
    assert bool(result.doubt) == (board_id == "tangnano9k")
    assert set(result.seconds) == {"synthesis", "netlist", "place and route", "bitstream"}
    assert {words.split(",")[0] for words in told} >= set(result.seconds)


def test_the_result_as_json_and_text(sums: dict[str, tuple[Path, SynthesisResult, list[str]]]) -> None:
    project, result, _ = sums["icebreaker"]
    written = json.loads((project / "synthesis" / "result.json").read_text())
    assert written == json.loads(json.dumps(result.to_json()))
    assert SynthesisResult.from_json(written) == result
    assert written["met"] is True
    assert written["usage"][1] == {"name": "block RAM", "used": 15, "there": 30, "percent": 50.0}
    text = result.text()
    assert re.search(r"^block RAM +15 of 30 \(50\.0 %\)$", text, re.MULTILINE)
    assert re.search(r"^Fmax +\d+\.\d MHz for clk, 18\.0 MHz wanted \(margin \+\d+\.\d %\)$", text, re.MULTILINE)


def test_an_equal_project_is_not_synthesised_again(
    sums: dict[str, tuple[Path, SynthesisResult, list[str]]], tmp_path: Path
) -> None:
    _, result, _ = sums["icebreaker"]
    board = load_board("icebreaker")
    again = synthesise(make_project(tmp_path / "a", "sums", board), board)
    assert again.cached
    assert again.usage == result.usage
    assert again.clocks == result.clocks
    assert again.bitstream == tmp_path / "a" / "synthesis" / "spikec_top.bin"
    assert result.bitstream is not None
    assert again.bitstream.read_bytes() == result.bitstream.read_bytes()
    assert again.netlist.is_file()
    other = make_project(tmp_path / "b", "sums", board)
    (other / "byte.hex").write_text("0\n" * 2048)
    assert not synthesise(other, board).cached


@pytest.mark.parametrize("board_id", SUFFIX)
def test_the_netlist_computes_what_the_verilog_does(
    board_id: str, sums: dict[str, tuple[Path, SynthesisResult, list[str]]], tmp_path: Path
) -> None:
    """Both run side by side in Icarus, on random input: cell models, block RAM contents, moved registers."""
    project, _, _ = sums[board_id]
    source = (project / "top.v").read_text().replace("spikec_top", "source_top")
    (project / "synthesis" / "source.v").write_text(source)
    (project / "synthesis" / "bench.v").write_text(BENCH)
    cells = project / "synthesis" / "cells.v"
    clock = project / "spikec_clock.v"
    files = [project / "synthesis" / name for name in ("bench.v", "source.v", "netlist.v")]
    program = tmp_path / "bench"
    command = ["iverilog", "-g2005", "-o", program, *files, clock, cells]
    compiled = subprocess.run(command, capture_output=True, text=True, check=False)
    assert compiled.returncode == 0, compiled.stderr
    said = subprocess.run(["vvp", program], cwd=project, capture_output=True, text=True, check=True).stdout
    assert said.split()[-1] == "equal", said


BENCH = """
`timescale 1ns / 1ps
module bench;
    reg clk = 0, rx = 1;
    wire tx_source, marker_source, tx_netlist, marker_netlist;
    source_top source (.clk_pin(clk), .uart_rx(rx), .uart_tx(tx_source), .marker(marker_source));
    spikec_top netlist (.clk_pin(clk), .uart_rx(rx), .uart_tx(tx_netlist), .marker(marker_netlist));
    integer i, ones;
    initial begin
        ones = 0;
        for (i = 0; i < 3000; i = i + 1) begin
            #1 clk = 1;
            #1 rx = $random;
            if (i > 40 && {tx_source, marker_source} !== {tx_netlist, marker_netlist}) begin
                $display("clock %0d: source %b %b", i, tx_source, marker_source);
                $display("netlist %b %b", tx_netlist, marker_netlist);
                $finish;
            end
            if (i > 40) ones = ones + tx_netlist;
            clk = 0;
        end
        if (ones > 1000 && ones < 2000) $display("equal"); else $display("%0d ones: nothing was computed", ones);
    end
endmodule
"""


def test_timing_that_is_not_met_gives_no_bitstream(tmp_path: Path) -> None:
    board = board_with("icebreaker", clock_hz=96_000_000)
    project = make_project(tmp_path, "sums", board)
    told: list[str] = []
    result = synthesise(project, board, seeds=(1, 2), keep=False, progress=told.append)
    assert not result.met
    assert result.bitstream is None
    assert not list((project / "synthesis").glob("*.bin"))
    assert result.clocks[0].margin_percent < 0
    assert "bitstream   none" in result.text()
    slow = {int(match[1]): float(match[2]) for match in map(re.compile(r"seed (\d): ([\d.]+) %").match, told) if match}
    assert set(slow) == {1, 2}
    assert result.seed == min(slow, key=lambda seed: slow[seed])


def test_a_design_that_does_not_fit_is_told_before_the_long_part(tmp_path: Path) -> None:
    board = board_with("tangnano9k", brams=2, luts=100)
    told: list[str] = []
    with pytest.raises(SpikecError) as caught:
        synthesise(make_project(tmp_path, "sums", board), board, keep=False, progress=told.append)
    texts = [str(problem) for problem in caught.value.problems]
    assert len(texts) == 2
    assert re.search(r"board tangnano9k: the design takes \d+ LUTs, 100 are there\. Use fewer lanes", texts[0])
    assert "takes 3 block RAMs, 2 are there" in texts[1]
    assert not any(words.startswith("place") for words in told)


def test_a_design_that_only_nextpnr_finds_too_large(tmp_path: Path) -> None:
    board = board_with("icebreaker", brams=100)
    project = make_project(tmp_path, "sums", board)
    text = (project / "top.v").read_text()
    more = "".join(f"    reg [35:0] w{i} [0:511]; reg [35:0] r{i};\n" for i in range(4))
    more += "    initial begin\n" + "".join(f'        $readmemh("wide.hex", w{i});\n' for i in range(4)) + "    end\n"
    more += "".join(f"    always @(posedge clk) r{i} <= w{i}[row[8:0] ^ {i + 1}];\n" for i in range(4))
    text = text.replace("endmodule", more + "endmodule").replace("^sum}", "^sum ^ ^r0 ^ ^r1 ^ ^r2 ^ ^r3}")
    (project / "top.v").write_text(text)
    with pytest.raises(SpikecError, match="board icebreaker: the design cannot be placed"):
        synthesise(project, board, keep=False)


@pytest.mark.parametrize(("board_id", "brams"), [("arty_a7_100t", 3), ("de10_nano", 6)])
def test_vendors_projects_are_checked_for_size(board_id: str, brams: int, tmp_path: Path) -> None:
    board = load_board(board_id)
    project = make_project(tmp_path, "sums", board)
    result = synthesise(project, board, keep=False)
    usage = {one.name: one for one in result.usage}
    assert usage["block RAM"].used == brams
    assert usage["LUT"].used > 50
    assert usage["flip-flop"].used >= 11 + 40 + 16
    assert result.bitstream is None
    assert result.clocks == ()
    assert result.netlist.is_file()


COPIES = """
module slice(input clk, input [3:0] a, output [3:0] x);
    {} reg [3:0] copy;
    always @(posedge clk) copy <= a;
    assign x = copy;
endmodule
module copies(input clk, input [3:0] a, output [3:0] x, output [3:0] y);
    wire [3:0] z;
    slice first (.clk(clk), .a(a), .x(x));
    slice second (.clk(clk), .a(a), .x(z));
    assign y = ~z;
endmodule
"""


@pytest.mark.parametrize("board_id", SUFFIX)
def test_copies_of_registers_stay(board_id: str, tmp_path: Path) -> None:
    """Slices of lanes have copies of what all of them need; Yosys makes one register of equal ones."""
    used = {}
    for mark in ("(* spikec_copy *)", ""):
        folder = tmp_path / f"marked{bool(mark)}"
        folder.mkdir()
        (folder / "copies.v").write_text(COPIES.format(mark))
        result = synthesise(folder, load_board(board_id), top="copies", place=False, keep=False)
        used[mark] = {one.name: one.used for one in result.usage}["flip-flop"]
    assert used == {"(* spikec_copy *)": 8, "": 4}


def test_a_design_that_yosys_rejects_is_our_bug(tmp_path: Path) -> None:
    board = load_board("icebreaker")
    project = make_project(tmp_path, "echo", board)
    (project / "top.v").write_text("module spikec_top (input a, output b); assign b = a & ; endmodule\n")
    with pytest.raises(SynthesisBug, match=r"top\.v:1: ERROR: syntax error"):
        synthesise(project, board, keep=False)


def test_a_design_with_another_clock_than_the_boards_is_our_bug(tmp_path: Path) -> None:
    board = load_board("icebreaker")
    project = make_project(tmp_path, "sums", board_with("icebreaker", clock_hz=12_000_000))
    with pytest.raises(SynthesisBug, match=r"the design's clock is 12\.0 MHz, the board's 18\.0 MHz"):
        synthesise(project, board, keep=False)


def test_what_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(SpikecError, match="holds no Verilog"):
        synthesise(tmp_path, load_board("icebreaker"), keep=False)
    (tmp_path / "top.v").write_text("")
    with pytest.raises(SpikecError, match=r"board\.pcf: is missing"):
        synthesise(tmp_path, load_board("icebreaker"), keep=False)
    with pytest.raises(SpikecError, match="has no FPGA"):
        synthesise(tmp_path, load_board("native"), keep=False)
