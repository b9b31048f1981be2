"""Bring firmware onto a real board, by PlatformIO."""

from __future__ import annotations

from pathlib import Path

from codegen.board import Board
from codegen.ir.errors import fail
from hostctl.build.pio import Log, quiet, run_pio

_SHOWN = 12


def flash(project: Path, board: Board, port: str | None, *, log: Log | None = None) -> None:
    """Upload a built project to the board on ``port`` (None: PlatformIO looks for it).

    Raises SpikecError for an emulated board, which needs no flashing, and when the upload fails.
    """
    if board.emulated:
        raise fail(
            f"board {board.id}",
            "is emulated, so there is nothing to flash",
            f"Run it with 'spikec run --board {board.id}'",
        )
    arguments = ["--target", "upload"]
    if port is not None:
        arguments += ["--upload-port", port]
    status, lines = run_pio(project, board, arguments, log=log or quiet)
    if status != 0:
        said = "\n  ".join([line for line in lines if line.strip()][-_SHOWN:])
        hint = f"Is the board plugged in, and no other program using the port? PlatformIO said:\n  {said}"
        raise fail(port or f"board {board.id}", "cannot be flashed", hint)
