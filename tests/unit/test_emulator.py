"""Boards that are programs: their port, their end, and what is said when they do not come up."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from stream_helpers import busy

from codegen.board import load_board
from codegen.ir import SpikecError
from hostctl.transport import emulator, keeper
from hostctl.transport.emulator import run_board

NATIVE = load_board("native")

ANSWER = f"""#!{sys.executable}
import os, pty, sys
master, slave = pty.openpty()  # not raw: the kernel would echo
print("warming up")
print("serial line on", os.ttyname(slave), flush=True)
while data := os.read(master, 100):
    os.write(master, data.upper())
"""


def program(tmp_path, text, name="board"):
    path = tmp_path / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def ask(port, question, length):
    line = os.open(port, os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(line, question)
        answer = b""
        while len(answer) < length and select.select([line], [], [], 5)[0]:
            answer += os.read(line, 100)
        assert not select.select([line], [], [], 0.05)[0], "more came than was asked for: an echo"
        return answer
    finally:
        os.close(line)


def gone(pid):
    """Wait for the end of a process that is not ours to wait for."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):  # It may end between opening and reading.
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_the_port_is_raw_and_the_same_after_a_restart(tmp_path):
    with run_board(NATIVE, program(tmp_path, ANSWER)) as board:
        port = board.port
        assert board.running
        assert ask(port, b"abc\r\n\x03\x11", 7) == b"ABC\r\n\x03\x11"
        board.restart()
        assert board.port == port
        assert ask(port, b"again", 5) == b"AGAIN"
        assert board.last_words().splitlines()[0] == "warming up"
    assert not board.running
    assert not Path(port).exists()


def test_a_killed_board_is_missed_by_who_holds_its_port(tmp_path):
    with run_board(NATIVE, program(tmp_path, ANSWER)) as board:
        line = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
        board.kill()
        board.kill()
        assert not board.running
        assert not Path(board.port).exists()
        with contextlib.suppress(OSError):  # the end of the line, or EIO
            assert os.read(line, 1) == b""
        os.close(line)


def test_a_board_that_will_not_end_is_made_to(tmp_path, monkeypatch):
    monkeypatch.setattr(emulator, "STOP_SECONDS", 0.3)
    stubborn = ANSWER.replace("import os", "import signal\nsignal.signal(15, signal.SIG_IGN)\nimport os", 1)
    stubborn = stubborn.replace('"warming up"', "os.getpid()")
    with run_board(NATIVE, program(tmp_path, stubborn)) as board:
        pid = int(board.last_words().splitlines()[0])
    assert not board.running
    assert gone(pid)


