"""``spikec boards``: what a network can run on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from hostctl.cli.options import json_option
from hostctl.cli.output import Output


@click.command("boards")
@json_option
def command(out: Output) -> None:
    """List the boards."""
    from codegen.board import Board, board_ids, load_board

    boards = [load_board(board_id) for board_id in board_ids()]

    def line(board: Board) -> str:
        sizes = f"{board.flash // 1024} kB flash, {board.ram // 1024} kB RAM"
        if board.fast:
            own = f", {board.fast.bytes // 1024} kB" if board.fast.bytes else ""
            sizes += f" (--fast: {board.fast.name}{own})"
        core = board.core if board.cores == 1 else f"{board.cores} x {board.core}"
        return f"{board.id:<17}{board.name} - {core}, {board.clock_hz / 1e6:g} MHz, {sizes}"

    def value(board: Board) -> dict[str, Any]:
        return {key: item for key, item in asdict(board).items() if key != "folder"}

    out.result({"boards": [value(board) for board in boards]}, "\n".join(line(board) for board in boards))
