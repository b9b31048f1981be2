"""What each board needs of this machine, by its ``board.toml`` alone: compiler, C library, size tool, emulator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from codegen.board import Board, all_board_ids, load_board
from codegen.ir.errors import Problem, SpikecError
from hostctl.doctor import fpga, platformio
from hostctl.doctor.ask import ask
from hostctl.doctor.check import Check
from hostctl.doctor.install import install_command
from hostctl.transport.program import source_of

TOOLS, BOARDS = "System tools", "Boards"
_HEADERS = "#include <stdint.h>\n#include <string.h>\n"


def missing_for(board: Board) -> list[Problem]:
    """What this machine lacks to build firmware for ``board`` and (if it is emulated) to run it; empty: nothing."""
    needs = parts(board)
    if board.fpga is None:
        needs += [platformio.core(), platformio.build_engine(probe_registry=False)]
        if not needs[-1].ok:  # Only then is it worth asking the network.
            needs[-1] = platformio.build_engine(probe_registry=True)
    hint = "Install it with: {}"
    return [Problem(c.name, c.found, hint.format(c.fix) if c.fix else "") for c in needs if not c.ok]


def checks(shared: Sequence[Check]) -> list[Check]:
    """The tools of all boards, each once, then a line a board. ``shared``: what boards with a CPU need besides."""
    tools: dict[str, Check] = {}
    lines = []
    for board_id in all_board_ids():
        try:
            board = load_board(board_id)
        except SpikecError as error:
            lines.append(Check(f"board {board_id}", False, str(error), f"spikec run --board {board_id}", "", BOARDS))
            continue
        needs = parts(board)
        for check in needs:
            known = tools.get(check.name)
            tools[check.name] = replace(check, needed_for=f"{known.needed_for}, {board_id}") if known else check
        lines.append(_line(board, [*needs, *(shared if board.fpga is None else ())]))
    return [*tools.values(), *lines]


def parts(board: Board) -> list[Check]:
    """A check for each tool that the board's build and its emulator need."""
    if board.fpga is not None:
        return fpga.parts(board)
    return [*_toolchain(board), *_upstream(board), *_emulator(board)]


def _line(board: Board, needs: Iterable[Check]) -> Check:
    lacking = [check for check in needs if not check.ok]
    able = "can be built and run here" if board.emulated else "can be built here; give --port to run"
    found = able if not lacking else "lacks " + ", ".join(check.name for check in lacking)
    fix = " && ".join(dict.fromkeys(check.fix for check in lacking if check.fix))
    return Check(f"board {board.id}", not lacking, found, f"spikec run --board {board.id}", fix, BOARDS)


def _toolchain(board: Board) -> list[Check]:
    """Compiler, size tool, and a C library where the firmware is linked with one.

    A board without packages of its own gets its compiler from PlatformIO.
    """
    if not board.toolchain_packages:
        return []
    compiler = f"{board.toolchain_prefix}gcc"
    version = ask([compiler, "--version"])
    fix = install_command(board.toolchain_packages)
    size = ask([f"{board.toolchain_prefix}size", "--version"])
    return [
        _tool(compiler, version.ok, version.first_line, board, fix),
        *([_c_library(compiler, board, fix)] if board.hosted else []),
        _tool(f"{board.toolchain_prefix}size", size.ok, size.first_line, board, fix),
    ]


def _c_library(compiler: str, board: Board, fix: str) -> Check:
    """Headers that preprocess, and a library file that the compiler knows the place of."""
    headers = ask([compiler, "-x", "c", "-E", "-P", "-"], _HEADERS)
    libraries = [ask([compiler, f"-print-file-name={name}"]).text for name in ("libc.a", "libc.so")]
    library = next((text for text in libraries if "/" in text), "")
    lacking = [name for name, ok in (("headers", headers.ok), ("library", bool(library))) if not ok]
    found = f"headers and {library}" if not lacking else f"{' and '.join(lacking)} not found"
    return _tool(f"C library of {compiler}", not lacking, found, board, fix)


def _upstream(board: Board) -> list[Check]:
    """The PlatformIO platform of a real board: installed, or to be had from the registry."""
    if board.emulated:  # Ours, in firmware/platform.
        return []
    installed = (platformio.core_dir() / "platforms" / board.platform).is_dir()
    ok = installed or platformio.registry_answers()
    found = "installed" if installed else "fetched on the first build" if ok else "not installed, no registry"
    fix = f"pio pkg install --global --platform {board.platform}  (needs the network)"
    return [_tool(f"PlatformIO platform {board.platform}", ok, found, board, fix)]


def _emulator(board: Board) -> list[Check]:
    """The emulator, and whether it knows the machine that the board's command names."""
    if board.emulator_program:
        return [_own_emulator(board)]
    if not board.emulator or "{" in board.emulator[0]:  # The firmware itself is the program.
        return []
    program = board.emulator[0]
    fix = install_command([board.emulator_package] if board.emulator_package else [])
    version = ask([program, "--version"])
    found = [_tool(program, version.ok, version.first_line, board, fix)]
    machine = _machine(board.emulator)
    if machine:
        listed = ask([program, "-M", "help"]).text.splitlines()
        known = any(line.split()[:1] == [machine] for line in listed)
        words = "known" if known else "unknown" if version.ok else "not found"
        cure = f"install a newer {program}" if version.ok else fix
        found.append(_tool(f"{program} -M {machine}", known, words, board, cure))
    return found


def _own_emulator(board: Board) -> Check:
    """Whether an emulator of ours could be compiled: its library has its headers here."""
    source = source_of(board)
    can = ask(["gcc", "-std=c99", "-fsyntax-only", str(source)]).ok
    name = f"{board.emulator_package} for {source.name}"
    fix = install_command(["gcc", "libc6-dev", board.emulator_package])
    return _tool(name, can, f"its headers are {'there' if can else 'missing'}", board, fix)


def _machine(command: Sequence[str]) -> str:
    for option, value in pairwise(command):
        if option in ("-M", "-machine"):
            return value.split(",")[0]
    return ""


def _tool(name: str, ok: bool, found: str, board: Board, fix: str) -> Check:
    return Check(name, ok, found or "does not run", f"board {board.id}", "" if ok else fix, TOOLS)
