"""``spikec compare``: look at a run again, or at two runs side by side."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import NETWORK, PATH, data_option, json_option
from hostctl.cli.output import Output


@click.command("compare")
@click.argument("runs", type=PATH, nargs=-1, required=True, metavar="RUN [OTHER]")
@click.option("--out", "-o", "target", type=PATH, help="Page for two runs [default: comparison.html].")
@click.option("--bisect", is_flag=True, help="Run the device again for the smallest input that still differs.")
@click.option("--network", "-n", type=NETWORK, metavar="NETWORK", help="With --bisect: the run's network.")
@data_option
@click.option("--port", "-p", help="With --bisect: serial port of a real board.")
@click.option("--elf", type=PATH, help="With --bisect: program of an emulated board [default: what the run built].")
@json_option
def command(
    out: Output,
    runs: tuple[Path, ...],
    target: Path | None,
    bisect: bool,
    network: Path | None,
    data: Path | None,
    port: str | None,
    elf: Path | None,
) -> int:
    """Compare a RUN's device with the reference, or two runs over the same samples with each other.

    Exit code 1 when any spike, membrane or answer differs (between runs of one network).
    """
    from hostctl.cli.pipeline import report_run
    from hostctl.cli.smallest import smallest_of_run
    from hostctl.report import compare_runs, comparison_text, write_comparison

    if len(runs) > 2:
        raise click.UsageError("give one run folder, or two")
    if bisect:
        if len(runs) > 1 or network is None:
            raise click.UsageError("--bisect takes one run folder, and its network by --network")
        return smallest_of_run(out, runs[0], network, data=data, port=port, elf=elf)
    if len(runs) == 1:
        return report_run(out, runs[0])
    comparison = compare_runs(*runs)
    page = write_comparison(comparison, target or Path("comparison.html"))
    text = f"{comparison_text(comparison)}\n\nreport      {page}"
    out.result({"report": str(page), "comparison": comparison.to_json()}, text)
    return 0 if comparison.agrees else 1
