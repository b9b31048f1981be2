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
@click.option("--permanent", is_flag=True, help="For an FPGA: write its flash memory, to last without power.")
@json_option
def command(out: Output, project: Path, board: str, port: str | None, permanent: bool) -> None:
    """Flash the built PROJECT folder to a board. Emulated boards need no flashing.

    Firmware goes by PlatformIO's upload, a bitstream by openFPGALoader.
    """
    from codegen.board import load_board
    from hostctl.build import flash

    description = load_board(board)
    if description.emulated:
        out.result(
            {"flashed": False}, f"{board} is emulated: nothing to flash; 'spikec run' and 'spikec stream' start it"
        )
        return
    if description.fpga is not None:
        from hostctl.fpga import flash_bitstream

        bitstream = flash_bitstream(project, description, permanent=permanent, log=out.note)
        out.result({"flashed": True, "bitstream": str(bitstream)}, f"flashed {bitstream} to {board}")
        return
    flash(project, description, port)
    out.result({"flashed": True}, f"flashed {project} to {board}")
