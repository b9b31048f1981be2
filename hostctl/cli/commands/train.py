"""``spikec train``: from a recipe to a trained model."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import PATH, data_option, json_option
from hostctl.cli.output import Output


@click.command("train")
@click.argument("recipe", type=PATH)
@click.option("--out", "-o", "target", type=PATH, help="Folder for checkpoint and log [default: runs/<recipe's name>].")
@data_option
@click.option("--start", type=PATH, help="Begin with the weights of this checkpoint: fine-tuning.")
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in the folder.")
@click.option("--quick", is_flag=True, help="The recipe's short version: minutes instead of hours.")
@click.option(
    "--device", default="cpu", show_default=True, help="cpu, cuda, cuda:1 ... With torchrun, cuda is a GPU each."
)
@click.option("--tensorboard", is_flag=True, help="Write TensorBoard's files, too.")
@json_option
def command(
    out: Output,
    recipe: Path,
    target: Path | None,
    data: Path | None,
    start: Path | None,
    resume: bool,
    quick: bool,
    device: str,
    tensorboard: bool,
) -> None:
    """Train the network that RECIPE describes: a TOML file, or the name of one that comes with spikec (nmnist_ct).

    On several processors, with torchrun: torchrun --standalone --nproc-per-node 2 --no-python spikec train RECIPE
    """
    from hostctl.cli.pipeline import train_recipe
    from trainer.distributed import joined

    with joined(device) as processes:
        result = train_recipe(
            out,
            recipe,
            target,
            data=data,
            resume=resume,
            quick=quick,
            device=device,
            tensorboard=tensorboard,
            start=start,
            processes=processes,
        )
    if not processes.first:
        return
    lines = [f"checkpoint    {result.checkpoint}"]
    lines += [f"{name:<14}{_spell(name, value)}" for name, value in result.metrics.items()]
    lines.append(f"next          spikec quantize {result.checkpoint}")
    out.result({"checkpoint": str(result.checkpoint), "metrics": result.metrics}, "\n".join(lines))


def _spell(name: str, value: float) -> str:
    """Accuracies in percent, other figures with four digits."""
    return f"{value:.2%}" if name.startswith(("test_", "valid_")) else f"{value:.4g}"
