"""``spikec data``: make the embedded data set, simulate recordings of MNIST, or look at a folder of recordings."""

from __future__ import annotations

from pathlib import Path

import click

from codegen.ir.recordings import SPLITS
from hostctl.cli.options import (
    PATH,
    data_option,
    force_option,
    json_option,
    limit_option,
    network_option,
    seed_option,
    split_option,
)
from hostctl.cli.output import Output


@click.group("data")
def command() -> None:
    """Data sets: make the embedded one, simulate one, look at one."""


@command.command("digits")
@click.option("--out", "-o", "target", type=PATH, help="Folder [default: the cache folder, made once].")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the simulated camera.")
@json_option
def digits(out: Output, target: Path | None, seed: int) -> None:
    """Make the embedded data: handwritten digits seen by a simulated event camera, as N-MNIST files."""
    from hostctl.cli.pipeline import digits_folder

    folder = digits_folder(out, target, seed)
    out.result({"folder": str(folder)}, str(folder))


@command.command("simulate")
@click.option("--data", "-d", type=PATH, required=True, help="Folder with MNIST/raw: the original files.")
@click.option("--out", "-o", "target", type=PATH, required=True, help="Folder that the recordings go into.")
@split_option
@click.option("--first", type=click.IntRange(min=0), default=0, show_default=True, help="First image, from 0.")
@limit_option
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the simulated camera.")
@json_option
def simulate(out: Output, data: Path, target: Path, split: str, first: int, limit: int | None, seed: int) -> None:
    """Show MNIST to the simulated event camera, and write the recordings as N-MNIST files."""
    from trainer.datasets.simulated import write_recordings

    last = None if limit is None else first + limit
    with out.progress("simulating the event camera") as advance:
        write_recordings(data, target, split, first=first, last=last, seed=seed, progress=advance)
    count = sum(1 for _ in (target / split).glob("[0-9]/*.bin"))
    out.result({"folder": str(target), "split": split, "recordings": count}, f"{target}: {count} recordings")


@command.command("nmnist")
@click.option("--out", "-o", "target", type=PATH, required=True, help="Folder that NMNIST/ goes into.")
@json_option
def nmnist(out: Output, target: Path) -> None:
    """Download the full N-MNIST (about 1 GB) with tonic; what is there already is kept."""
    from trainer.datasets.nmnist import load

    found = {}
    for split in SPLITS:
        out.note(f"looking for N-MNIST's {split} recordings in {target}; downloading them if there are none")
        found[split] = len(load(target, split, download=True))
    text = "\n".join(f"{split:<6} {count} recordings" for split, count in found.items())
    out.result({"folder": str(target), "recordings": found}, text)


@command.command("mlperf_tiny")
@network_option
@data_option
@split_option
@limit_option
@seed_option
@click.option("--out", "-o", "target", type=PATH, required=True, help="Folder that the files go into.")
@force_option
@json_option
def mlperf_tiny(
    out: Output, network: Path, data: Path | None, split: str, limit: int | None, seed: int, target: Path, force: bool
) -> None:
    """Write samples as files that MLPerf Tiny's runner loads, with their labels in y_labels.csv."""
    from codegen.ir import load
    from hostctl.cli.pipeline import data_folder
    from hostctl.mlperf_tiny import write_samples
    from hostctl.samples import load_samples

    net = load(network)
    samples = load_samples(net, data_folder(out, data), split=split, limit=limit, seed=seed)
    count = write_samples(net, samples, target, force=force)
    out.result({"folder": str(target), "samples": count}, f"{target}: {count} samples and y_labels.csv")


@command.command("show")
@click.argument("folder", type=PATH)
@json_option
def show(out: Output, folder: Path) -> None:
    """Check every recording of a FOLDER in N-MNIST's layout, and say what is in it."""
    from codegen.ir import Problem, SpikecError, read_nmnist
    from codegen.ir.recordings import data_root, find_recordings

    root = data_root(folder)
    lines, value, problems = [], {}, list[Problem]()
    for split in SPLITS:
        if not (root / split).is_dir():
            continue
        recordings = find_recordings(folder, split)
        events = 0
        for recording in recordings:
            try:
                events += len(read_nmnist(recording.path))
            except SpikecError as error:
                problems += error.problems
        digits = [sum(recording.label == digit for recording in recordings) for digit in range(10)]
        value[split] = {"recordings": len(recordings), "events": events, "by_digit": digits}
        lines.append(
            f"{split:<6} {len(recordings)} recordings, {events / len(recordings):.0f} events each; by digit {digits}"
        )
    if problems:
        raise SpikecError(problems)
    out.result({"folder": str(root), **value}, "\n".join(lines))
