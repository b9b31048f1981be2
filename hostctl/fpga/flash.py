"""Put a bitstream on a board, by openFPGALoader."""

from __future__ import annotations

import json
import re
from pathlib import Path

from codegen.board import Board
from codegen.fpga import Fpga
from codegen.ir.errors import Problem, SpikecError, fail
from hostctl.fpga.narrator import Progress
from hostctl.fpga.synth import FOLDER, TOP, quiet
from hostctl.fpga.tool import LOADER

_SHOWN = 6

_REASONS = (
    (
        re.compile(r"loading shared libraries: (?P<what>lib\w+)"),
        "a library of the system's is missing: {what}",
        "apt-get install libftdi1-2 libusb-1.0-0",
    ),
    (
        re.compile(r"usb_open\(\) failed|LIBUSB_ERROR_ACCESS|insufficient permissions|Operation not permitted"),
        "this user may not use the board's USB device",
        "Give the user's group the right by a udev rule for the device, or try once with sudo",
    ),
    (
        re.compile(r"device not found|[Nn]o (cable|device) found|Failed to claim cable|cable.* not found"),
        "no board was found at a USB port",
        "Plug it in by the port with the programmer (not a charging cable), and close other programs that use it",
    ),
)
"""What openFPGALoader says, what that means, and what to do."""


def flash_bitstream(project: Path, board: Board, *, permanent: bool = False, log: Progress = quiet) -> Path:
    """Load a built project's bitstream into the board's FPGA and return the bitstream's path.

    It is gone when the power goes; ``permanent`` writes it into the board's flash memory, from which the chip starts.
    Raises SpikecError when there is no bitstream, no board, or openFPGALoader fails.
    """
    if board.fpga is None or board.fpga.family == "sim":
        what = "has no FPGA" if board.fpga is None else "is simulated, so there is nothing to flash"
        raise fail(f"board {board.id}", what, "'spikec boards' tells the kinds")
    bitstream = _bitstream(project, board, board.fpga)
    arguments = ["--board", board.fpga.loader, *(["--write-flash"] if permanent else [])]
    arguments.append(str(bitstream.relative_to(project)))
    status, lines = LOADER.run(arguments, project, project / "flash.log", log)
    if status != 0:
        raise SpikecError(_reason(board, lines))
    return bitstream


def _bitstream(project: Path, board: Board, fpga: Fpga) -> Path:
    """The file to be loaded; of a vendor's tool, where its project puts it."""
    if fpga.family == "intel":
        hint = "Make it with the project in the folder, then: quartus_pgm -m jtag -o p;output_files/project.sof"
        raise fail(f"board {board.id}", "its bitstream is Quartus's affair", hint)
    if fpga.family == "xilinx":
        made = project / f"{TOP}.bit"
        if not made.is_file():
            raise fail(str(made), "is missing", "Make it in that folder: vivado -mode batch -source project.tcl")
        return made
    build = f"Make it with 'spikec build --board {board.id}'"
    try:
        result = json.loads((project / FOLDER / "result.json").read_text(encoding="utf-8"))
        owner, made, met = result["board"], result["bitstream"], result["met"]
    except (OSError, ValueError, KeyError) as error:
        raise fail(str(project), "holds no bitstream", build) from error
    if owner != board.id:
        raise fail(str(project), f"is built for the board {owner}", build)
    if not met or made is None:
        raise fail(str(project), "has no bitstream, since its timing was not met", "Build it for a slower clock")
    bitstream = project / FOLDER / Path(made).name
    if not bitstream.is_file():
        raise fail(str(bitstream), "is missing", build)
    return bitstream


def _reason(board: Board, lines: list[str]) -> Problem:
    for pattern, what, hint in _REASONS:
        for line in lines:
            found = pattern.search(line)
            if found is not None:
                return Problem(f"board {board.id}", what.format(**found.groupdict()), hint)
    said = "\n  ".join([line for line in lines if line.strip()][-_SHOWN:])
    return Problem(f"board {board.id}", "cannot be flashed", f"openFPGALoader said:\n  {said}")
