"""``spikec flash``: put a built project on a board."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import PATH, board_option, json_option, port_option
from hostctl.cli.output import Output


@click.command("flash")
@click.argument("project", type=PATH)
@board_option
@port_option
@json_option
def command(out: Output, project: Path, board: str, port: str | None) -> None:
    """Flash the built PROJECT folder to a board (PlatformIO's upload). Emulated boards need no flashing."""
    from codegen.board import load_board
    from hostctl.build import flash

    description = load_board(board)
    if description.emulated:
        out.result(
            {"flashed": False}, f"{board} is emulated: nothing to flash; 'spikec run' and 'spikec stream' start it"
        )
        return
    flash(project, description, port)
    out.result({"flashed": True}, f"flashed {project} to {board}")
