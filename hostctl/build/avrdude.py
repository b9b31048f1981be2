"""Flash an AVR with its boot loader, by avrdude."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import fail

_SHOWN = 6


def flash_avr(elf: Path, board: Board, port: str) -> None:
    """Flash a program to the Arduino on ``port``. Raises SpikecError without avrdude, and when it fails."""
    where, hint = f"board {board.id}", "apt-get install avrdude"
    if shutil.which("avrdude") is None:
        raise fail(where, "cannot be flashed: avrdude is not installed", hint)
    image = elf.with_suffix(".hex")
    assert board.bootloader is not None
    _run([f"{board.toolchain_prefix}objcopy", "-O", "ihex", "-R", ".eeprom", str(elf), str(image)], str(elf))
    words = ["avrdude", "-p", board.id, "-c", board.bootloader.programmer, "-P", port]
    words += ["-b", str(board.bootloader.baud), "-D"]
    _run([*words, "-U", f"flash:w:{image}:i"], port)


def _run(command: list[str], where: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        said = "\n  ".join((done.stdout + done.stderr).splitlines()[-_SHOWN:])
        hint = f"Is it plugged in, and no other program using the port? {command[0]} said:\n  {said}"
        raise fail(where, "cannot be flashed", hint)
