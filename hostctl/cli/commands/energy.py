"""``spikec energy``: what an inference of a run cost, from a recording of any instrument."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import PATH, json_option
from hostctl.cli.output import Output


@click.command("energy")
@click.argument("run", type=PATH)
@click.option(
    "--csv", "csv_file", type=PATH, required=True, help="The instrument's recording, with a line of headings."
)
@click.option("--marker", required=True, metavar="COLUMN", help="The column of the marker pin: 0 and 1, or volts.")
@click.option("--time", "time", default="", metavar="COLUMN", help="The column of time [default: by its unit].")
@click.option("--power", default="", metavar="COLUMN", help="The column of power [default: by its unit].")
@click.option(
    "--volts", type=click.FloatRange(min=0, min_open=True), help="The supply, where the file has a current only."
)
@click.option(
    "--idle", type=click.Choice(["keep", "subtract"]), default="keep", show_default=True, help="The idle power."
)
@json_option
def command(
    out: Output, run: Path, csv_file: Path, marker: str, time: str, power: str, volts: float | None, idle: str
) -> int:
    """Work out the energy of an inference in a RUN from a CSV file that an instrument recorded meanwhile.

    Power is integrated only while the marker is high. The result becomes the run's energy, labelled 'measured'.
    """
    from hostctl.cli.pipeline import report_run
    from hostctl.meters import read_csv
    from hostctl.results import measure_run

    measure_run(run, read_csv(csv_file, marker, time=time, power=power, volts=volts), idle=idle)
    return report_run(out, run)
