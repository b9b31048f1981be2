"""``spikec explore``: which hardware of a network is the fastest that fits a board."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from hostctl.cli.options import (
    PATH,
    board_option,
    data_option,
    json_option,
    network_option,
    seed_option,
    split_option,
)
from hostctl.cli.output import Output


@click.command("explore")
@network_option
@board_option
@data_option
@split_option
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Samples to simulate.")
@seed_option
@click.option(
    "--lanes",
    type=click.IntRange(min=1),
    multiple=True,
    help="Try so many neurons at once; may be repeated.  [default: divisors of the widest layer, halving]",
)
@click.option(
    "--banks",
    type=click.Choice(["1", "2", "4", "8"]),
    multiple=True,
    help="Try so many spikes a cycle; may be repeated.  [default: all]",
)
@click.option("--synthesise", is_flag=True, help="Take areas from Yosys, minutes a design, not from the estimate.")
@click.option("--out", "-o", "target", type=PATH, help="Folder for the results [default: <network>-<board>.explore].")
@json_option
def command(
    out: Output,
    network: Path,
    board: str,
    data: Path | None,
    split: str,
    limit: int,
    seed: int,
    lanes: tuple[int, ...],
    banks: tuple[str, ...],
    synthesise: bool,
    target: Path | None,
) -> int:
    """Try designs of a network's hardware: how much of a board's chip each takes, and how many cycles a sample.

    Areas are estimated (or found by synthesis); cycles are simulated with the design's own Verilog, and every spike
    count is compared with the reference. The fastest design that fits is named with the command that builds it; all are
    in explore.csv, and explore.svg plots them. Exit code 1: none fits, or a sample differed. docs/fpga.md tells more.
    """
    from codegen.board import load_board
    from codegen.ir import load
    from hostctl.cli import explored, exploring
    from hostctl.cli.pipeline import data_folder
    from hostctl.fpga import verilator
    from hostctl.samples import load_samples

    net, description = load(network), load_board(board)
    exploring.require_chip(description)
    verilator.check_tools()
    designs = list(exploring.candidates(net, description, lanes, [int(number) for number in banks]))
    samples = load_samples(net, data_folder(out, data), split=split, limit=limit, seed=seed)
    folder = explored.make_folder(target or Path(f"{net.name}-{board}.explore"))
    kind = exploring.SYNTHESISED if synthesise else exploring.ESTIMATED

    area = partial(exploring.synthesised, out) if synthesise else exploring.estimated
    sized = exploring.sized(designs, description, partial(area, net, description))
    points = exploring.measure_all(out, net, sized, samples)
    files = explored.write_results(net, description, points, folder, kind=kind)
    value, text = explored.conclusion(network, net, description, points, len(samples), kind=kind)
    lines = [text, *(f"{name:<12}{path}" for name, path in files.items())]
    out.result(value | {name: str(path) for name, path in files.items()}, "\n".join(lines))
    return 0 if value["chosen"] is not None and not value["different"] else 1
