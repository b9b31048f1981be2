"""The simulated board: Verilator's model of a generated project, linked with the board's own C++.

A model is compiled once for all projects of equal Verilog. What memories hold, as the weights, is read from files when
it starts.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import fail
from codegen.resources import cache_folder
from hostctl.fpga import verilator
from hostctl.fpga.verilator import Log

TOP = "spikec_sim_top"
FOLDER = "simulation"
"""Where in the project the model comes, with the files that it reads."""

PROGRAM = "spikec_sim"

_FLAGS = ("-O3", "--x-assign", "fast", "--x-initial", "fast", "--threads", "1", "-Wno-fatal")
_OPTIMISE = "-O2"
_COMPILER = "-std=c++17"
_WRONG = re.compile(r"^%Error|: (fatal )?error: |undefined reference to")
_MEMORY = re.compile(r"Killed signal|out of memory|virtual memory exhausted|cannot allocate memory", re.IGNORECASE)
_SHOWN = 12


class ModelBug(RuntimeError):  # noqa: N818 (it says whose fault it is)
    """Verilator or the compiler rejects what we generated: a bug of spikec's."""


@dataclass(frozen=True)
class SimulationModel:
    """A model that can be run. ``seconds``: how long the build took. ``cached``: it had been compiled before."""

    program: Path
    seconds: float
    cached: bool


def build_model(project: Path, board: Board, log: Log | None = None, *, optimise: str = _OPTIMISE) -> SimulationModel:
    """Build the model of a generated project; ``log`` gets what Verilator says, line by line.

    ``optimise``: how hard the compiler tries. A netlist of a large chip takes it more than an hour with the usual.

    All files ``*.v`` of the folder belong to it; ``spikec_sim_top`` is its top. Raises SpikecError when a tool is
    missing, the folder is not such a project, the computer has too little memory, or files cannot be written; ModelBug
    when the Verilog is rejected.
    """
    start = time.monotonic()
    sources = sorted(path.name for path in project.glob("*.v"))
    if not sources:
        raise fail(str(project), "is not a generated project (no Verilog)", "Make one with 'spikec generate'")
    verilator.check_tools()
    try:
        kept = cache_folder() / "models" / f"{PROGRAM}-{_key(project, board, optimise)}"
        kept.parent.mkdir(parents=True, exist_ok=True)
        with _alone(kept):
            cached = kept.is_file()
            if not cached:
                _compile(project, board, sources, kept, log, optimise)
        program = _lay_out(project, kept)
    except OSError as error:
        hint = "Make room, choose another folder, or set SPIKEC_CACHE to another one"
        raise fail(str(error.filename or project), f"cannot be written ({error.strerror})", hint) from error
    return SimulationModel(program, time.monotonic() - start, cached)


def _key(project: Path, board: Board, optimise: str) -> str:
    """A digest of all that the program is made of."""
    words = [verilator.version(), *_FLAGS, optimise, _COMPILER, *_defines(board)]
    sha = hashlib.sha256("\0".join(words).encode())
    for path in (*sorted(project.glob("*.v*")), *_harness(board)):
        data = path.read_bytes()
        sha.update(f"{path.name}\0{len(data)}\0".encode())
        sha.update(data)
    return sha.hexdigest()[:32]


def _harness(board: Board) -> list[Path]:
    """The board's C++: its serial line and its clock."""
    return sorted(path for pattern in ("*.cpp", "*.h") for path in board.folder.glob(pattern))


def _defines(board: Board) -> list[str]:
    """What the board's C++ is told."""
    return [f"-DCLOCK_HZ={board.clock_hz}", f"-DBAUD={board.baud}"]


@contextmanager
def _alone(kept: Path) -> Iterator[None]:
    """One compiles, and others that want the same model wait for it."""
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _compile(project: Path, board: Board, sources: list[str], kept: Path, log: Log | None, optimise: str) -> None:
    """Compile aside, where no path has spaces, which make cannot stand; then the program appears whole."""
    runtime = kept.with_name(f"runtime-{_runtime_key(optimise)}")
    with tempfile.TemporaryDirectory(prefix="spikec-") as folder:
        aside = Path(folder)
        words = ["--cc", "--exe", *_FLAGS, "--top-module", TOP, "--Mdir", folder, "-o", PROGRAM]
        for flag in (*_defines(board), _COMPILER):
            words += ["-CFLAGS", flag]
        for path in _harness(board):
            shutil.copy(path, aside)
        words += [path.name for path in _harness(board) if path.suffix == ".cpp"]
        status, lines = verilator.run([*words, *sources], project, log)
        if status == 0:
            for path in runtime.glob("*.o"):
                shutil.copy(path, aside)
            status, lines = verilator.make(aside / f"V{TOP}.mk", [f"OPT_FAST={optimise}"], log)
        if status != 0:
            raise _explain(lines, project)
        runtime.mkdir(exist_ok=True)
        for path in aside.glob("verilated*.o"):  # Takes longer than a small model, and is the same in all of them.
            _place(path, runtime / path.name)
        _place(aside / PROGRAM, kept)


def _runtime_key(optimise: str) -> str:
    """A digest of all that Verilator's own part of a program is made of."""
    return hashlib.sha256("\0".join((verilator.version(), optimise, _COMPILER)).encode()).hexdigest()[:16]


def _place(source: Path, target: Path) -> None:
    """Copy a file so that it appears whole, and nobody who uses the old one is disturbed."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    shutil.copy2(source, part)
    part.replace(target)


def _explain(lines: list[str], project: Path) -> Exception:
    """Why there is no model, from what Verilator and the compiler said."""
    if any(_MEMORY.search(line) for line in lines):
        hint = "Close other programs, or generate the project with fewer lanes"
        return fail(str(project), "its model cannot be compiled: this computer has too little memory", hint)
    wrong = [line for line in lines if _WRONG.search(line)]
    said = "\n".join((wrong or lines)[:_SHOWN])
    return ModelBug(f"Verilator cannot build the model of the generated Verilog in {project}:\n{said}")


def _lay_out(project: Path, kept: Path) -> Path:
    """Put the program and the files that it reads into the project."""
    folder = project / FOLDER
    folder.mkdir(exist_ok=True)
    wanted = {PROGRAM: kept} | {path.name: path for path in project.glob("*.hex")}
    for name, source in wanted.items():
        _place(source, folder / name)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    return folder / PROGRAM
