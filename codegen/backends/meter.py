"""Firmware of a small board that reads a power monitor's registers and sends them to the host."""

from __future__ import annotations

from codegen import __version__
from codegen.backends.c import copies
from codegen.backends.templates import environment
from codegen.board import Board, board_ids, load_board
from codegen.ir import fail
from codegen.plan import OutputPlan
from codegen.resources import folder

CHIPS = ("ina226", "ina228")
ADDRESSES = range(0x40, 0x50)
"""What the pins A0 and A1 of the chips can choose."""


def meter_plan(chip: str, board: Board, *, address: int = ADDRESSES[0]) -> OutputPlan:
    """A PlatformIO project: ``board`` reads the ``chip`` at a 7-bit ``address``, as ``hostctl.meters`` expects it.

    Raises SpikecError: an unknown chip, a board without this firmware, an address that the chip cannot have.
    """
    if chip not in CHIPS:
        raise fail("meter", f"'{chip}' is unknown", f"Known: {', '.join(CHIPS)}")
    if board.bootloader is None:
        boards = ", ".join(name for name in board_ids() if load_board(name).bootloader is not None)
        raise fail("--board", f"{board.id} has no firmware that reads a meter", f"Boards: {boards}")
    if address not in ADDRESSES:
        what = f"is {address:#x}, which no {chip.upper()} can have"
        raise fail("--address", what, f"Give {ADDRESSES[0]:#x} to {ADDRESSES[-1]:#x}")
    firmware = folder("firmware")
    ini = (
        environment("platformio")
        .get_template("meter.ini.j2")
        .render(board=board, chip=chip.upper(), address=address, tool_version=__version__)
    )
    files = {"platformio.ini": ini}
    files |= copies(firmware / "meters" / "ina", "src", ("*.c", "*.h"))
    files |= copies(firmware / "platform", "platform", ("**/*",))
    return OutputPlan(files)
