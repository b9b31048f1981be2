"""``pio run`` on a generated project, and what came of it."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import Problem, SpikecError, fail
from hostctl.build.pio import OWN_PLATFORM, Log, quiet, run_pio
from hostctl.size import Image, StackBound, UnknownCode, read_image, second_kept, stack_bound, stack_kept

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
    """A built program: its ELF file taken apart, how deep its stack can get, and how long the build took.

    ``stack`` None: nothing can be said of it, and ``stack_unknown`` says why.
    """

    image: Image
    stack: StackBound | None
    stack_unknown: str
    seconds: float

    @property
    def elf(self) -> Path:
        """The program."""
        return self.image.elf

    @property
    def flash(self) -> int:
        """Bytes of flash that it takes."""
        return self.image.flash

    @property
    def ram(self) -> int:
        """Bytes of RAM that it takes, the stack included."""
        return self.image.ram


def build(project: Path, board: Board, *, offline: bool = False, log: Log | None = None) -> BuildResult:
    """Build a generated project for a board, by PlatformIO; ``log`` gets what it says, line by line.

    ``offline`` (or the environment variable SPIKEC_OFFLINE=1) never asks PlatformIO's registry. Raises SpikecError when
    the compiler or PlatformIO's build engine is missing, the registry does not give what the board needs, the program
    does not fit the board, or its stack may get deeper than the board keeps for it; BuildBug when the compiler rejects
    the code.
    """
    start = time.monotonic()
    _check_project(project)
    _check_compiler(board)
    status, lines = run_pio(project, board, offline=offline, log=log or quiet)
    if status != 0:
        raise _explain(lines, board)
    image = read_image(project / ".pio" / "build" / board.id / "firmware.elf")
    _check_size(image, board)
    stack, unknown = _bound(image, board)
    return BuildResult(image, stack, unknown, time.monotonic() - start)


def _check_project(project: Path) -> None:
    if not (project / "platformio.ini").is_file():
        raise fail(str(project), "is not a generated project (no platformio.ini)", "Make one with 'spikec generate'")


def _check_compiler(board: Board) -> None:
    """Real boards get their compiler from PlatformIO, the others take the system's."""
    compiler = f"{board.toolchain_prefix}gcc"
    if board.platform == OWN_PLATFORM and shutil.which(compiler) is None:
        packages = " ".join(board.toolchain_packages)
        raise fail(f"board {board.id}", f"its compiler {compiler} is not installed", f"apt-get install {packages}")


def _bound(image: Image, board: Board) -> tuple[StackBound | None, str]:
    """How deep the stack can get, or why that is not known; a framework's code may be of any kind."""
    where = f"board {board.id}"
    try:
        stack = stack_bound(image, board.toolchain_prefix)
    except UnknownCode as error:
        if board.platform != OWN_PLATFORM:
            return None, str(error)
        hint = f"The program is built ({image.elf}), but nothing proves that its stack is large enough"
        raise fail(where, f"the stack cannot be bounded: {error}", hint) from error
    stacks = (
        ("", stack.bytes, stack_kept(image), (*stack.main, *stack.interrupt)),
        ("second core's ", stack.second_bytes, second_kept(image), stack.second),
    )
    for whose, deep, kept, frames in stacks:
        if kept is not None and deep > kept:
            way = " -> ".join(f"{frame.function} {frame.bytes}" for frame in frames)
            what = f"the {whose}stack can get {deep:,} bytes deep, {kept:,} are kept for it"
            raise fail(where, what, f"Raise STACK_BYTES in the board's folder. The deepest way: {way}")
    return stack, ""


def _check_size(used: Image, board: Board) -> None:
    problems = [
        Problem(f"board {board.id}", f"the program takes {need:,} bytes of {name}, {have:,} are there", _SMALLER)
        for name, need, have in (
            ("flash", used.flash, board.flash),
            ("RAM", used.ram, board.ram),
            *([(board.fast.name, used.fast, board.fast.bytes)] if board.fast and board.fast.bytes else []),
        )
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
