"""Programs of our own for emulated boards: ``firmware/emulators/<name>.c``, compiled for this computer when needed."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import fail
from codegen.resources import cache_folder, folder


def source_of(board: Board) -> Path:
    """The emulator's source."""
    return source_named(board.emulator_program)


def source_named(name: str) -> Path:
    """The source of a program of ours."""
    return folder("firmware") / "emulators" / f"{name}.c"


def emulator_program(board: Board) -> Path:
    """Give the board's emulator, compiled once for each version of its source.

    Raises SpikecError when it cannot be compiled: its library is missing.
    """
    libraries = [f"-l{name}" for name in board.emulator_libraries]
    return compiled(board, source_of(board), "its emulator", libraries, packages=board.emulator_package)


def compiled(
    board: Board, source: Path, what: str, flags: Sequence[str], *, packages: str = "", suffix: str = ""
) -> Path:
    """Give a source's program (with ``suffix``), compiled once for each version of it, its headers and its ``flags``.

    ``what`` it is and the ``packages`` that it takes are said when it cannot be compiled. Raises SpikecError then.
    """
    digest = hashlib.sha256("\0".join(flags).encode())
    for path in (source, *sorted(source.parent.glob("*.h"))):
        digest.update(path.read_bytes())
    program = cache_folder() / "emulators" / f"{source.stem}-{digest.hexdigest()[:16]}{suffix}"
    if not program.is_file():
        _compile(board, source, program, what, flags, packages)
    return program


def _compile(board: Board, source: Path, program: Path, what: str, flags: Sequence[str], packages: str) -> None:
    """Compile it aside and move it: it appears whole or not at all, also when two do this at once."""
    where, hint = f"board {board.id}", f"apt-get install gcc libc6-dev {packages}".rstrip()
    try:
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=program.parent) as aside:
            made = Path(aside) / program.name
            command = ["gcc", "-std=c99", "-O2", "-o", str(made), str(source), *flags]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
            if done.returncode != 0:
                said = "\n".join(done.stderr.splitlines()[:5])
                raise fail(where, f"{what} {source.name} cannot be compiled", f"{hint}\nThe compiler said:\n{said}")
            made.replace(program)
    except FileNotFoundError as error:
        raise fail(where, f"{what} cannot be compiled: gcc is not installed", hint) from error
    except OSError as error:
        raise fail(
            str(program.parent), f"cannot be written ({error.strerror})", "Set SPIKEC_CACHE to another folder"
        ) from error
