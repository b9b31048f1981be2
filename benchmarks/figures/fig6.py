"""Accuracy against the precision of weights, 1 to 8 bits and float (Yin et al. 2017, Fig. 6), as CSV and plot.

Each width is reached in two ways: by rounding a network that was trained in floats (post-training), and by training a
network on that grid from the start (quantization-aware). All are trained alike: same recipe, seed and epochs.

    python benchmarks/figures/fig6.py --data DATA [--recipe mnist_dc_256] [--epochs 20] [--bits 1 2 3 ...] [--quick]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

from benchmarks.figures import sweep  # noqa: E402
from benchmarks.figures.chart import Chart  # noqa: E402
from codegen.ir import Network  # noqa: E402
from trainer.card import float_answers, float_model  # noqa: E402
from trainer.quantize import quantize_checkpoint  # noqa: E402
from trainer.recipe import Recipe  # noqa: E402

DRAWS = 5
FLOAT, AFTER, AWARE = "float", "post-training", "quantization-aware"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = sweep.options(__doc__)
    parser.add_argument("--recipe", default="mnist_dc_256", help="recipe in recipes/ [mnist_dc_256]")
    parser.add_argument("--epochs", type=int, default=20, help="of each training [20]")
    parser.add_argument("--bits", type=int, nargs="+", default=range(1, 9), help="widths [1 to 8]")
    parser.add_argument("--train-limit", type=int, default=0, help="train on only so many samples [all]")
    found = parser.parse_args(arguments)
    if found.quick:
        found.epochs, found.bits, found.train_limit = 2, [1, 2, 4, 7], 10000
    return found


class Sweep:
    """The trainings and measurements behind the figure."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.runs = chosen.out / "fig6"
        self.parts = sweep.drawn(self.recipe(0), chosen.data, "Test", draws=DRAWS)

    def recipe(self, bits: int) -> Recipe:
        """The recipe of one width; 0 is float. The learning rate falls to its end in all of them."""
        train = {"epochs": self.chosen.epochs, "bits": bits}
        data = {"limit": self.chosen.train_limit}
        source = sweep.ROOT / "recipes" / f"{self.chosen.recipe}.toml"
        return sweep.variant(source, f"{self.chosen.recipe}_{bits or 'float'}", {"train": train, "data": data})

    def rows(self) -> Iterator[sweep.Row]:
        """Every point, as it is known."""
        floats = sweep.trained(self.recipe(0), self.runs, self.chosen.data)
        yield self.float_row(floats)
        for bits in self.chosen.bits:
            yield self.row(AFTER, bits, quantize_checkpoint(floats, bits))
            aware = sweep.trained(self.recipe(bits), self.runs, self.chosen.data)
            yield self.row(AWARE, bits, quantize_checkpoint(aware))

    def float_row(self, checkpoint: Path) -> sweep.Row:
        """The float network's point."""
        network, model = quantize_checkpoint(checkpoint, 8), float_model(checkpoint).model
        found = sweep.Measured()
        for spikes, labels in self.parts():
            found.count(float_answers(network, model, spikes), labels)
            if 0 < self.chosen.limit <= found.samples:
                break
        return self.told(FLOAT, "float", found)

    def row(self, way: str, bits: int, network: Network) -> sweep.Row:
        """The point of one integer network."""
        return self.told(way, bits, sweep.measure(network, self.parts(), self.chosen.limit))

    def told(self, way: str, bits: int | str, found: sweep.Measured) -> sweep.Row:
        """A point as it is written, and said."""
        ends = found.ends()
        sweep.say(f"{self.chosen.recipe}, {way}, {bits}: " + ", ".join(f"{k} {v:.2f} %" for k, v in ends.items()))
        return {"recipe": self.chosen.recipe, "way": way, "bits": bits, "epochs": self.chosen.epochs, **ends}


def chart(rows: Sequence[sweep.Row], name: str) -> Chart:
    """The figure: bits on the x axis, float at its right end."""
    widest = max(row["bits"] for row in rows if row["way"] != FLOAT) + 1
    exact = next(row for row in rows if row["way"] == FLOAT)
    keys = {words: sweep.column(exact, f"_{words.split()[0]}") for words in ("last step", "first step")}
    if exact[keys["first step"]] < exact[keys["last step"]] / 2:  # Neurons that remember have hardly begun.
        del keys["first step"]
    lines = {
        f"{way}, {words}": [
            *((float(row["bits"]), row[key]) for row in rows if row["way"] == way),
            (float(widest), exact[key]),
        ]
        for words, key in keys.items()
        for way in (AWARE, AFTER)
    }
    ticks = {x: f"{x:g}" for points in lines.values() for x, _ in points} | {float(widest): "float"}
    low = min(min(y for _, y in points) for line, points in lines.items() if line.startswith(AWARE))
    dashed = frozenset(line for line in lines if line.startswith(AFTER))
    return Chart(
        f"{name}: accuracy by precision",
        "bits of a weight",
        "right (%)",
        lines,
        dashed=dashed,
        low=low - 0.5,
        x_ticks=ticks,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, write."""
    chosen = parse(arguments)
    rows = list(Sweep(chosen).rows())
    sweep.write(chosen.out, f"fig6_{chosen.recipe}", rows, chart(rows, chosen.recipe))


if __name__ == "__main__":
    sys.exit(sweep.guarded(main))
