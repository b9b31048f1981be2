"""``spikec tune``: which format of each layer's weights is fastest on a board, by measuring them all."""

from __future__ import annotations

from pathlib import Path

import click

from hostctl.cli.options import (
    PATH,
    board_option,
    data_option,
    fast_option,
    json_option,
    network_option,
    port_option,
    seed_option,
    split_option,
)
from hostctl.cli.output import Output


@click.command("tune")
@network_option
@board_option
@data_option
@split_option
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Samples to measure on.")
@seed_option
@port_option
@fast_option
@click.option("--out", "-o", "target", type=PATH, help="The file to write [default: <network>-<board>.tuning.json].")
@click.option("--offline", is_flag=True, help="Never ask PlatformIO's registry, even where it can be reached.")
@json_option
def command(
    out: Output,
    network: Path,
    board: str,
    data: Path | None,
    split: str,
    limit: int,
    seed: int,
    port: str | None,
    fast: tuple[str, ...],
    target: Path | None,
    offline: bool,
) -> int:
    """Measure every format of every layer's weights on a board, and write down the fastest that fit.

    Give the file to generate, build and run as --tuning; it brings the layers of --fast with it. Every spike count is
    compared with the reference, too.
    """
    import tempfile

    from codegen.board import load_board
    from codegen.ir import load
    from codegen.passes.fast import fast_layers
    from codegen.passes.formats import choose
    from hostctl.cli.hardware import require_cpu
    from hostctl.cli.pipeline import data_folder, require_port
    from hostctl.cli.tuning import Bench, describe, tune
    from hostctl.samples import load_samples

    net, description = load(network), load_board(board)
    require_cpu(description, "spikec tune", "There is nothing to tune: an FPGA's memories are as wide as the weights")
    in_fast = fast_layers(net, fast, description)
    require_port(description, port)
    samples = load_samples(net, data_folder(out, data), split=split, limit=limit, seed=seed)
    with tempfile.TemporaryDirectory(prefix="spikec-tune-") as folder:
        tuning, different = tune(Bench(out, net, description, samples, Path(folder), port, offline, in_fast))
    target = target or Path(f"{net.name}-{board}.tuning.json")
    tuning.save(target)
    usual = choose(net, description, in_fast)
    text = f"{describe(tuning, usual)}\n\ntuning      {target}"
    if different:
        text += f"\n{different} of the inferences differ from the reference: do not trust this board's build"
    out.result({"tuning": str(target), "formats": tuning.formats, "usual": usual, "different": different}, text)
    return 1 if different else 0
