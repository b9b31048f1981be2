"""Emulators that count what they run: by a plugin under QEMU, by themselves where they are ours."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import fail
from hostctl.transport.program import compiled, source_named

PLUGIN = "qemu_counts"
_SECOND_INTERFACE = (8, 2, 4)
"""From this version of QEMU on plugins have to be of version 2 of the interface."""


def counts_cycles(board: Board) -> bool:
    """Whether the board's emulator knows the true cycles of what it runs."""
    return board.emulator_program == "simavr"


def check_can_count(board: Board) -> None:
    """Raise SpikecError for a board that nobody counts on: a real one, or this computer itself."""
    if counts_cycles(board) or (board.emulated and board.emulator and board.emulator[0].startswith("qemu-")):
        return
    what = "is a real board" if not board.emulated else "is this computer itself"
    hint = "Name an emulated board (see 'spikec boards'); 'spikec run' measures this one's latency by its own counter"
    raise fail(f"board {board.id}", f"{what}: nobody counts its instructions", hint)


def counting_words(board: Board, plan: Path, counts: Path) -> list[str]:
    """What the emulator's command takes besides, so that it counts by ``plan`` and writes ``counts`` at its end.

    ``firmware/emulators/counts.h`` has both formats. Raises SpikecError for a board that nothing can count on, and when
    the plugin cannot be compiled.
    """
    check_can_count(board)
    if counts_cycles(board):
        return [str(plan), str(counts)]
    return ["-plugin", f"{_plugin(board)},plan={_plain(plan)},out={_plain(counts)}"]


def _plain(path: Path) -> str:
    """QEMU parts its options at commas, and wants each doubled that is none of its own."""
    return str(path).replace(",", ",,")


def _plugin(board: Board) -> str:
    version = _version(board.emulator[0], board)
    flags = ["-shared", "-fPIC", f"-DQEMU_PLUGIN_ABI={2 if version >= _SECOND_INTERFACE else 1}"]
    return _plain(compiled(board, source_named(PLUGIN), "the counting plugin", flags, suffix=".so"))


def _version(emulator: str, board: Board) -> tuple[int, ...]:
    """QEMU's version."""
    if shutil.which(emulator) is None:
        hint = f"apt-get install {board.emulator_package}"
        raise fail(f"board {board.id}", f"{emulator} cannot be run: not installed", hint)
    said = subprocess.run([emulator, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version (\d+)\.(\d+)\.(\d+)", said)
    if found is None:
        raise fail(emulator, f"tells no version but {said[:80]!r}", "Is this QEMU?")
    return tuple(map(int, found.groups()))
