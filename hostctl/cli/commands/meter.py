"""``spikec meter``: a small board that reads a power monitor."""

from __future__ import annotations

from pathlib import Path

import click

from codegen.backends.meter import CHIPS
from hostctl.cli.options import PATH, board_option, force_option, json_option
from hostctl.cli.output import Output


@click.command("meter")
@click.argument("chip", type=click.Choice(CHIPS))
@board_option
@click.option("--address", default="0x40", show_default=True, help="The chip's address on the bus.")
@click.option("--port", "-p", help="Flash it to the Arduino on this serial port, by avrdude.")
@click.option("--out", "-o", "target", type=PATH, help="Project folder [default: build/CHIP-BOARD].")
@click.option("--offline", is_flag=True, help="Never ask PlatformIO's registry, even where it can be reached.")
@force_option
@json_option
def command(
    out: Output, chip: str, board: str, address: str, port: str | None, target: Path | None, offline: bool, force: bool
) -> None:
    """Build the firmware of a small board that reads a CHIP, for --meter CHIP:PORT; flash it with --port.

    The boards are the Arduino Uno (atmega328p) and Mega 2560 (atmega2560). Wires: SDA, SCL, the chip's ALERT to D2, the
    marker pin of the board that is measured to D3, and ground.
    """
    from codegen.backends.meter import meter_plan
    from codegen.board import load_board
    from codegen.ir import fail
    from codegen.plan import write
    from hostctl.build import build
    from hostctl.build.avrdude import flash_avr

    description, target = load_board(board), target or Path("build") / f"{chip}-{board}"
    try:
        number = int(address, 0)
    except ValueError as error:
        raise fail("--address", f"is '{address}', which is no number", "Give it as 0x40") from error
    write(meter_plan(chip, description, address=number), target, force=force)
    out.note(f"building {target} with PlatformIO")
    result = build(target, description, offline=offline)
    if port is not None:
        flash_avr(result.elf, description, port)
    value = {"elf": str(result.elf), "board": board, "chip": chip, "flash": result.flash, "ram": result.ram}
    lines = [f"firmware    {result.elf}", f"flash       {result.flash:,} bytes", f"RAM         {result.ram:,} bytes"]
    lines += [f"flashed     {port}"] if port is not None else []
    out.result(value | {"flashed": port is not None}, "\n".join(lines))
