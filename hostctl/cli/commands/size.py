"""``spikec size``: where flash, RAM and stack of a network's firmware go."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import PATH, board_option, force_option, json_option, network_option
from hostctl.cli.output import Output
from hostctl.cli.storage import storage_for, storage_options


@click.command("size")
@network_option
@board_option
@click.option("--out", "-o", "target", type=PATH, help="Project folder [default: build/<network>-<board>].")
@storage_options
@click.option("--offline", is_flag=True, help="Never ask PlatformIO's registry, even where it can be reached.")
@force_option
@json_option
def command(
    out: Output,
    network: Path,
    board: str,
    target: Path | None,
    tuning: Path | None,
    fast: tuple[str, ...],
    offline: bool,
    force: bool,
) -> None:
    """Build the firmware of a network, and account for every byte of flash and RAM that it takes.

    The network's minimum comes first (weights times their bits, and so on), then all that is on top of it; the lines
    add up to what the linker says. Then a bound of the stack's depth, from the compiler's figures and the calls.
    """
    from codegen.board import load_board
    from codegen.ir import load
    from hostctl.cli.hardware import require_cpu
    from hostctl.cli.pipeline import build_figures, build_firmware
    from hostctl.size import memory_text

    net, description = load(network), load_board(board)
    require_cpu(description, "spikec size", f"'spikec build --board {board}' tells what is known of an FPGA's design")
    storage = storage_for(net, description, tuning, fast)
    target = target or Path("build") / f"{net.name}-{board}"
    result = build_firmware(
        out, net, description, target, offline=offline, force=force, formats=storage.formats, fast=storage.fast
    )
    figures = build_figures(result, net)
    head = f"{net.name} on {board}: bytes of {result.elf}"
    out.result({"elf": str(result.elf), "board": board, **figures}, f"{head}\n\n{memory_text(figures['memory'])}")
