"""Firmware that speaks the protocol of MLPerf Tiny's devices under test, driven as the benchmark's runner drives it."""

import re
import tempfile
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import serial

from codegen.apps import find_app
from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import Affine, Head, Layer, Network, SnnDc, SpikecError, SpikeFrames, simulate
from codegen.plan import write
from hostctl.build import build
from hostctl.cli.main import run
from hostctl.transport.emulator import run_board

CHUNK = 31
"""Bytes that the runner sends with a command."""


class Runner:
    """Commands that end in '%', answers up to the line 'm-ready'."""

    def __init__(self, port):
        self.line = serial.Serial(port, 115_200, timeout=0.5)
        for _ in range(60):  # Until the board has started, what it is sent is lost.
            self.line.write(b"%")
            if b"m-ready" in self.line.read(1000):
                break
        while self.line.read(1000):
            pass
        self.line.timeout = 30

    def ask(self, command):
        self.line.write(f"{command}%".encode())
        return self.until_ready()

    def until_ready(self):
        lines = []
        while not lines or lines[-1] != "m-ready":
            said = self.line.readline()
            assert said.endswith(b"\r\n"), f"no answer after {lines}: {said!r}"
            lines.append(said.decode("ascii").strip())
        return lines[:-1]

    def load(self, data):
        self.ask(f"db load {len(data)}")
        for start in range(0, len(data), CHUNK):
            said = self.ask(f"db {data[start : start + CHUNK].hex()}")
        assert said == ["m-load-done"]


@contextmanager
def runner_at(port):
    """A runner on a port, which is closed in the end."""
    runner = Runner(port)
    try:
        yield runner
    finally:
        runner.line.close()


def network(readout="count"):
    """Random, of 3 steps and two heads, the first with four classes."""
    random = np.random.default_rng(5)
    layers = []
    for name, inputs, outputs in (("fc1", 45, 24), ("fc2", 24, 6)):
        weight = random.integers(-63, 64, (outputs, inputs)).astype(np.int8)
        affine = Affine(weight, random.integers(-9, 10, outputs).astype(np.int32), 7)
        layers.append(Layer(name, affine, SnnDc(np.full(outputs, 20, np.int32))))
    heads = (Head("class", 0, 4, tuple("abcd")), Head("side", 4, 6, tuple("lr")))
    return Network("tiny", SpikeFrames(1, 9, 5), 3, tuple(layers), heads, readout=readout)


