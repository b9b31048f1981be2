"""``spikec energy``: the energy of a run, from a recording that any instrument made of it."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import PATH, idle_option, json_option
from hostctl.cli.output import Output


@click.command("energy")
@click.argument("run", type=PATH, metavar="RUN")
@click.option(
    "--csv", "table", type=PATH, required=True, help="Recording: a row of headings, then time, power, marker."
)
@click.option("--volts", type=float, help="Supply's voltage, where the recording has current only.")
@click.option("--marker", help="Heading of the marker's column [default: by its name].")
@click.option("--bit", type=click.IntRange(0, 7), default=0, show_default=True, help="Which of eight bits in a column.")
@idle_option
@json_option
def command(out: Output, run: Path, table: Path, volts: float | None, marker: str | None, bit: int, idle: str) -> int:
    """Measure the energy of a RUN from a recording of the whole run, and write its report again."""
    from hostctl.cli.pipeline import report_run
    from hostctl.meters import measure_csv
    from hostctl.meters.table import read_csv

    chunk = read_csv(table, volts=volts, marker=marker, bit=bit)
    capture = measure_csv(run, f"recording {table.name}", chunk, idle="keep" if idle == "keep" else "subtract")
    for warning in capture.warnings:
        out.note(f"energy: {warning}")
    return report_run(out, run)
