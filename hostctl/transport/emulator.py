"""Boards that are programs: start the emulator (or the firmware itself), and give its serial port.

The port is a path that stays the same when the board is started again, as a real board's does when it is unplugged and
plugged in again.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import tty
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import SpikecError, fail
from hostctl.transport.program import emulator_program

START_SECONDS = 300.0
"""So long a board that runs may take to name its port: on a busy computer an emulator's start takes a minute."""
STOP_SECONDS = 3.0
_PTY = re.compile(r"/dev/pts/\d+|/dev/pty\w+|/dev/tty\w+")
_KEEPER = Path(__file__).with_name("keeper.py")
_LAST_LINES = 20


class EmulatedBoard:
    """A board that runs as a process. ``port`` is its serial port; ``extra`` are more words for its emulator."""

    def __init__(self, board: Board, elf: Path, extra: Sequence[str] = ()) -> None:
        self._board = board
        self._elf = elf
        self._extra = tuple(extra)
        self._folder = tempfile.TemporaryDirectory(prefix="spikec-")
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._program = ""
        self._listener: threading.Thread | None = None
        self._heard = threading.Event()
        self._device = ""
        self.port = str(Path(self._folder.name) / board.id)
        """Path of the serial port; valid while the board runs, and the same after ``restart``."""

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the board and wait until its port is there, raw. Raises SpikecError when it does not come up."""
        command = self._command()
        self._program = Path(command[0]).name
        self._said.clear()
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-S",
                str(_KEEPER),
                *(["--one-core"] if self._board.emulator_one_core else []),
                *command,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
        )
        try:
            self._link(self._process, self._wait_for_port(self._process))
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End the board: ask first, then insist. Safe to call again."""
        if self._process is not None:
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the board at once, as a pulled plug does. Safe to call again."""
        if self._process is not None:
            self._reap(self._process)
        Path(self.port).unlink(missing_ok=True)

    def restart(self) -> None:
        """Kill the board if it runs, and start it anew on the same ``port``."""
        self.kill()
        self.start()

    def close(self) -> None:
        """End the board and give back everything."""
        self.stop()
        self._folder.cleanup()

    def last_words(self) -> str:
        """Give the last lines that the process said, for error messages."""
        return "\n".join(self._said)

    def _command(self) -> list[str]:
        if not self._board.emulator:
            raise fail(f"board {self._board.id}", "is a real board, not an emulated one", "Name its port with --port")
        if not self._elf.is_file():
            raise fail(str(self._elf), "does not exist", "Build it first: spikec build")
        program = emulator_program(self._board) if self._board.emulator_program else ""
        command = [part.format(elf=self._elf.resolve(), program=program) for part in self._board.emulator]
        if shutil.which(command[0]) is None:
            package = self._board.emulator_package
            hint = f"apt-get install {package}" if package else "Build it again: spikec build"
            raise fail(f"board {self._board.id}", f"{command[0]} cannot be run: not installed", hint)
        return [*command, *self._extra]

    def _listen(self, process: subprocess.Popen[str]) -> None:
        """Take down what the process says; it is heard when it has named its pty, or will say no more."""
        assert process.stdout is not None
        for line in process.stdout:
            self._said.append(line.rstrip())
            found = _PTY.search(line)
            if found and not self._device:
                self._device = found[0]
                self._heard.set()
        self._heard.set()

    def _wait_for_port(self, process: subprocess.Popen[str]) -> str:
        """Wait until the board has named its port or ended, however busy the computer is."""
        self._device = ""
        self._heard.clear()
        self._listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        self._listener.start()
        if not self._heard.wait(START_SECONDS):
            what = f"runs, but named no serial port within {START_SECONDS:g} s"
            raise self._trouble(what, "This computer may be too busy. ")
        if not self._device:
            raise self._trouble(f"ended at once (exit status {process.wait()})")  # It shows when its output has ended.
        return self._device

    def _trouble(self, what: str, hint: str = "") -> SpikecError:
        said = self.last_words() or "nothing"
        return fail(f"board {self._board.id}", f"{self._program} {what}", f"{hint}It said:\n{said}")

    def _link(self, process: subprocess.Popen[str], device: str) -> None:
        """Make the line raw before anybody uses it (it would echo), and give it the lasting name."""
        try:
            line = os.open(device, os.O_RDWR | os.O_NOCTTY)
        except OSError as error:
            what = f"named {device}, which cannot be opened ({error.strerror})"
            with suppress(subprocess.TimeoutExpired):
                what = f"ended at once (exit status {process.wait(STOP_SECONDS)})"
            raise self._trouble(what) from error
        try:
            tty.setraw(line)
        finally:
            os.close(line)
        Path(self.port).unlink(missing_ok=True)
        Path(self.port).symlink_to(device)

    def _reap(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()  # With that the keeper kills the board, and ends.
        process.wait()
        if self._listener is not None:
            self._listener.join()
        process.stdout.close()
        self._process = self._listener = None


@contextmanager
def run_board(board: Board, elf: Path, extra: Sequence[str] = ()) -> Iterator[EmulatedBoard]:
    """Run ``elf`` on an emulated board for the length of a ``with`` block; ``extra``: more words for its emulator.

    Raises SpikecError when the emulator or the program is missing, or the board does not come up.
    """
    emulated = EmulatedBoard(board, elf, extra)
    try:
        emulated.start()
        yield emulated
    finally:
        emulated.close()
