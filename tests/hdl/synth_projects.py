"""Small hardware projects to be synthesised: a design of ``designs``, a board's clock and pins, memories' contents."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from codegen.backends.verilog_board import board_files
from codegen.board import Board, load_board

DESIGNS = Path(__file__).parent / "designs"
MEMORIES = {"wide": (36, 512), "half": (18, 1024), "byte": (9, 2048)}
"""Contents of the design ``sums``: bits of a word, words."""


def make_project(folder: Path, design: str, board: Board) -> Path:
    """Write the project into ``folder`` and return it."""
    assert board.fpga is not None
    chance = random.Random(7)
    files = {"top.v": (DESIGNS / f"{design}.v").read_text()}
    data = {
        f"{name}.hex": "".join(f"{chance.getrandbits(bits):x}\n" for _ in range(words))
        for name, (bits, words) in MEMORIES.items()
    }
    files |= board_files(board, board.fpga, design, list(files), list(data)) | data
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def board_with(board_id: str, **changes: object) -> Board:
    """A board whose chip is another in some ways."""
    board = load_board(board_id)
    assert board.fpga is not None
    return replace(board, fpga=replace(board.fpga, **changes))  # type: ignore[arg-type]
