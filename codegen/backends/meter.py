"""Firmware of a small board that reads a power monitor's registers and sends them to the host."""

from __future__ import annotations

from codegen import __version__
from codegen.backends.c import copies
from codegen.backends.templates import environment
from codegen.board import Board
from codegen.ir import fail
from codegen.plan import OutputPlan
from codegen.resources import folder

CHIPS = ("ina226", "ina228")
ADDRESSES = range(0x40, 0x50)
"""What the pins A0 and A1 of the chips can choose."""
BOARDS = ("atmega328p", "atmega2560")
"""Whose pins ``firmware/meters/ina/watch.c`` knows."""


def meter_plan(chip: str, board: Board, *, address: int = ADDRESSES[0]) -> OutputPlan:
    """A PlatformIO project: ``board`` reads the ``chip`` at a 7-bit ``address``, as ``hostctl.meters`` expects it.

    Raises SpikecError: an unknown chip, a board without this firmware, an address that the chip cannot have.
    """
    if chip not in CHIPS:
        raise fail("meter", f"'{chip}' is unknown", f"Known: {', '.join(CHIPS)}")
    if board.id not in BOARDS:
        raise fail("--board", f"{board.id} has no firmware that reads a meter", f"Boards: {', '.join(BOARDS)}")
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
