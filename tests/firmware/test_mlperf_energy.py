"""MLPerf Tiny's energy mode: timestamps that a meter sees on the marker pin, on simulated pins and by the clock."""

import os
import re
import select
import subprocess
from pathlib import Path

import numpy as np
import pytest
from test_mlperf_tiny import network, packed, runner_at, scores

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import SpikecError
from codegen.plan import write
from codegen.resources import folder
from hostctl.build import build
from hostctl.cli.main import run
from hostctl.transport.emulator import run_board

CHUNK = 26
"""Bytes that the runner sends with a command when there is a power meter."""
HERTZ = 16_000_000
SHORTEST_S = 10e-6
"""The protocol asks for 1 us."""
CYCLES_A_BYTE = 10 * HERTZ / 9_600
LOW, HIGH = "0x50c", "0x508"
"""Where the nRF51 is told to clear and to set pins."""


def firmware(name, target):
    """The built program, and its board."""
    board = load_board(name)
    write(project_plan(network(), board, app="mlperf_tiny", model="ic01", energy=True), target)
    return build(target, board).elf, board


class Watched:
    """A simulated AVR's line, from its start on, and the edges of its marker pin."""

    def __init__(self, line, edges):
        self._line, self._edges = line, edges

    def until_ready(self):
        said = b""
        while not said.endswith(b"m-ready\r\n"):
            assert select.select([self._line], [], [], 30)[0], f"it is silent after {said!r}"
            said += os.read(self._line, 1)
        return said.decode("ascii").split("\r\n")[:-2]

    def ask(self, command):
        os.write(self._line, f"{command}%".encode())
        return self.until_ready()

    def load(self, data):
        self.ask(f"db load {len(data)}")
        for start in range(0, len(data), CHUNK):
            said = self.ask(f"db {data[start : start + CHUNK].hex()}")
        assert said == ["m-load-done"]

    def edges(self):
        """Clock cycle and new level of each."""
        return [tuple(map(int, line.split())) for line in self._edges.read_text().splitlines()]

    def pulses(self):
        """When the pin fell and rose again."""
        edges = self.edges()
        assert [level for _, level in edges] == [1, *(0, 1) * (len(edges) // 2)]
        return [(fell, rose) for (fell, _), (rose, _) in zip(edges[1::2], edges[2::2], strict=True)]


@pytest.fixture(scope="module", params=[("atmega2560", "B7"), ("atmega328p", "B5")])
def watched(request, board_tools, tmp_path_factory):
    part, pin = request.param
    board_tools(part)
    target = tmp_path_factory.mktemp(part)
    elf, board = firmware(part, target / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPIKEC_WATCH", pin)
        patch.setenv("SPIKEC_EDGES", str(target / "edges"))
        with run_board(board, elf) as device:
            line = os.open(device.port, os.O_RDWR | os.O_NOCTTY)
            chip = Watched(line, target / "edges")
            chip.said = chip.until_ready()
            yield chip
            os.close(line)


def test_the_mode_is_told_and_the_pin_is_high_before_the_first_timestamp(watched):
    mode, done = watched.said  # A byte that it sent before anyone listened may be lost.
    assert "m-timestamp-mode-energy".endswith(mode)
    assert mode.endswith("mode-energy")
    assert done == "m-init-done"
    assert watched.edges()[0][1] == 1


def test_a_timestamp_is_a_pulse_and_no_text(watched):
    before = len(watched.pulses())
    assert watched.ask("timestamp") == []
    assert len(watched.pulses()) == before + 1


def test_inferences_are_between_two_pulses(watched):
    spikes = np.random.default_rng(1).random((3, 45)) < 0.4
    watched.load(packed(spikes))
    lengths = []
    for count in (1, 11):
        before = len(watched.pulses())
        said = watched.ask(f"infer {count} 5")
        assert said[:-1] == ["m-warmup-start-5", "m-warmup-done", f"m-infer-start-{count}", "m-infer-done"]
        assert said[-1] == f"m-results-[{','.join(f'{n / 1e6:.6f}' for n in scores(network(), spikes))}]"
        (start, _), (stop, _) = watched.pulses()[before:]
        lengths.append(stop - start)
    one = (lengths[1] - lengths[0]) / 10
    pulse = lengths[0] - one
    assert one > 1_000
    assert SHORTEST_S * HERTZ < pulse < 3 * SHORTEST_S * HERTZ  # It is all that is there beside the inferences.


def test_pulses_are_long_enough_by_the_clock(watched):
    watched.ask("timestamp")
    lengths = [rose - fell for fell, rose in watched.pulses()]
    assert min(lengths) >= SHORTEST_S * HERTZ
    assert max(lengths) < 3 * SHORTEST_S * HERTZ


def test_the_line_is_as_slow_as_the_interface_board(watched):
    watched.ask("timestamp")
    said = "\r\n".join([*watched.ask("help"), "m-ready\r\n"])
    watched.ask("timestamp")
    (first, _), (second, _) = watched.pulses()[-2:]
    assert second - first > len(said) * CYCLES_A_BYTE * 0.99


def test_a_pin_of_an_emulated_arm(tmp_path):
    elf, board = firmware("microbit", tmp_path / "project")
    log = tmp_path / "pins"
    spikes = np.ones((3, 45), bool)
    with (
        run_board(board, elf, ["-trace", "nrf51_gpio_write", "-D", str(log)]) as device,
        runner_at(device.port) as runner,
    ):
        runner.load(packed(spikes))
        said = runner.ask("infer 2 1")
        assert not any(line.startswith("m-lap") for line in said)
        runner.ask("timestamp")
    writes = re.findall(r"offset (\w+) value 0x8\b", log.read_text())
    assert writes == ["0x518", HIGH, *(LOW, HIGH) * 3]


def test_pulses_last_long_enough_at_any_clock(tmp_path):
    ours = [folder("firmware") / where for where in ("core", "hal", "mlperf_tiny")]
    sources = [Path(__file__).with_name("pulse_cases.c"), ours[2] / "spikec_mlperf_time.c"]
    words = ["gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-fsanitize=undefined", "-DSPIKEC_MARKER"]
    subprocess.run([*words, *(f"-I{one}" for one in ours), *sources, "-o", tmp_path / "cases"], check=True)
    said = subprocess.run([tmp_path / "cases"], capture_output=True, text=True, check=True).stdout
    pulses = [tuple(map(int, line.split())) for line in said.splitlines()]
    assert len(pulses) == 6
    for hertz, ticks in pulses:
        assert (ticks - 1) / hertz >= SHORTEST_S  # The first tick may have been nearly over when the pin fell.
        assert ticks <= SHORTEST_S * hertz + 9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--board", "native", "--app", "mlperf_tiny", "--energy"], "has no marker pin. Leave --energy out"),
        (["--board", "mps2_an386", "--app", "mlperf_tiny", "--energy"], "has no marker pin. Leave --energy out"),
        (["--board", "microbit", "--energy"], "--energy: has no meaning with --app stream"),
        (["--library", "--energy"], "--energy: has no meaning with --app stream"),
        (["--board", "fpga_sim", "--app", "mlperf_tiny", "--energy"], "has an FPGA"),
    ],
)
def test_where_energy_mode_makes_no_sense_it_is_refused(words, said, tmp_path, capsys):
    assert run(["generate", "--network", "mnist-tiny", *words, "--out", str(tmp_path / "project")]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "project").exists()


def test_the_runners_firmware_has_no_other_use_for_the_pin():
    with pytest.raises(SpikecError, match=r"--marker: has no meaning with --app mlperf_tiny\. .* --energy"):
        project_plan(network(), load_board("microbit"), app="mlperf_tiny", marker=True)