@pytest.fixture(scope="module", params=[("native", "count"), ("mps2_an386", "membrane"), ("native", "first_spike")])
def driven(request):
    """A board that runs the firmware, what drives it, and its network."""
    board, net = load_board(request.param[0]), network(request.param[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(project_plan(net, board, app="mlperf_tiny", model="ic01"), folder)
        with run_board(board, build(folder, board).elf) as device, runner_at(device.port) as runner:
            yield runner, net, board


def scores(net, spikes):
    """Of the first head, in millionths, by the definition in spikec_mlperf_score.h."""
    found = simulate(net, spikes)
    head = net.heads[0]
    if net.readout == "membrane":
        last = found.membranes[-1][-1][head.start : head.stop].astype(object)
        points = [value - min(last) + 1 for value in last]
    else:
        out = found.spikes[-1][:, head.start : head.stop]
        first = [net.steps - int(np.argmax(column)) if column.any() else 0 for column in out.T]
        points = [n + 1 for n in (first if net.readout == "first_spike" else out.sum(0).tolist())]
    answer = int(found.answers[head.name][-1])
    return [n * 1_000_000 // sum(points) + (index == answer) for index, n in enumerate(points)]


def packed(spikes):
    return np.packbits(spikes, axis=-1, bitorder="little").tobytes()


def test_the_runner_finds_out_who_answers(driven):
    runner, _, board = driven
    assert runner.ask("name") == [f"m-name-dut-[spikec on {board.id}]"]
    assert runner.ask("profile") == ["m-profile-[ULPMark for tinyML Firmware V0.0.1]", "m-model-[ic01]"]
    assert len(runner.ask("help")) > 5


def test_scores_are_the_networks(driven):
    runner, net, _ = driven
    random = np.random.default_rng(1)
    for density in (0, 0.1, 0.3, 0.5, 1):
        spikes = random.random((net.steps, net.in_size)) < density
        runner.load(packed(spikes))
        said = runner.ask("infer 2 1")
        shape = r"m-warmup-start-1 m-warmup-done m-infer-start-2 m-lap-us-(\d+) m-lap-us-(\d+) m-infer-done (\S+)"
        found = re.fullmatch(shape, " ".join(said))
        assert found, said
        assert int(found[1]) <= int(found[2])
        wanted = scores(net, spikes)
        assert found[3] == f"m-results-[{','.join(f'{n / 1e6:.6f}' for n in wanted)}]"
        assert sum(wanted) > 0
        assert wanted.count(max(wanted)) == 1
        assert runner.ask("results") == [found[3]]


def test_the_input_can_be_looked_at(driven):
    runner, net, _ = driven
    data = bytes(range(net.steps * 6))
    runner.load(data)
    rows = [data[start : start + 8].hex("-") for start in range(0, len(data), 8)]
    assert runner.ask("db print") == [f"m-buffer-{row}" for row in rows]


def test_time_goes_on(driven):
    runner, _, _ = driven
    times = [int(runner.ask("timestamp")[0].removeprefix("m-lap-us-")) for _ in range(3)]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        (("nonsense 1",), "e-[Unknown command: nonsense 1]"),
        (("db load 17",), "e-[The network takes 18 bytes: db load N]"),
        (("db load",), "e-[The network takes 18 bytes: db load N]"),
        (("db load 9999999999999",), "e-[The network takes 18 bytes: db load N]"),
        (("db load 17", "db 00"), "e-[db load N comes first]"),
        (("db load 18", "db 000"), "e-[Not pairs of hexadecimal digits]"),
        (("db load 18", "db 0g"), "e-[Not pairs of hexadecimal digits]"),
        (("db load 18", "db 00", "infer 1 0"), "e-[The input is not loaded: db load N, db HH...]"),
        (("infer 0 0",), "e-[infer N W: N inferences, at least 1, after W]"),
        (("infer -1",), "e-[infer N W: N inferences, at least 1, after W]"),
        (("infer 1 x",), "e-[infer N W: N inferences, at least 1, after W]"),
    ],
)
def test_what_makes_no_sense_is_refused(driven, commands, said):
    runner, _, _ = driven
    answers = [runner.ask(command) for command in commands]
    assert answers[-1] == [said]


def test_noise_and_endless_commands_do_no_harm(driven):
    runner, _, _ = driven
    runner.line.write(bytes(range(256)).replace(b"%", b"") * 40)
    assert len(runner.ask("")) == 1
    assert runner.ask("") == []
    assert runner.ask("\r\nname")[0].startswith("m-name-dut-")


def test_the_port_may_be_closed_in_between(driven):
    runner, net, board = driven
    spikes = np.ones((net.steps, net.in_size), bool)
    runner.load(packed(spikes))
    runner.line.close()  # The runner does so after it has asked for names.
    runner.line.open()
    assert runner.ask("name") == [f"m-name-dut-[spikec on {board.id}]"]
    assert runner.ask("infer 1 0")[-1].startswith("m-results-[")


def test_the_time_of_long_inferences_is_whole(tmp_path):
    """SysTick goes round in 0.1 s; this network takes longer."""
    board, random = load_board("netduinoplus2"), np.random.default_rng(3)
    layers, sizes = [], (1024, 512, 512, 4)
    for number, (inputs, outputs) in enumerate(pairwise(sizes)):
        weight = random.integers(0, 2, (outputs, inputs)).astype(np.int8)
        affine = Affine(weight, np.zeros(outputs, np.int32), 4)
        layers.append(Layer(f"fc{number}", affine, SnnDc(np.full(outputs, 20, np.int32))))
    net = Network("slow", SpikeFrames(1, 32, 32), 100, tuple(layers), (Head("class", 0, 4, tuple("abcd")),))
    spikes = np.ones((net.steps, net.in_size), bool)
    write(project_plan(net, board, app="mlperf_tiny"), tmp_path)
    with run_board(board, build(tmp_path, board).elf) as device, runner_at(device.port) as runner:
        runner.load(packed(spikes))
        first, last = (int(said.removeprefix("m-lap-us-")) for said in runner.ask("infer 1 0")[3:5])
    assert last - first > 2**24 / 168


def test_answers_wait_for_the_first_inference(tmp_path):
    board = load_board("native")
    write(project_plan(network(), board, app="mlperf_tiny"), tmp_path)
    with run_board(board, build(tmp_path, board).elf) as device, runner_at(device.port) as runner:
        assert "m-model-[tiny]" in runner.ask("profile")
        assert runner.ask("results") == ["e-[No inference yet: infer N]"]


def test_apps_and_models_that_make_no_sense_are_refused(tmp_path, capsys):
    with pytest.raises(SpikecError, match=r"'blink' is unknown.*Known: stream, mlperf_tiny"):
        find_app("blink")
    with pytest.raises(SpikecError, match="runs on one core"):
        find_app("mlperf_tiny", cores=2)
    out = ["--out", str(tmp_path / "project")]
    for words, said in (
        (["--board", "fpga_sim", "--app", "mlperf_tiny"], "has an FPGA"),
        (["--library", "--app", "mlperf_tiny"], "a library"),
        (["--board", "native", "--model", "x"], "has no meaning with --app stream"),
        (["--board", "native", "--app", "mlperf_tiny", "--model", 'a"]'], "Letters, digits"),
    ):
        assert run(["generate", "--network", "mnist-tiny", *words, *out]) == 2
        assert said in capsys.readouterr().err
    assert not (tmp_path / "project").exists()


def test_samples_become_files_for_the_runner(tmp_path, capsys, real_data):
    words = [
        "data",
        "mlperf_tiny",
        "-n",
        "mnist-tiny",
        "-d",
        str(real_data),
        "--limit",
        "5",
        "-o",
        str(tmp_path / "set"),
    ]
    assert run(words) == 0
    assert "5 samples and y_labels.csv" in capsys.readouterr().out
    lines = (tmp_path / "set" / "y_labels.csv").read_text().splitlines()
    assert lines == [f"sample_{n:05d}.bin,10,{label}" for n, label in enumerate((7, 2, 1, 0, 4))]
    assert {path.stat().st_size for path in (tmp_path / "set").glob("*.bin")} == {4 * 25}
    assert run(words) == 2
    assert "is there already" in capsys.readouterr().err
    assert run([*words, "--force"]) == 0
