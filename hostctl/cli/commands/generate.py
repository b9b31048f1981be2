"""``spikec generate``: from the integer network to sources: firmware, hardware, or a library for one's own project."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.apps import app_options, check_app
from hostctl.cli.cores import cores_options, shares_for
from hostctl.cli.lanes import design_for, lanes_options
from hostctl.cli.options import PATH, force_option, json_option, network_option
from hostctl.cli.output import Output
from hostctl.cli.storage import storage_for, storage_options


@click.command("generate")
@network_option
@click.option("--board", "-b", help="Generate the whole firmware (or, for an FPGA, hardware) for this board.")
@click.option("--library", is_flag=True, help="Generate a PlatformIO and Arduino library for your own project.")
@app_options
@cores_options
@click.option("--out", "-o", "target", type=PATH, help="Folder [default: build/<network>-<board or library>].")
@storage_options
@lanes_options
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@force_option
@json_option
def command(
    out: Output,
    network: Path,
    board: str | None,
    library: bool,
    app: str,
    model: str | None,
    energy: bool,
    cores: int,
    first_core: int | None,
    target: Path | None,
    tuning: Path | None,
    fast: tuple[str, ...],
    lanes: tuple[str, ...],
    banks: tuple[str, ...],
    dry_run: bool,
    force: bool,
) -> None:
    """Generate sources from a network: C of firmware for a board or of a library, Verilog for a board with an FPGA."""
    if library == (board is not None):
        raise click.UsageError("give either --board ID or --library")
    if library and tuning is not None:
        raise click.UsageError("--tuning is for one board: a library is for any")
    if library and (lanes or banks):
        raise click.UsageError("--lanes and --banks are for a board with an FPGA")
    from codegen.backends import c, verilog
    from codegen.board import load_board
    from codegen.ir import load
    from codegen.passes.fast import fast_layers
    from codegen.plan import write
    from hostctl.cli.hardware import refuse_firmware_options

    net = load(network)
    if board is None:
        if cores > 1:
            raise click.UsageError(
                "--cores is for --board: a library's own program shares its layers (docs/two-cores.md)"
            )
        check_app(app, model, energy, None)
        plan = c.library_plan(net, fast=fast_layers(net, fast))
    else:
        description = load_board(board)
        check_app(app, model, energy, description)
        refuse_firmware_options(description, tuning=tuning, fast=fast, cores=cores, first_core=first_core)
        design = design_for(net, description, lanes, banks)
        storage = storage_for(net, description, tuning, fast)
        shares = shares_for(net, network, description, cores, first_core)
        if shares is not None:
            out.note(f"two cores   {shares.text(net)}")
        if description.fpga is None:
            plan = c.project_plan(
                net,
                description,
                shares=shares,
                formats=storage.formats,
                fast=storage.fast,
                app=app,
                model=model,
                energy=energy,
            )
        else:
            plan = verilog.project_plan(net, description, design=design)
    target = target or Path("build") / f"{net.name}-{board or 'library'}"
    written = write(plan, target, force=force, dry_run=dry_run)
    verb = "would be written" if dry_run else "written"
    lines = [f"{'new' if path in written.new else 'changed'}  {path}" for path in (*written.new, *written.changed)]
    lines.append(
        f"{len(written.new)} new, {len(written.changed)} changed, {len(written.unchanged)} unchanged; {verb}: {target}"
    )
    value = {"folder": str(target), "digest": plan.digest, "dry_run": dry_run}
    out.result(
        {**value, "new": written.new, "changed": written.changed, "unchanged": written.unchanged}, "\n".join(lines)
    )
