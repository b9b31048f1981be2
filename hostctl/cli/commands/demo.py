"""``spikec demo``: the main job on the embedded data, from training to the report."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.job import Job
from hostctl.cli.options import PATH, json_option
from hostctl.cli.output import Output


@click.command("demo")
@click.option("--board", "-b", default="mps2_an386", show_default=True, help="The board to run on.")
@click.option(
    "--out", "-o", "folder", type=PATH, default=Path("runs/demo"), show_default=True, help="Folder for it all."
)
@click.option("--limit", type=click.IntRange(min=1), help="Stream at most this many test recordings.")
@click.option("--quick", is_flag=True, help="Train for a few seconds only: less accurate, as exact.")
@click.option("--trace", is_flag=True, help="Compare every spike and membrane of every layer and step (slower).")
@json_option
def command(out: Output, board: str, folder: Path, limit: int | None, quick: bool, trace: bool) -> int:
    """Train a small network on the embedded digits, make firmware of it, run that, and compare every spike."""
    from codegen.ir import save
    from codegen.resources import folder as resources
    from hostctl.cli.pipeline import describe_network, run_job, train_recipe, usable_board
    from trainer.quantize import quantize_checkpoint

    description = usable_board(out, board)
    recipe = resources("recipes") / "digits_ct.toml"
    trained = train_recipe(out, recipe, folder, data=None, resume=False, quick=quick)
    network = quantize_checkpoint(trained.checkpoint)
    path = folder / f"{network.name}.spk"
    save(network, path)
    out.note(describe_network(network)[1])
    job = Job(network, path, description, folder / description.id, limit=limit, trace=trace, force=True)
    return run_job(out, job)
