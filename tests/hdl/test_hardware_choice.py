"""A board's hardware: as many lanes as its chip has room for, or what the user asks for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "cases"))

from golden import golden_ct

from codegen import zoo
from codegen.board import Board, load_board
from codegen.ir import Network, SpikecError, load, save
from codegen.passes.hardware import make_design
from codegen.passes.hardware_area import FF_ERROR, LUT_ERROR, Memory, estimate
from codegen.passes.hardware_choice import choose_design, fits, require_room
from hostctl.cli.main import run

# Network, board, lanes, banks, and what Yosys 0.70 made of it: LUTs, flip-flops, block RAMs (docs/synthesis.md).
SYNTHESISED = [
    ("nmnist-ct-256", "ulx3s_85f", None, 1, (53_057, 26_751, 207)),
    ("nmnist-ct-256", "ulx3s_85f", 64, 2, (27_489, 18_881, 162)),
    ("nmnist-ct-conv", "ulx3s_85f", 8, 1, (16_701, 11_513, 84)),
    ("mnist-tiny", "ulx3s_85f", 8, 1, (5_261, 3_498, 12)),
    ("mnist-tiny", "tangnano9k", None, 1, (7_339, 5_243, 15)),
    ("mnist-tiny", "tangnano20k", None, 4, (21_780, 13_727, 0)),
    ("nmnist-ct-256", "arty_a7_100t", 32, 2, (12_374, 12_309, 156)),
    ("nmnist-ct-256", "de10_nano", 32, 1, (18_978, 11_704, 278)),
]


def network_of(name: str) -> Network:
    return load(zoo.network_path(name))


@pytest.mark.parametrize(("name", "board_id", "lanes", "banks", "found"), SYNTHESISED)
def test_the_estimate_is_as_near_as_it_says(
    name: str, board_id: str, lanes: int | None, banks: int, found: tuple[int, int, int]
) -> None:
    network, fpga = network_of(name), load_board(board_id).fpga
    assert fpga is not None
    need = estimate(network, make_design(network, lanes, banks, rom_latency=3, cut=1024), fpga)
    luts, ffs, brams = found
    assert need.luts == pytest.approx(luts, rel=LUT_ERROR)
    assert need.ffs == pytest.approx(ffs, rel=FF_ERROR)
    assert need.brams == pytest.approx(brams, rel=0.12, abs=2)


def test_block_rams_are_counted_by_shape() -> None:
    fpga = load_board("ulx3s_85f").fpga
    assert fpga is not None
    assert Memory(252, 1024, constant=True).blocks(fpga) == 14
    assert Memory(252, 132, constant=True).blocks(fpga) == 7
    assert Memory(28, 40, constant=True).blocks(fpga) == 0  # LUTs hold it
    assert Memory(32, 64).blocks(fpga) == 0
    assert Memory(32, 1024).blocks(fpga) == 2


@pytest.mark.parametrize(
    ("name", "board_id", "lanes"),
    [("nmnist-ct-256", "ulx3s_85f", [256, 256, 12]), ("mnist-tiny", "tangnano9k", [64, 10])],
)
def test_all_neurons_at_once_where_they_fit(name: str, board_id: str, lanes: list[int]) -> None:
    network, board = network_of(name), load_board(board_id)
    design = choose_design(network, board)
    assert [layer.lanes for layer in design.layers] == lanes
    assert design.rom_latency == 3
    assert fits(network, design, board)


def smaller(board_id: str, **less: int) -> Board:
    from synth_projects import board_with

    return board_with(board_id, **less)


def test_fewer_lanes_where_they_do_not() -> None:
    network = network_of("nmnist-ct-256")
    board = smaller("ulx3s_85f", luts=30_000)
    design = choose_design(network, board)
    lanes = [layer.lanes for layer in design.layers]
    assert 16 <= lanes[0] < 256
    assert lanes[0] == lanes[1]
    assert lanes[2] == 12
    assert fits(network, design, board)
    most = choose_design(network, board, {"fc1": 256 // 4})
    assert most.layers[0].lanes == 64


def test_more_spikes_a_cycle_where_there_is_plenty_of_room() -> None:
    design = choose_design(network_of("nmnist-ct-conv"), load_board("ulx3s_85f"))
    assert [layer.banks for layer in design.layers] == [1, 1, 4, 1]


def test_a_chip_that_is_too_small_for_any_design() -> None:
    with pytest.raises(SpikecError) as caught:
        choose_design(network_of("nmnist-ct-256"), load_board("tangnano9k"))
    texts = [str(problem) for problem in caught.value.problems]
    assert any("even the smallest hardware (lanes x spikes a cycle: fc1 1x1" in text for text in texts)
    assert any("block RAMs, 26 are there" in text for text in texts)


def test_what_the_user_wants_is_taken_and_refused_before_the_long_run() -> None:
    network, board = network_of("mnist-tiny"), load_board("icebreaker")
    design = choose_design(network, board, 64, 1)
    assert [layer.lanes for layer in design.layers] == [64, 10]
    with pytest.raises(SpikecError, match="needs about 36 block RAMs, 30 are there"):
        require_room(network, design, board)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    save(golden_ct(), tmp_path / "tiny.spk")
    return str(tmp_path / "tiny.spk")


def test_lanes_and_banks_by_the_command_line(tiny: str) -> None:
    names = [layer.name for layer in golden_ct().layers]
    command = ["generate", "--network", tiny, "--board", "ulx3s_85f", "--out", "made"]
    assert run([*command, "--lanes", "2", "--banks", f"{names[0]}=2"]) == 0
    text = Path(f"made/layer_{names[0]}.v").read_text()
    assert f"{names[0]} 2x2" in text  # the record: every file's head has the design
    assert run(["generate", "--network", tiny, "--board", "fpga_sim", "--out", "sim", "--banks", "2"]) == 0
    assert "short pipeline" in Path("sim/spikec_engine.v").read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--lanes", "many"], "--lanes: is 'many'. Give a whole number"),
        (["--lanes", "0"], "--lanes: is '0'"),
        (["--lanes", "fc9=4"], "layer fc9: is none of golden_ct's"),
        (["--lanes", "4", "--lanes", "hidden=2"], "--lanes: names all layers beside others"),
        (["--banks", "3"], "3 spikes a cycle. Use 1, 2, 4 or 8"),
    ],
)
def test_what_cannot_be_built(tiny: str, options: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "--network", tiny, "--board", "ulx3s_85f", *options]) == 2
    assert said in capsys.readouterr().err


def test_boards_with_a_cpu_have_no_lanes(tiny: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", "--network", tiny, "--board", "native", "--lanes", "4", "--json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert "is for an FPGA, and native has none" in json.dumps(answer)
