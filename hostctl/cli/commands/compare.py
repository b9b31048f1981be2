"""``spikec compare``: look at a run again, or at two runs side by side."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import PATH, json_option
from hostctl.cli.output import Output


@click.command("compare")
@click.argument("runs", type=PATH, nargs=-1, required=True, metavar="RUN [OTHER]")
@click.option("--out", "-o", "target", type=PATH, help="Page for two runs [default: comparison.html].")
@json_option
def command(out: Output, runs: tuple[Path, ...], target: Path | None) -> int:
    """Compare a RUN's device with the reference, or two runs of one network with each other.

    Exit code 1 when any spike, membrane or answer differs.
    """
    from hostctl.cli.pipeline import report_run
    from hostctl.report import compare_runs, comparison_text, write_comparison

    if len(runs) > 2:
        raise click.UsageError("give one run folder, or two")
    if len(runs) == 1:
        return report_run(out, runs[0])
    comparison = compare_runs(*runs)
    page = write_comparison(comparison, target or Path("comparison.html"))
    text = f"{comparison_text(comparison)}\n\nreport      {page}"
    out.result({"report": str(page), "comparison": comparison.to_json()}, text)
    return 1 if comparison.differing else 0
