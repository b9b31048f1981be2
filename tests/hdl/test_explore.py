"""``spikec explore``: which designs are tried, which of them are best, and the command from options to files."""

from __future__ import annotations

import csv
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from device_build import event_network, recording

from codegen import zoo
from codegen.board import load_board
from codegen.ir import SpikecError, load, save, write_nmnist
from codegen.passes.hardware_fit import Estimate
from hostctl.cli import explored, exploring
from hostctl.cli.exploring import Point, candidates, front, lane_counts, measure_all, sized
from hostctl.cli.main import run
from hostctl.cli.output import Output
from hostctl.fpga import verilator
from hostctl.report.frontier import Mark, frontier

BOARD = load_board("ulx3s_85f")
QUIET = Output("explore", json=True)
SVG = "{http://www.w3.org/2000/svg}"


# ---- which designs ---------------------------------------------------------------------------------------------------


def test_lanes_divide_the_widest_layer() -> None:
    assert lane_counts(load(zoo.network_path("nmnist-ct-256"))) == [256, 128, 64, 32, 16, 8, 4, 2, 1]
    assert lane_counts(event_network()) == [40, 20, 10, 5, 2, 1]


def test_every_design_once() -> None:
    found = list(candidates(event_network(), BOARD))
    assert len({design for _, _, design in found}) == len(found)
    assert (40, 8) in [(lanes, banks) for lanes, banks, _ in found]
    for lanes, banks, design in found:
        assert [plan.lanes for plan in design.layers] == [lanes, min(lanes, 11)]
        assert [plan.banks for plan in design.layers] == [banks, banks]
        assert lanes == 40 or lanes % banks == 0, "the next layer's banks take the lanes' spikes evenly"


def test_what_cannot_be_built_is_told() -> None:
    with pytest.raises(SpikecError, match="8 spikes a cycle, but hidden before it has 20 lanes"):
        list(candidates(event_network(), BOARD, [20], [8]))


def areas(**luts: int):
    """An area for each number of lanes; block RAMs and flip-flops are few."""
    return lambda design: Estimate(luts[f"lanes_{design.layers[0].lanes}"], 10, 1)


def test_what_is_not_worth_its_simulation(monkeypatch: pytest.MonkeyPatch) -> None:
    simulated = []

    def count(*arguments: object) -> tuple[float, int]:
        simulated.append(arguments[1].layers[0].lanes)
        return 100.0, 0

    monkeypatch.setattr(exploring, "simulated", count)
    designs = list(candidates(event_network(), BOARD, banks=[1]))
    area = areas(lanes_40=90_000, lanes_20=20_000, lanes_10=21_000, lanes_5=900, lanes_2=1, lanes_1=1)
    points = measure_all(QUIET, event_network(), sized(designs, BOARD, area), [])
    assert [(p.lanes, p.fits, p.better, p.cycles) for p in points] == [
        (40, False, "", None),
        (20, True, "", 100.0),
        (10, True, "20 lanes, 1 spike a cycle", None),
    ], "few lanes are not tried where more fit"
    assert simulated == [20]


def test_few_lanes_where_nothing_else_fits() -> None:
    designs = list(candidates(event_network(), BOARD, banks=[1]))
    area = areas(lanes_40=90_000, lanes_20=90_000, lanes_10=90_000, lanes_5=900, lanes_2=800, lanes_1=700)
    assert [(p.lanes, p.fits) for p in sized(designs, BOARD, area)] == [
        (40, False),
        (20, False),
        (10, False),
        (5, True),
    ]


# ---- which are best --------------------------------------------------------------------------------------------------


def point(lanes: int, luts: int, cycles: float | None, brams: int = 0) -> Point:
    design = candidates(event_network(), BOARD, [40], [1])
    return Point(lanes, 1, next(design)[2], Estimate(luts, 0, brams), cycles is not None, cycles=cycles)


def test_the_front_is_what_nothing_beats() -> None:
    fast, even, slow = point(8, 60_000, 100), point(4, 30_000, 200), point(1, 10_000, 900)
    beaten, alike, unknown = point(3, 30_001, 201), point(2, 70_000, 100), point(5, 1, None)
    assert front([slow, beaten, even, unknown, alike, fast], BOARD) == [fast, even, slow]
    assert front([unknown], BOARD) == []
    assert front([replace(fast, different=1), even], BOARD) == [even], "a design that is wrong is never proposed"


def test_the_scarcest_resource_counts() -> None:
    assert exploring.fullest(Estimate(8_364, 8_364, 104), BOARD) == (50.0, "block RAMs")
    many_brams, many_luts = point(2, 100, 100, brams=104), point(1, 41_000, 200)
    assert front([many_brams, many_luts], BOARD) == [many_brams, many_luts]
    assert front([many_brams, replace(many_luts, area=Estimate(42_000, 0, 0))], BOARD) == [many_brams]


