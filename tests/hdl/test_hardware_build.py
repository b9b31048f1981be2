"""``spikec build`` and ``run`` for boards with a real FPGA, and what the doctor says of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))

from golden import golden_ct

import hostctl.fpga
from codegen.board import load_board
from codegen.ir import save
from hostctl.cli.main import run
from hostctl.doctor import fpga as doctor
from hostctl.doctor import missing_for
from hostctl.fpga.result import Clock, SynthesisResult, Usage
from hostctl.fpga.tool import Tool


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny network's file, in the folder that the command runs in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))
    save(golden_ct(), tmp_path / "tiny.spk")
    return tmp_path / "tiny.spk"


def result_of(clock_mhz: float, bitstream: Path | None) -> SynthesisResult:
    return SynthesisResult(
        board="icebreaker",
        part="up5k",
        usage=(Usage("LUT", 1000, 5280),),
        clocks=(Clock("clk", 1e6 * clock_mhz, 18e6),),
        slowest="55.56 ns from here to there (50.00 ns logic, 5.56 ns wires)",
        doubt="",
        seconds={"synthesis": 1.5},
        seed=2,
        moved=0,
        netlist=Path("netlist.v"),
        bitstream=bitstream,
        tools={},
    )


@pytest.mark.slow
def test_a_network_for_a_vendors_tool(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it: generated Verilog, the vendor's project, and the size by Yosys."""
    assert run(["build", "--network", str(network), "--board", "de10_nano", "--out", "made", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    used = {one["name"]: one["used"] for one in result["synthesis"]["usage"]}
    assert 500 < used["LUT"] < 8_000
    assert 500 < used["flip-flop"] < 8_000
    assert 1 <= used["block RAM"] <= 8
    assert result["hardware"]["resources"][0] == {"name": "LUT", "used": used["LUT"], "there": 83_018}
    settings = Path("made/project.qsf").read_text()
    sources = {line.split()[-1] for line in settings.splitlines() if "VERILOG_FILE" in line}
    assert sources == {path.name for path in Path("made").glob("*.v")}
    assert "source board.qsf" in settings
    assert Path("made/board.sdc").is_file()


def test_a_project_for_vivado(network: Path) -> None:
    assert run(["generate", "--network", str(network), "--board", "arty_a7_100t", "--out", "made"]) == 0
    script = Path("made/project.tcl").read_text()
    read = next(line for line in script.splitlines() if line.startswith("read_verilog"))
    assert set(read.removeprefix("read_verilog {").removesuffix("}").split()) == {
        path.name for path in Path("made").glob("*.v")
    }
    assert "-part xc7a100tcsg324-1" in script
    assert "read_xdc board.xdc" in script
    assert "PACKAGE_PIN E3 " in Path("made/board.xdc").read_text()


def test_exit_codes_follow_the_timing(
    network: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds: list[list[int]] = []

    def synthesised(mhz: float) -> object:
        def made(*_: object, **options: object) -> SynthesisResult:
            seeds.append(list(options["seeds"]))  # type: ignore[call-overload]
            return result_of(mhz, Path("spikec_top.bin") if mhz >= 18 else None)

        return made

    command = ["build", "--network", str(network), "--board", "icebreaker", "--out", "made"]
    monkeypatch.setattr(hostctl.fpga, "synthesise", synthesised(18.9))
    assert run([*command, "--placements", "3"]) == 0
    said = capsys.readouterr().out
    assert "Fmax        18.9 MHz for clk, 18.0 MHz wanted (margin +5.0 %)" in said
    assert "bitstream   spikec_top.bin" in said
    monkeypatch.setattr(hostctl.fpga, "synthesise", synthesised(17.1))
    assert run(command) == 1
    assert "17.1 MHz for clk, 18.0 MHz wanted (margin -5.0 %)" in capsys.readouterr().out
    assert seeds == [[1, 2, 3], [1]]


def test_the_doctor_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    board = load_board("icebreaker")
    names = [check.name for check in doctor.parts(board)]
    assert names == ["yosys", "nextpnr-ice40", "icepack", "openFPGALoader"]
    assert missing_for(board) == []
    assert [check.name for check in doctor.parts(load_board("de10_nano"))] == ["yosys", "openFPGALoader"]
    monkeypatch.setattr(doctor, "YOSYS", Tool("yosys", "no_such_module", "no-such-package", ""))
    (problem,) = missing_for(board)
    assert str(problem).startswith("yosys: not installed. Install it with: ")
    assert str(problem).endswith("-m pip install 'spikec[fpga]'")