def test_boards_do_not_outlive_a_crash(tmp_path):
    code = (
        "import os, sys, signal\n"
        "from pathlib import Path\n"
        "from codegen.board import load_board\n"
        "from hostctl.transport.emulator import run_board\n"
        "with run_board(load_board('native'), Path(sys.argv[1])) as board:\n"
        "    print(board.last_words().splitlines()[0], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = program(tmp_path, ANSWER.replace('"warming up"', "os.getpid()"))
    environment = {**os.environ, "PYTHONPATH": str(Path(emulator.__file__).parents[2])}
    crashed = subprocess.run(
        [sys.executable, "-c", code, str(script)], env=environment, capture_output=True, text=True, check=False
    )
    assert crashed.returncode == -9, crashed.stderr
    assert gone(int(crashed.stdout))


def test_a_board_that_ends_at_once_gives_its_last_words(tmp_path):
    script = program(tmp_path, "#!/bin/sh\necho 'no such machine' >&2\nexit 1\n")
    with pytest.raises(SpikecError, match=r"(?s)It said:\nno such machine"), run_board(NATIVE, script):
        pytest.fail("it did not start")


def test_a_board_that_names_no_port_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(emulator, "START_SECONDS", 0.3)
    script = program(tmp_path, "#!/bin/sh\nexec sleep 60\n")
    error = r"board runs, but named no serial port within 0.3 s. This computer may be too busy. It said:\nnothing"
    with pytest.raises(SpikecError, match=error), run_board(NATIVE, script):
        pytest.fail("it did not start")


@pytest.mark.parametrize("named", ["", "/dev/pts/99999"])
def test_an_end_is_told_as_one_with_a_port_named_and_without(tmp_path, named):
    script = program(tmp_path, f"#!/bin/sh\necho out of luck {named}\nexec >&- 2>&-\nsleep 0.3\nexit 3\n")
    error = r"(?s)ended at once \(exit status 3\).*It said:\nout of luck"
    with pytest.raises(SpikecError, match=error), run_board(NATIVE, script):
        pytest.fail("it did not start")


def test_a_port_that_is_none_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(emulator, "STOP_SECONDS", 0.3)
    script = program(tmp_path, "#!/bin/sh\necho here /dev/pts/99999\nexec sleep 60\n")
    with pytest.raises(SpikecError, match="named /dev/pts/99999, which cannot be opened"), run_board(NATIVE, script):
        pytest.fail("it did not start")


def test_a_board_that_starts_slowly_on_a_busy_computer_is_waited_for(tmp_path):
    """It has much to compute before it names its port, and hardly gets a processor for it."""
    slow = ANSWER.replace("import os, pty, sys", "import os, pty, sys\nos.nice(19)\nsum(range(3_000_000))")
    assert "nice" in slow
    with busy(), run_board(NATIVE, program(tmp_path, slow)) as board:
        assert ask(board.port, b"there?", 6) == b"THERE?"


def test_a_missing_emulator_names_its_package(tmp_path):
    board = replace(NATIVE, emulator=("qemu-system-none", "{elf}"), emulator_package="qemu-system-arm")
    with (
        pytest.raises(SpikecError, match=r"qemu-system-none.*apt-get install qemu-system-arm"),
        run_board(board, program(tmp_path, ANSWER)),
    ):
        pytest.fail("it did not start")


def test_a_program_that_cannot_be_run_is_said(tmp_path):
    path = tmp_path / "board"
    path.write_text("data")
    with pytest.raises(SpikecError, match=r"cannot be run.*spikec build"), run_board(NATIVE, path):
        pytest.fail("it did not start")


def test_a_missing_program_is_said(tmp_path):
    with pytest.raises(SpikecError, match="does not exist"), run_board(NATIVE, tmp_path / "none.elf"):
        pytest.fail("it did not start")


def test_a_real_board_is_not_emulated(tmp_path):
    with (
        pytest.raises(SpikecError, match=r"real board.*--port"),
        run_board(replace(NATIVE, emulator=()), program(tmp_path, ANSWER)),
    ):
        pytest.fail("it did not start")


@pytest.fixture
def lifeline():
    """The keeper's standard input and the end that keeps it alive; signal handlers are put back."""
    numbers = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    ends = os.pipe()
    yield ends
    signal.set_wakeup_fd(-1)
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)
    os.close(ends[0])


def keep(monkeypatch, lifeline, *command):
    monkeypatch.setattr(sys, "argv", ["keeper", *command])
    return keeper.main(lifeline)


def test_the_keeper_hands_on_the_exit_status(monkeypatch, lifeline):
    assert keep(monkeypatch, lifeline[0], "sh", "-c", "exit 7") == 7
    os.close(lifeline[1])


@pytest.mark.parametrize("option", [(), ("--one-core",)])
def test_the_keeper_binds_to_one_core_when_asked(monkeypatch, lifeline, option):
    count = "import os, sys; sys.exit(len(os.sched_getaffinity(0)))"
    wanted = 1 if option else len(os.sched_getaffinity(0))
    assert keep(monkeypatch, lifeline[0], *option, sys.executable, "-c", count) == wanted
    os.close(lifeline[1])


def test_the_keeper_kills_when_its_input_ends(monkeypatch, lifeline):
    os.close(lifeline[1])
    assert keep(monkeypatch, lifeline[0], "sleep", "60") == 128 + 9


def test_the_keeper_hands_on_termination(monkeypatch, lifeline):
    assert keep(monkeypatch, lifeline[0], "sh", "-c", "kill -TERM $PPID; exec sleep 60") == 128 + 15
    os.close(lifeline[1])
