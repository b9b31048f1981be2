"""Accuracy of a network without memory after many steps, over many Bernoulli draws: CSV.

A draw is a seed: every image is coded anew for all of its steps, and the answer after k steps is that of the first k,
as ``spikec eval`` gives it. The compiled loops of ``benchmarks.figures.frames`` do the work; the first images of each
draw also go through the reference simulator, and one spike that differs ends it all with exit code 1. A draw that has
been measured is kept in a file and not measured again.

    python benchmarks/figures/draws.py --data DATA [--network mnist-dc-conv] [--steps 256] [--draws 20]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.figures import sweep  # noqa: E402
from benchmarks.figures.frames import Frames  # noqa: E402
from codegen.ir import Network, SpikeFrames, answers, fail, simulate_batch  # noqa: E402
from trainer.datasets.images import ImageSet, load_images  # noqa: E402

CHUNK = 50
"""Images that are coded at a time."""
CHECKED = 20
"""Images of each draw that the reference simulator runs, too."""


class DifferenceError(Exception):
    """Compiled loops and reference simulator disagree."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = sweep.options(__doc__)
    parser.add_argument("--network", default="mnist-dc-conv", help="name in the zoo, .spk or .pt [mnist-dc-conv]")
    parser.add_argument("--steps", type=int, default=256, help="steps of a draw [256]")
    parser.add_argument("--draws", type=int, default=20, help="draws: seeds 0, 1, ... [20]")
    found = parser.parse_args(arguments)
    if found.quick:
        found.steps, found.draws, found.limit = 64, 3, found.limit or 200
    return found


def right(
    network: Network, images: ImageSet, numbers: NDArray[np.integer], steps: int, draw: int, *, checked: int = CHECKED
) -> NDArray[np.int64]:
    """How many of the images with these ``numbers`` are read right after each step of a draw: int64 (steps,).

    ``checked``: so many images also go through the reference simulator. Raises DifferenceError when a spike does, and
    SpikecError for a network with memory over its steps, or one of events.
    """
    if not isinstance(network.encoding, SpikeFrames):
        raise fail(f"network '{network.name}'", "takes events", "Give one that takes images")
    if network.readout == "membrane":
        raise fail(f"network '{network.name}'", "is read by its membranes", "Give one that is read by its spikes")
    frames, found = Frames(network), np.zeros(steps, np.int64)
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        spikes = images.fixed_spikes(network.encoding, steps, draw, part)
        fired = frames.run(spikes.reshape(-1, network.in_size)).reshape(len(part), steps, -1)
        few = spikes[: max(0, checked - start)]
        if len(few) and (simulate_batch(replace(network, steps=steps), few).spikes != fired[: len(few)]).any():
            raise DifferenceError(f"draw {draw}: spikes differ from the reference simulator's, which is a bug")
        found += (answers(network, fired, fired)[images.head] == images.classes[part, None]).sum(axis=0)
    return found


def measured(network: Network, images: ImageSet, steps: int, draw: int, folder: Path) -> NDArray[np.int64]:
    """What ``right`` says of all images, from its file if there is one."""
    path = folder / f"{network.digest[:16]}-{len(images)}-{steps}-{draw}.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(right(network, images, np.arange(len(images)), steps, draw).tolist()))
    return np.array(json.loads(path.read_text()), np.int64)


def rows(network: Network, per_cent: NDArray[np.float64]) -> list[sweep.Row]:
    """One row for each power of two of ``per_cent`` (draws, steps): mean and standard deviation, lowest and highest."""
    found: list[sweep.Row] = []
    for step in (1 << i for i in range(per_cent.shape[1].bit_length())):
        after = per_cent[:, step - 1]
        spread = float(after.std(ddof=1)) if len(after) > 1 else ""
        ends = {"lowest": float(after.min()), "highest": float(after.max())}
        words = {"network": network.name, "draws": len(after), "steps": step}
        found.append(words | {"accuracy": float(after.mean()), "std": spread} | ends)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all draws, write after each, and print."""
    chosen = parse(arguments)
    network = sweep.open_network(chosen.network)
    images = load_images(chosen.data, "Test", network.annotations.get("dataset", "MNIST"))
    images = ImageSet(images.images[: chosen.limit or None], images.classes[: chosen.limit or None], images.head)
    curves = []
    for draw in range(chosen.draws):
        try:
            curves.append(100 * measured(network, images, chosen.steps, draw, chosen.out / "draws") / len(images))
        except DifferenceError as error:
            print(error, file=sys.stderr)
            return 1
        table = rows(network, np.stack(curves))
        sweep.table(chosen.out / f"draws_{network.name}.csv", table)
        sweep.say(
            f"{network.name}: draw {draw + 1} of {chosen.draws}, {curves[-1][-1]:.2f} % after {chosen.steps} steps"
        )
    for row in table:
        spread = f" +- {row['std']:.3f}" if row["std"] != "" else ""
        ends = f"{row['lowest']:.2f} to {row['highest']:.2f}"
        print(f"{row['steps']:4} steps: {row['accuracy']:.3f}{spread} % ({ends}, {row['draws']} draws)")
    return 0


if __name__ == "__main__":
    sys.exit(sweep.guarded(main))
