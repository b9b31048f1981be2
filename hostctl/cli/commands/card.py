"""``spikec card``: measure a trained model, and write its network and its model card."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from hostctl.cli.options import PATH, data_option, json_option
from hostctl.cli.output import Output


@click.command("card")
@click.argument("checkpoint", type=PATH)
@data_option
@click.option("--out", "-o", "target", type=PATH, required=True, help="Place and name, as trainer/zoo/mnist-dc-256.")
@click.option("--also", type=PATH, multiple=True, help="Folder with a further test set; may be repeated.")
@click.option("--test-set", multiple=True, help="What is in the folder of --data, then of each --also, in words.")
@click.option("--float", "other", type=PATH, help="A float model of its own, for the column of float accuracies.")
@click.option("--bits", type=click.IntRange(2, 8), help="Bits a weight [default: what it was trained for].")
@click.option("--draws", type=click.IntRange(min=1), default=20, show_default=True, help="Draws of a random coding.")
@click.option("--limit", type=click.IntRange(min=1), help="Use only the first samples; the card says so.")
@click.option("--force", is_flag=True, help="Replace a network of this name.")
@click.option("--task", default="", help="What the network does [default: what its data set is for].")
@click.option("--trained-on", default="", help="What it was trained on [default: the Train split of --data].")
@click.option("--command", "commands", multiple=True, help="Command that trained it, one for each stage.")
@click.option("--machine", default="", help="What machine trained it.")
@click.option("--licence", default="MIT", show_default=True, help="Licence of the weights.")
@click.option("--notes", default="", help="What else a user should know.")
@json_option
def command(out: Output, target: Path, **options: Any) -> None:
    """Quantize the trained CHECKPOINT, measure it on test data, and write the network and its model card.

    Accuracies are those of 'spikec eval' after every step, with seeds 0, 1, ... where the coding is random.
    """
    from codegen.zoo import store
    from hostctl.cli.carding import Request, measured_card
    from hostctl.cli.zoo_text import card_json, card_text

    target = target.with_suffix("") if target.suffix in (".spk", ".json") else target
    network, card = measured_card(out, Request(target=target, **options))
    card = store(network, card, target)
    path = target.with_name(target.name + ".spk")
    out.result(card_json(card, network, path), f"{card_text(card, network)}\n\nwritten       {path}")
