"""What all tests share. It also puts this folder on the path, so that tests can import ``ladder`` and its like."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from absence import absent

from codegen.board import Board, load_board
from hostctl.cli.main import run
from hostctl.doctor import missing_for


@pytest.fixture
def spikec(capsys, monkeypatch, tmp_path):
    """The command line, in a folder of its own and without the developer's data: exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPIKEC_DATA", raising=False)

    def call(*arguments):
        status = run([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return call


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real recordings and images."""
    name = os.environ.get("SPIKEC_DATA")
    if not name:
        absent("SPIKEC_DATA is not set: this test needs real recordings")
    return Path(str(name)).resolve()


@pytest.fixture(scope="session")
def arm_tools() -> None:
    """The Arm cross compiler and QEMU."""
    for tool in ("arm-none-eabi-gcc", "qemu-system-arm"):
        if shutil.which(tool) is None:
            absent(f"{tool} is not installed ('spikec doctor' says how): this test needs it")


@pytest.fixture(scope="session")
def big_endian_tools() -> None:
    """A cross compiler for a big-endian machine, and QEMU for its programs."""
    packages = "gcc-powerpc-linux-gnu libc6-dev-powerpc-cross qemu-user"
    for tool in ("powerpc-linux-gnu-gcc", "qemu-ppc"):
        if shutil.which(tool) is None:
            absent(f"NOT TESTED: {tool} is not installed (apt-get install {packages})")


@pytest.fixture(scope="session")
def bare_tools() -> Callable[[tuple[str, ...]], None]:
    """Takes programs that a test needs: a compiler, an emulator."""

    def all_there(tools: tuple[str, ...]) -> None:
        for tool in tools:
            if shutil.which(tool) is None:
                absent(f"NOT TESTED: {tool} is not installed")

    return all_there


@pytest.fixture(scope="session")
def board_tools() -> Callable[[str], Board]:
    """Gives a board by its id, where its compiler and its emulator are here."""

    def board_with_tools(board_id: str) -> Board:
        board = load_board(board_id)
        lacking = missing_for(board)
        if lacking:
            absent(f"NOT TESTED: board {board_id} lacks {'; '.join(map(str, lacking))}")
        return board

    return board_with_tools
