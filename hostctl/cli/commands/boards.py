"""``spikec boards``: what a network can run on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from hostctl.cli.options import json_option
from hostctl.cli.output import Output

if TYPE_CHECKING:
    from codegen.board import Board
    from codegen.fpga import Fpga


@click.command("boards")
@json_option
def command(out: Output) -> None:
    """List the boards."""
    from codegen.board import all_board_ids, load_board

    boards = sorted(map(load_board, all_board_ids()), key=lambda board: board.fpga is not None)
    out.result({"boards": [_value(board) for board in boards]}, "\n".join(map(_line, boards)))


def _line(board: Board) -> str:
    """The board in a line: kind, clock and sizes."""
    clock = f"{board.clock_hz / 1e6:g} MHz"
    if board.fpga is None:
        kind = board.core if board.cores == 1 else f"{board.cores} x {board.core}"
        sizes = f"{board.flash // 1024} kB flash, {board.ram // 1024} kB RAM"
        if board.fast:
            own = f", {board.fast.bytes // 1024} kB" if board.fast.bytes else ""
            sizes += f" (--fast: {board.fast.name}{own})"
    else:
        kind, sizes = _fpga(board.fpga)
    return f"{board.id:<17}{board.name} - {kind}, {clock}, {sizes}"


def _fpga(fpga: Fpga) -> tuple[str, str]:
    """Kind and sizes of a chip."""
    if fpga.family == "sim":
        return "simulated FPGA", "as large as the network wants"
    memory = fpga.brams * fpga.bram_bits // 1024
    return f"FPGA {fpga.part}", f"{fpga.luts:,} LUTs, {fpga.brams} block RAMs ({memory:,} kbit)"


def _value(board: Board) -> dict[str, Any]:
    """The board for programs."""
    kind = "cpu" if board.fpga is None else "fpga"
    return {"kind": kind, **{key: item for key, item in asdict(board).items() if key != "folder"}}
