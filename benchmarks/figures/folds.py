"""Cross-validation of a recipe that fine-tunes on few real N-MNIST recordings, for one penalty or several: CSV.

Every fold keeps other recordings out, and its network is measured on those, and on simulated recordings of the same
images, by cameras of several seeds: the checkpoint that it starts from must have seen neither. The recipes' simulated
training data leaves those images out. The test split is not measured here.

    python benchmarks/figures/folds.py --data DATA --recipe nmnist_ct_256 --penalty 0.1 --start MODEL.pt
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.figures import sweep  # noqa: E402
from codegen.ir import EventBinning, fail  # noqa: E402
from trainer.batches import training_set  # noqa: E402
from trainer.datasets.frames import frames  # noqa: E402
from trainer.datasets.simulated import simulated_frames  # noqa: E402
from trainer.quantize import quantize_checkpoint  # noqa: E402
from trainer.recipe import Recipe  # noqa: E402


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = sweep.options(__doc__)
    parser.add_argument("--recipe", default="nmnist_ct_256", help="recipe in recipes/ [nmnist_ct_256]")
    parser.add_argument("--start", type=Path, help="checkpoint that every fold begins with [none]")
    parser.add_argument("--penalty", type=float, help="weight of the operations [the recipe's]")
    parser.add_argument("--folds", type=int, default=5, help="parts of the recordings [5]")
    parser.add_argument("--seeds", type=int, default=5, help="cameras that see the images held out [5]")
    found = parser.parse_args(arguments)
    if found.quick:
        found.folds, found.seeds = 2, 1
    return found


class Folds:
    """One training for each fold, and its measurements."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.source = sweep.ROOT / "recipes" / f"{chosen.recipe}.toml"
        own = sweep.variant(self.source, chosen.recipe, {})
        encoding = own.encoding
        if own.data.kind != "nmnist" or not isinstance(encoding, EventBinning):
            raise fail("--recipe", f"'{chosen.recipe}' trains on {own.data.kind}", "Give one of real recordings")
        self.penalty = own.train.penalty if chosen.penalty is None else chosen.penalty
        real = frames(chosen.data, "Train", encoding, own.network.steps)
        self.images = np.array([int(Path(name).stem) - 1 for name in real.ids])
        self.cameras = [
            simulated_frames(
                chosen.data,
                "Train",
                encoding,
                own.network.steps,
                reverse=own.data.reverse,
                last=int(self.images.max()) + 1,
                seed=seed,
            )
            for seed in range(chosen.seeds)
        ]

    def recipe(self, fold: int) -> Recipe:
        """The recipe of one fold."""
        name = f"{self.chosen.recipe}_{self.penalty:g}_fold{fold}".replace(".", "_")
        train: dict[str, object] = {"penalty": self.penalty}
        if self.chosen.quick:
            train["epochs"] = 1
        out = len(self.images) // self.chosen.folds
        return sweep.variant(self.source, name, {"data": {"hold_out": out, "fold": fold}, "train": train})

    def rows(self) -> Iterator[sweep.Row]:
        """Every fold, as it is known."""
        for fold in range(self.chosen.folds):
            recipe, data = self.recipe(fold), self.chosen.data
            network = quantize_checkpoint(
                sweep.trained(recipe, self.chosen.out / "folds" / _tag(self.chosen.start), data, self.chosen.start)
            )
            training = training_set(recipe, data)
            held_out = training.held_out
            real = sweep.measure(network, sweep.drawn(recipe, data, "Train", chosen=held_out)())
            images = self.images[np.unique(held_out % training.samples.originals)]
            simulated = sweep.measure(network, self._simulated(images))
            row = {"recipe": self.chosen.recipe, "penalty": self.penalty, "fold": fold, "recordings": len(images)}
            row |= {f"real_{head}": float(real.accuracy(head)[-1]) for head in real.right}
            row |= {f"simulated_{head}": float(simulated.accuracy(head)[-1]) for head in simulated.right}
            row |= {"synops_behind": sum(real.operations()[1:]), "synops": sum(real.operations())}
            sweep.say(", ".join(f"{key} {value}" for key, value in row.items()))
            yield row

    def _simulated(self, images: NDArray[np.int64]) -> Iterator[sweep.Part]:
        """What each camera makes of these images, forwards and, if the recipe asks for it, backwards."""
        for seen in self.cameras:
            count = len(seen.packed)
            numbers = np.concatenate([images + way * count for way in range(len(seen) // count)])
            spikes = seen.unpack(numbers) > 0
            yield spikes, {head: labels[numbers] for head, labels in seen.labels.items()}


def _tag(start: Path | None) -> str:
    """A folder for the trainings of one start."""
    return "new" if start is None else start.resolve().parent.name


def main(arguments: Sequence[str] | None = None) -> None:
    """Train and measure all folds, write, and print the means."""
    chosen = parse(arguments)
    work = Folds(chosen)
    rows = list(work.rows())
    name = f"folds_{chosen.recipe}_{work.penalty:g}".replace(".", "_")
    sweep.table(chosen.out / f"{name}.csv", rows)
    print(f"{chosen.out / name}.csv")
    for key in (key for key in rows[0] if key.startswith(("real_", "simulated_", "synops"))):
        values = [row[key] for row in rows]
        unit, digits = ("", 0) if key.startswith("synops") else (" %", 2)
        print(f"{key}: {np.mean(values):,.{digits}f}{unit} ({min(values):,.{digits}f} to {max(values):,.{digits}f})")


if __name__ == "__main__":
    sys.exit(sweep.guarded(main))
