"""``pio run`` on a generated project, and what came of it."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import Problem, SpikecError, fail
from hostctl.build.elf import Usage, usage
from hostctl.build.pio import OWN_PLATFORM, Log, quiet, run_pio

_COMPILER_SAYS = re.compile(r":\d+: (fatal )?error: |undefined reference to|multiple definition of")
_TOO_LARGE = re.compile(
    r"region .* overflowed|will not fit in region|is not within region|greater than maximum allowed|"
    r"relocation truncated"
)
_SMALLER = "Use fewer bits a weight, smaller layers, fewer steps, or a board with more memory (see 'spikec boards')"
_SHOWN = 12


class BuildBug(RuntimeError):  # noqa: N818 (it says whose fault it is)
    """Generated code did not compile: a bug of spikec's."""


@dataclass(frozen=True)
class BuildResult:
    """A built program: its ELF file, the flash and RAM it takes in bytes, and how long the build took."""

    elf: Path
    flash: int
    ram: int
    seconds: float


def build(project: Path, board: Board, *, offline: bool = False, log: Log | None = None) -> BuildResult:
    """Build a generated project for a board, by PlatformIO; ``log`` gets what it says, line by line.

    ``offline`` (or the environment variable SPIKEC_OFFLINE=1) never asks PlatformIO's registry. Raises SpikecError when
    the compiler or PlatformIO's build engine is missing, the registry does not give what the board needs, or the
    program does not fit the board; BuildBug when the compiler rejects the code.
    """
    start = time.monotonic()
    _check_project(project)
    _check_compiler(board)
    status, lines = run_pio(project, board, offline=offline, log=log or quiet)
    if status != 0:
        raise _explain(lines, board)
    elf = project / ".pio" / "build" / board.id / "firmware.elf"
    used = usage(elf)
    _check_size(used, board)
    return BuildResult(elf, used.flash, used.ram, time.monotonic() - start)


def _check_project(project: Path) -> None:
    if not (project / "platformio.ini").is_file():
        raise fail(str(project), "is not a generated project (no platformio.ini)", "Make one with 'spikec generate'")


def _check_compiler(board: Board) -> None:
    """Real boards get their compiler from PlatformIO, the others take the system's."""
    compiler = f"{board.toolchain_prefix}gcc"
    if board.platform == OWN_PLATFORM and shutil.which(compiler) is None:
        packages = " ".join(board.toolchain_packages)
        raise fail(f"board {board.id}", f"its compiler {compiler} is not installed", f"apt-get install {packages}")


def _check_size(used: Usage, board: Board) -> None:
    problems = [
        Problem(f"board {board.id}", f"the program takes {need:,} bytes of {name}, {have:,} are there", _SMALLER)
        for name, need, have in (("flash", used.flash, board.flash), ("RAM", used.ram, board.ram))
        if need > have
    ]
    if problems:
        raise SpikecError(problems)


def _explain(lines: list[str], board: Board) -> Exception:
    """Why PlatformIO failed, from what it said."""
    large = [line for line in lines if _TOO_LARGE.search(line)]
    if large:
        return SpikecError([Problem(f"board {board.id}", line.strip(), _SMALLER) for line in large[:_SHOWN]])
    wrong = [line for line in lines if _COMPILER_SAYS.search(line)]
    if wrong:
        return BuildBug("the generated code does not compile:\n" + "\n".join(wrong[:_SHOWN]))
    said = [line for line in lines if line.strip()][-_SHOWN:]
    hint = "PlatformIO said:\n  " + "\n  ".join(said)
    return fail(f"board {board.id}", "PlatformIO could not build the project", hint)
