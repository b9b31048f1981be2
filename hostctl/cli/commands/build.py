"""``spikec build``: from a network to firmware, by PlatformIO, or to hardware."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.apps import app_options, check_app
from hostctl.cli.cores import cores_options, shares_for
from hostctl.cli.lanes import design_for, lanes_options
from hostctl.cli.options import PATH, board_option, force_option, json_option, network_option
from hostctl.cli.output import Output
from hostctl.cli.storage import storage_for, storage_options


@click.command("build")
@network_option
@board_option
@app_options
@cores_options
@click.option("--out", "-o", "target", type=PATH, help="Project folder [default: build/<network>-<board>].")
@click.option("--offline", is_flag=True, help="Never ask PlatformIO's registry, even where it can be reached.")
@storage_options
@lanes_options
@click.option("--verbose", "-v", is_flag=True, help="Show what PlatformIO (or Verilator) says.")
@click.option(
    "--placements",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="For an FPGA: placements to try until the clock is met.",
)
@click.option(
    "--marker", is_flag=True, help="Show on the board's marker pin when the network computes (docs/energy.md)."
)
@force_option
@json_option
def command(
    out: Output,
    network: Path,
    board: str,
    app: str,
    model: str | None,
    energy: bool,
    cores: int,
    first_core: int | None,
    target: Path | None,
    offline: bool,
    tuning: Path | None,
    fast: tuple[str, ...],
    lanes: tuple[str, ...],
    banks: tuple[str, ...],
    verbose: bool,
    placements: int,
    marker: bool,
    force: bool,
) -> int:
    """Generate the firmware of a network for a board, and build it with PlatformIO.

    For a board with an FPGA it is the network's hardware: a bitstream, or for the simulated one a model that Verilator
    compiles. Where the bitstream's timing is not met there is none, and the exit code is 1.
    """
    from codegen.board import load_board
    from codegen.ir import load
    from hostctl.cli.hardware import build_hardware, describe_hardware, refuse_firmware_options
    from hostctl.cli.pipeline import build_firmware, describe_build

    net, description = load(network), load_board(board)
    check_app(app, model, energy, description)
    refuse_firmware_options(description, tuning=tuning, fast=fast, cores=cores, first_core=first_core)
    design = design_for(net, description, lanes, banks)
    target = target or Path("build") / f"{net.name}-{board}"
    if description.fpga is not None:
        hardware = build_hardware(
            out, net, description, target, design=design, force=force, verbose=verbose, placements=placements
        )
        out.result(*describe_hardware(hardware, description))
        return 0 if hardware.met else 1
    storage = storage_for(net, description, tuning, fast)
    shares = shares_for(net, network, description, cores, first_core)
    result = build_firmware(
        out,
        net,
        description,
        target,
        offline=offline,
        force=force,
        verbose=verbose,
        formats=storage.formats,
        fast=storage.fast,
        shares=shares,
        app=app,
        model=model,
        marker=marker,
        energy=energy,
    )
    value, text = describe_build(result, net, description)
    out.result(value, text)
    return 0