def test_rows_and_the_command() -> None:
    points = [point(8, 60_000, 110), point(4, 70_000, 200), point(40, 90_000, None)]
    first, second, third = explored.rows(points, BOARD, kind="estimated")
    assert (first["cycles"], first["microseconds"], first["front"], first["chosen"]) == (110, 1.0, True, True)
    assert (second["front"], second["chosen"], third["fits"], third["cycles"]) == (False, False, False, None)
    assert explored.csv_text([third]).splitlines()[1] == "40,1,90000,0,0,estimated,0,,,,0,0"
    command = explored.build_command(Path("a network.spk"), BOARD, points[0])
    assert command == "spikec build --board ulx3s_85f --network 'a network.spk' --lanes 8 --banks 1"
    value, text = explored.conclusion(Path("n.spk"), event_network(), BOARD, points[2:], 1, kind="synthesised")
    assert value["chosen"] is None
    assert "none of these designs fits ulx3s_85f: 40 lanes, 1 spike a cycle would take 108 % of its LUTs" in text


def test_the_plot_shows_every_design() -> None:
    marks = [
        Mark(20, 100, "8 x 1", front=True, chosen=True),
        Mark(10, 900, "1 x 1", front=True),
        Mark(30, 200, "4 x 1"),
    ]
    page = frontier("title", "area", "cycles", marks)
    dots = ET.fromstring(page).findall(f"{SVG}circle")
    assert sorted(dot.get("class") for dot in dots) == ["best", "chosen", "other"]
    places = {dot.get("class"): (float(dot.get("cx")), float(dot.get("cy"))) for dot in dots}
    assert places["best"][0] < places["chosen"][0] < places["other"][0]
    assert places["best"][1] < places["other"][1] < places["chosen"][1], "many cycles are high up"
    with pytest.raises(ValueError, match="needs designs"):
        frontier("title", "area", "cycles", [])


# ---- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    save(event_network(), tmp_path / "small.spk")
    for i in range(3):
        folder = tmp_path / "data" / "Test" / str(i)
        folder.mkdir(parents=True)
        write_nmnist(folder / f"{i:05}.bin", recording(i))
    return ["explore", "--network", "small.spk", "--data", "data"]


def test_from_the_network_to_the_front(job: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    verilator.check_tools()
    words = ["--board", "ulx3s_85f", "--lanes", "40", "--lanes", "10", "--banks", "1", "--out", "found"]
    assert run([*job, *words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    wide, narrow = result["designs"]
    assert (result["different"], result["samples"], result["area"]) == (0, 6, "estimated"), "backwards, too"
    assert 0 < wide["cycles"] < narrow["cycles"]
    assert wide["microseconds"] == pytest.approx(wide["cycles"] / 110, abs=0.01)
    assert result["chosen"] == wide
    assert result["command"] == "spikec build --board ulx3s_85f --network small.spk --lanes 40 --banks 1"
    with Path("found/explore.csv").open(newline="") as file:
        assert [float(row["cycles"]) for row in csv.DictReader(file)] == [wide["cycles"], narrow["cycles"]]
    assert len(ET.parse("found/explore.svg").getroot().findall(f"{SVG}circle")) == 2


def test_boards_that_cannot_be_explored(job: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*job, "--board", "native"]) == 2
    assert "board native: has no FPGA, so there is no hardware to explore. Name a board" in capsys.readouterr().err
    assert run([*job, "--board", "fpga_sim"]) == 2
    assert "board fpga_sim: is a model, which has room for everything" in capsys.readouterr().err
    assert run([*job, "--board", "ulx3s_85f", "--lanes", "0"]) == 2
    assert run([*job, "--board", "ulx3s_85f", "--banks", "3"]) == 2


def test_a_network_that_fits_in_no_way(job: list[str], capsys: pytest.CaptureFixture[str], monkeypatch) -> None:
    monkeypatch.setattr(exploring, "estimate", lambda *_: Estimate(10**6, 10**6, 10**6))
    assert run([*job, "--board", "icebreaker", "--out", "found"]) == 1
    assert "none of these designs fits icebreaker" in capsys.readouterr().out
    assert Path("found/explore.csv").is_file()
    assert not Path("found/explore.svg").exists()


def test_a_folder_that_cannot_be_made(job: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("")
    assert run([*job, "--board", "ulx3s_85f", "--out", "file"]) == 2
    assert "file: cannot be made (File exists). Choose another folder with --out" in capsys.readouterr().err


@pytest.mark.slow
def test_synthesis_instead_of_the_estimate(job: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--board", "tangnano9k", "--lanes", "5", "--banks", "1", "--limit", "1", "--synthesise"]
    assert run([*job, *words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    only = result["designs"][0]
    assert (result["area"], only["area"]) == ("synthesised", "synthesised")
    assert 1_000 < only["luts"] < 8_640
    assert only["chosen"]
