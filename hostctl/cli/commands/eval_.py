"""``spikec eval``: how good is a model or a network, after every step?"""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import NETWORK, data_option, json_option, limit_option, seed_option, split_option
from hostctl.cli.output import Output


@click.command("eval")
@click.argument("model", type=NETWORK)
@data_option
@split_option
@limit_option
@seed_option
@json_option
def command(out: Output, model: Path, data: Path | None, split: str, limit: int | None, seed: int) -> None:
    """Accuracy of MODEL on a data set, by the reference simulator.

    MODEL is a .spk network, the name of one in the zoo, or a .pt checkpoint of training.
    """
    from hostctl.cli.pipeline import evaluate_network, load_model

    metrics = evaluate_network(out, load_model(model), data, split=split, limit=limit, seed=seed)
    lines = [
        f"network     {metrics['network']} ({metrics['digest'][:16]})",
        f"samples     {metrics['samples']} ({split})",
    ]
    for head, curve in metrics["accuracy"].items():
        lines.append(f"{head:<12}{curve[-1]:.2%}   by step: " + " ".join(f"{value:.1%}" for value in curve))
    lines.append("synops      " + "  ".join(f"{name} {value:,.0f}" for name, value in metrics["synops"].items()))
    out.result(metrics, "\n".join(lines))
