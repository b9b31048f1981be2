"""``spikec quantize``: from a trained model to the integer network."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import PATH, json_option
from hostctl.cli.output import Output


@click.command("quantize")
@click.argument("checkpoint", type=PATH)
@click.option("--bits", type=click.IntRange(2, 8), help="Bits a weight [default: what it was trained for].")
@click.option("--out", "-o", "target", type=PATH, help="The .spk file [default: beside the checkpoint].")
@json_option
def command(out: Output, checkpoint: Path, bits: int | None, target: Path | None) -> None:
    """Turn the trained CHECKPOINT into an integer network (a .spk file)."""
    from codegen.ir import save
    from hostctl.cli.pipeline import describe_network
    from trainer.quantize import quantize_checkpoint

    network = quantize_checkpoint(checkpoint, bits)
    target = target or checkpoint.with_name(f"{network.name}.spk")
    save(network, target)
    value, text = describe_network(network)
    out.result({"path": str(target), **value}, f"{text}\nwritten     {target}")
