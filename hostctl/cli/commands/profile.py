"""``spikec profile``: instructions and cycles by layer and phase, on an emulated board."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import (
    PATH,
    board_option,
    data_option,
    force_option,
    json_option,
    network_option,
    seed_option,
    split_option,
)
from hostctl.cli.output import Output
from hostctl.cli.storage import storage_for, storage_options


@click.command("profile")
@network_option
@board_option
@data_option
@split_option
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Run so many samples.")
@seed_option
@click.option("--elf", type=PATH, help="Firmware that 'spikec build' has made; without it, it is built.")
@storage_options
@click.option("--functions", type=click.IntRange(min=0), default=0, help="List so many functions, the largest first.")
@click.option("--out", "-o", "target", type=PATH, help="Project folder [default: build/<network>-<board>].")
@click.option("--offline", is_flag=True, help="Never ask PlatformIO's registry, even where it can be reached.")
@force_option
@json_option
def command(
    out: Output,
    network: Path,
    board: str,
    data: Path | None,
    split: str,
    limit: int,
    seed: int,
    elf: Path | None,
    tuning: Path | None,
    fast: tuple[str, ...],
    functions: int,
    target: Path | None,
    offline: bool,
    force: bool,
) -> int:
    """Count what an emulated board executes, by layer and phase.

    Instructions, loads, stores and branches are counted by the emulator and exact. Cycles are estimated from them with
    the core's published timings, where there are any; AVRs have true cycles besides. docs/profiling.md tells more.
    """
    from codegen.board import load_board
    from codegen.ir import load
    from hostctl.cli.hardware import require_cpu
    from hostctl.cli.pipeline import build_firmware, data_folder
    from hostctl.profile import check_can_count, profile, profile_json, profile_text
    from hostctl.samples import load_samples

    if elf is not None and (tuning or fast):
        raise click.UsageError("--tuning and --fast are for a build: --elf is built already")
    net, description = load(network), load_board(board)
    require_cpu(description, "spikec profile", f"'spikec run --board {board}' counts the clock cycles of every layer")
    storage = storage_for(net, description, tuning, fast)
    check_can_count(description)  # First what can be wrong with the input: a build takes time.
    with out.progress("reading the data") as advance:
        samples = load_samples(net, data_folder(out, data), split=split, limit=limit, seed=seed, progress=advance)
    if elf is None:
        target = target or Path("build") / f"{net.name}-{board}"
        built = build_firmware(
            out, net, description, target, offline=offline, force=force, formats=storage.formats, fast=storage.fast
        )
        elf = built.elf
    with out.progress(f"counting on {board}") as advance:
        found = profile(net, description, elf, samples, progress=advance, note=out.note)
    out.result(profile_json(found, functions), profile_text(found, functions))
    return 1 if found.differences else 0
