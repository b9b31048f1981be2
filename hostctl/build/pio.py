"""Run PlatformIO and listen to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from codegen.board import Board
from hostctl.build.engine import core_folder

Log = Callable[[str], None]
OWN_PLATFORM = "spikec_emulated"
"""The PlatformIO platform that travels with the project."""


def quiet(_: str) -> None:
    """Log nothing."""


def run_pio(
    project: Path, board: Board, arguments: Sequence[str] = (), *, offline: bool = False, log: Log = quiet
) -> tuple[int, list[str]]:
    """Run ``pio run`` on a project: exit status and the lines it said, each handed to ``log`` as it comes."""
    command = [sys.executable, "-m", "platformio", "run", "--project-dir", str(project)]
    command += ["--environment", board.id, *arguments]
    environment = _environment(board, core_folder(offline, log))
    lines = []
    with subprocess.Popen(
        command,
        env=environment,
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
                log(lines[-1])
        except BaseException:
            process.kill()
            raise
    return process.returncode, lines


def _environment(board: Board, core: Path | None) -> dict[str, str]:
    """No colours, no telemetry, no look for news: a build must not wait for the network."""
    environment = {
        **os.environ,
        "PLATFORMIO_NO_ANSI": "true",
        "PLATFORMIO_DISABLE_PROGRESSBAR": "true",
        "PLATFORMIO_DISABLE_UPGRADE_CHECK": "true",
        "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
    }
    if core is not None:
        environment["PLATFORMIO_CORE_DIR"] = str(core)
        environment.pop("PLATFORMIO_PACKAGES_DIR", None)
    if board.platform == OWN_PLATFORM:
        environment.pop("PLATFORMIO_PLATFORMS_DIR", None)  # It would win over the project's own.
    return environment
