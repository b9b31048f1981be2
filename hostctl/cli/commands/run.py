"""``spikec run``: generate, build, flash or emulate, stream, compare and report in one go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from hostctl.cli.cores import cores_options, shares_for
from hostctl.cli.job import Job, job_options
from hostctl.cli.lanes import design_for, lanes_options
from hostctl.cli.options import json_option
from hostctl.cli.output import Output
from hostctl.cli.storage import storage_options


@click.command("run")
@job_options
@cores_options
@storage_options
@lanes_options
@click.option("--offline", is_flag=True, help="Never ask PlatformIO's registry, even where it can be reached.")
@json_option
def command(
    out: Output,
    job: Job,
    cores: int,
    first_core: int | None,
    tuning: Path | None,
    fast: tuple[str, ...],
    lanes: tuple[str, ...],
    banks: tuple[str, ...],
    offline: bool,
) -> int:
    """Run a network on a board over a data set, and compare every spike with the reference.

    Generates, builds, flashes (or starts the emulator or simulator), streams, compares and writes report.html.
    """
    from hostctl.cli.hardware import refuse_firmware_options
    from hostctl.cli.pipeline import run_job

    refuse_firmware_options(job.board, tuning=tuning, fast=fast, cores=cores, first_core=first_core)
    shares = shares_for(job.network, job.network_path, job.board, cores, first_core)
    design = design_for(job.network, job.board, lanes, banks)
    return run_job(out, replace(job, shares=shares, tuning=tuning, fast=fast, design=design), offline=offline)
