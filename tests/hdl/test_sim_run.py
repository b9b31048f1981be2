"""A network on the simulated board: over its line, and by the command line from the network to the report."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from device_build import event_network, recording
from ladder import Sample, compare, on_board

from codegen.backends.verilog import project_plan
from codegen.board import load_board
from codegen.ir import save, write_nmnist
from codegen.plan import write
from hostctl.fpga import build_model, verilator
from hostctl.report import html
from hostctl.results import read_run
from hostctl.samples import Sample as Recorded
from hostctl.stream import Device, stream
from hostctl.transport.emulator import run_board

BOARD = load_board("fpga_sim")


@pytest.fixture(scope="session", autouse=True)
def tools() -> None:
    verilator.check_tools()


# ---- over the line ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    project = tmp_path_factory.mktemp("hardware")
    write(project_plan(event_network(), BOARD), project)
    return build_model(project, BOARD).program


def test_every_spike_and_membrane_is_the_references(model):
    network = event_network()
    events = [recording(seed) for seed in range(8)]
    samples = [Sample(network.encoding.encode(one, network.steps), one) for one in events]
    seen = [on_board(BOARD, model, network, samples)]
    assert compare([(network, samples)], seen) == []


def latencies(model: Path, *words: str) -> list[tuple[int, ...]]:
    network = event_network()
    queue = [Recorded(i, str(i), {}, recording(i)) for i in range(5)]
    with run_board(BOARD, model, words) as running, Device.open(running.port, network) as device:
        assert device.greeting.counter_hz == BOARD.clock_hz
        return [(result.ticks, *result.layer_ticks) for result in stream(device, queue)]


def test_an_inference_takes_the_same_cycles_every_time_and_on_either_line(model):
    found = latencies(model)
    assert len(set(found)) > 1, "samples differ"
    assert found == latencies(model) == latencies(model, "--uart")


# ---- by the command line ---------------------------------------------------------------------------------------------


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "small.spk"
    save(event_network(), path)
    return path


@pytest.fixture
def data(tmp_path):
    for i in range(6):
        folder = tmp_path / "data" / "Test" / str(i % 3)
        folder.mkdir(parents=True, exist_ok=True)
        write_nmnist(folder / f"{i:05}.bin", recording(i))
    return tmp_path / "data"


def test_from_the_network_to_the_report(spikec, network, data):
    job = ("-n", network, "-b", "fpga_sim", "-d", data)
    status, out, err = spikec("run", *job, "-o", "a")
    assert status == 0, err
    for words in (
        "0 mismatching spikes",
        "cycles), simulated",
        "at 100 MHz, a clock that is assumed",
        "design      lanes x spikes a cycle: hidden 40x1, last 11x1",
        "simulated, not synthesised: LUTs, flip-flops and block RAMs are not known",
        "bits of constants",
        "Layers work side by side: their cycles overlap.",
    ):
        assert words in out
    assert "flash" not in out
    page = (Path("a") / "report.html").read_text()
    assert "a clock that is assumed" in page
    assert "flip-flops and block RAMs are not known" in page
    assert "<dt>Flash</dt>" not in page
    header = read_run(Path("a")).header
    assert header.board["fpga"]["family"] == "sim"
    assert header.build["hardware"]["minimum"]["weights"] == (126 * 40 + 40 * 11) * 4
    assert header.greeting["counter"] == "clock cycles"

    status, out, err = spikec(
        "stream", *job, "--trace", "--uart", "-o", "b", "--elf", "a/hardware/simulation/spikec_sim"
    )
    assert status == 0, err
    assert "every layer, every step, every neuron" in out
    assert "The run was traced, so layers took turns" in out
    command = json.loads((Path("b") / "report.json").read_text())["command"]
    assert command.endswith("--uart --trace")
    status, out, _ = spikec("compare", "a", "b")
    assert status == 0
    assert "Equal answers and spike counts in all 12 samples" in out


def test_the_report_is_as_its_schema_says(spikec, network, data):
    assert spikec("run", "-n", network, "-b", "fpga_sim", "-d", data, "--limit", 3, "-o", "run")[0] == 0
    report = json.loads((Path("run") / "report.json").read_text())
    schema = json.loads(Path(html.__file__).with_name("schema.json").read_text())
    jsonschema.validate(report, schema)
    assert (report["latency"]["kind"], report["latency"]["side_by_side"]) == ("simulated", True)


def test_build_says_what_is_known(spikec, network):
    status, out, err = spikec("build", "-n", network, "-b", "fpga_sim", "--json")
    assert status == 0, err
    result = json.loads(out)["result"]
    assert Path(result["elf"]).is_file()
    assert result["hardware"]["resources"] == []
    status, out, _ = spikec("build", "-n", network, "-b", "fpga_sim", "--verbose")
    assert status == 0
    assert out.startswith("model       build/events_net-fpga_sim/simulation/spikec_sim, an equal one had been compiled")


def test_generate_writes_verilog(spikec, network):
    status, out, _ = spikec("generate", "-n", network, "-b", "fpga_sim", "-o", "made", "--json")
    assert status == 0
    assert "spikec_sim_top.v" in json.loads(out)["result"]["new"]
    assert spikec("generate", "-n", network, "-b", "fpga_sim", "-o", "made")[1].startswith("0 new, 0 changed")


@pytest.mark.parametrize("command", ["generate", "build", "run"])
def test_what_is_for_firmware_only_is_refused(spikec, network, command):
    status, _, err = spikec(
        command, "-n", network, "-b", "fpga_sim", "--cores", 2, "--first-core", 1, "--tuning", "x.json"
    )
    assert status == 2
    for option in ("--cores", "--first-core", "--tuning"):
        assert f"{option}: is for boards with a CPU, and fpga_sim has an FPGA" in err


@pytest.mark.parametrize("command", ["tune", "size", "profile"])
def test_commands_for_firmware_say_what_to_do_instead(spikec, network, command):
    status, _, err = spikec(command, "-n", network, "-b", "fpga_sim")
    assert status == 2
    assert f"board fpga_sim: has an FPGA, and 'spikec {command}' is for boards with a CPU" in err


def test_the_uart_of_other_boards_cannot_be_simulated(spikec, network, data):
    for command in (("run",), ("stream", "--elf", "x")):
        status, _, err = spikec(*command, "-n", network, "-b", "native", "-d", data, "--uart")
        assert status == 2
        assert "--uart: is for a simulated FPGA, and native is none" in err


def test_boards_and_support_list_it(spikec):
    status, out, _ = spikec("boards")
    assert status == 0
    assert "fpga_sim         FPGA, simulated by Verilator - simulated FPGA, 100 MHz" in out
    listed = {board["id"]: board for board in json.loads(spikec("boards", "--json")[1])["result"]["boards"]}
    assert (listed["fpga_sim"]["kind"], listed["native"]["kind"]) == ("fpga", "cpu")
    assert listed["fpga_sim"]["fpga"]["family"] == "sim"
    assert "verilog" in spikec("support")[1].splitlines()[0]
    assert "nothing to flash" in spikec("flash", "x", "-b", "fpga_sim")[1]


def test_a_real_chip_is_listed_with_its_sizes():
    from hostctl.cli.commands.boards import _line

    chip = replace(BOARD.fpga, family="ecp5", part="LFE5U-85F", luts=83_640, brams=208)
    line = _line(replace(BOARD, fpga=chip))
    assert "FPGA LFE5U-85F, 100 MHz, 83,640 LUTs, 208 block RAMs (3,744 kbit)" in line
