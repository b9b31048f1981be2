"""Emulators of our own: ``firmware/emulators/<name>.c``, compiled for this computer when they are first needed."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import fail
from codegen.resources import cache_folder, folder


def source_of(board: Board) -> Path:
    """The emulator's source."""
    return folder("firmware") / "emulators" / f"{board.emulator_program}.c"


def emulator_program(board: Board) -> Path:
    """Give the board's emulator, compiled once for each version of its source.

    Raises SpikecError when it cannot be compiled: its library is missing.
    """
    source = source_of(board)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    program = cache_folder() / "emulators" / f"{board.emulator_program}-{digest}"
    if not program.is_file():
        _compile(board, source, program)
    return program


def _compile(board: Board, source: Path, program: Path) -> None:
    """Compile it aside and move it: it appears whole or not at all, also when two do this at once."""
    where, hint = f"board {board.id}", f"apt-get install gcc libc6-dev {board.emulator_package}"
    try:
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as aside:
            made = Path(aside) / program.name
            libraries = [f"-l{name}" for name in board.emulator_libraries]
            command = ["gcc", "-std=c99", "-O2", "-o", str(made), str(source), *libraries]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            if done.returncode != 0:
                said = "\n".join(done.stderr.splitlines()[:5])
                raise fail(
                    where, f"its emulator {source.name} cannot be compiled", f"{hint}\nThe compiler said:\n{said}"
                )
            made.replace(program)
    except FileNotFoundError as error:
        raise fail(where, "its emulator cannot be compiled: gcc is not installed", hint) from error
    except OSError as error:
        raise fail(
            str(program.parent), f"cannot be written ({error.strerror})", "Set SPIKEC_CACHE to another folder"
        ) from error
