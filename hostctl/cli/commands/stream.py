"""``spikec stream``: send a data set to a board that already carries the network."""

from __future__ import annotations

from pathlib import Path

import click

from codegen.ir import fail
from hostctl.cli.job import Job, job_options
from hostctl.cli.options import PATH, json_option
from hostctl.cli.output import Output


@click.command("stream")
@job_options
@click.option("--elf", type=PATH, help="Program for an emulated or simulated board, as 'spikec build' names it.")
@json_option
def command(out: Output, job: Job, elf: Path | None) -> int:
    """Stream a data set to a board that carries the network already; compare and report as 'spikec run' does."""
    from hostctl.cli.pipeline import stream_job

    if job.board.emulated and not job.ports and elf is None:
        raise fail(
            "--port", "is missing", "Name with --elf the firmware of the emulated board, or the port where it runs"
        )
    return stream_job(out, job, elf)
