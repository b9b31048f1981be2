"""Accuracy against synaptic operations: networks trained with more and more of a penalty on activity, as CSV and plot.

``[train] penalty`` weighs the synaptic operations behind the first layer in the loss. All points are trained alike, on
the training split without what is held out; the knee is chosen on what is held out, the test split only reported: the
strongest penalty that costs at most 0.2 points of the unpenalised network's accuracy.

    python benchmarks/figures/pareto.py --data DATA [--recipe mnist_dc_256] [--epochs 20] [--penalties 0 0.1 ...]

To choose a penalty and nothing else: ``--no-test`` does not report the test split. ``--start`` fine-tunes a checkpoint,
which must not have seen what is held out either; ``--draws`` averages a random coding of what is held out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

from benchmarks.figures import sweep  # noqa: E402
from benchmarks.figures.chart import Chart  # noqa: E402
from benchmarks.figures.draws import right  # noqa: E402
from codegen.ir import Network  # noqa: E402
from trainer.batches import training_set  # noqa: E402
from trainer.datasets.images import load_images  # noqa: E402
from trainer.quantize import quantize_checkpoint  # noqa: E402
from trainer.recipe import IMAGE_SETS, Recipe  # noqa: E402

PENALTIES = (0.0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.8)
ALLOWED = 0.2
"""Points of held-out accuracy that sparsity may cost."""
HOLD_OUT = {"mnist": 10000, "fashion-mnist": 10000, "nmnist": 150, "nmnist-simulated": 10000}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = sweep.options(__doc__)
    parser.add_argument("--recipe", default="mnist_dc_256", help="recipe in recipes/ [mnist_dc_256]")
    parser.add_argument("--epochs", type=int, default=20, help="of each training [20]")
    parser.add_argument("--penalties", type=float, nargs="+", default=PENALTIES, help="weights of the operations")
    parser.add_argument("--train-limit", type=int, default=0, help="train on only so many samples [all]")
    parser.add_argument("--hold-out", type=int, default=0, help="training samples to choose by [a sixth or more]")
    parser.add_argument("--start", type=Path, help="checkpoint that every training begins with [none]")
    parser.add_argument("--draws", type=int, default=1, help="Bernoulli draws of what is held out [1]")
    parser.add_argument("--allowed", type=float, default=ALLOWED, help=f"points that the knee may cost [{ALLOWED}]")
    parser.add_argument("--no-test", action="store_true", help="do not measure the test split")
    found = parser.parse_args(arguments)
    if found.quick:
        found.epochs, found.penalties, found.train_limit = 2, [0.0, 0.1, 0.4], 10000
    return found


class Sweep:
    """The trainings and measurements behind the curve."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.source = sweep.ROOT / "recipes" / f"{chosen.recipe}.toml"
        first = self.recipe(0.0)
        self.held_out = training_set(first, chosen.data).held_out
        self.valid = sweep.drawn(first, chosen.data, "Train", chosen=self.held_out)
        self.test = sweep.drawn(first, chosen.data, "Test")

    def recipe(self, penalty: float) -> Recipe:
        """The recipe of one point."""
        chosen = self.chosen
        kind = sweep.variant(self.source, "kind", {}).data.kind
        data = {"limit": chosen.train_limit, "hold_out": chosen.hold_out or HOLD_OUT[kind]}
        name = f"{chosen.recipe}_{penalty:g}".replace(".", "_").replace("-", "m")
        return sweep.variant(self.source, name, {"data": data, "train": {"epochs": chosen.epochs, "penalty": penalty}})

    def rows(self) -> Iterator[sweep.Row]:
        """Every point, as it is known."""
        for penalty in self.chosen.penalties:
            chosen = self.chosen
            folder = chosen.out / "pareto"
            network = quantize_checkpoint(sweep.trained(self.recipe(penalty), folder, chosen.data, chosen.start))
            held_out = sweep.measure(network, self.valid(), chosen.limit)
            first, *behind = held_out.operations()
            test = {} if chosen.no_test else sweep.measure(network, self.test(), chosen.limit).ends()
            row: sweep.Row = {
                "recipe": chosen.recipe,
                "penalty": penalty,
                "epochs": chosen.epochs,
                **{f"held_out_{end}": value for end, value in self.averaged(network, held_out).items()},
                **{f"test_{end}": value for end, value in test.items()},
                "synops_first_layer": first,
                "synops_behind": sum(behind),
                "synops": first + sum(behind),
            }
            sweep.say(", ".join(f"{key} {value}" for key, value in row.items()))
            yield row

    def averaged(self, network: Network, first: sweep.Measured) -> dict[str, float]:
        """Accuracy on what is held out after the first step and the last, over all draws; ``first`` is one draw."""
        draws, chosen = self.chosen.draws, self.held_out[: self.chosen.limit or None]
        if draws == 1:
            return first.ends()
        images = load_images(self.chosen.data, "Train", IMAGE_SETS[self.recipe(0.0).data.kind])
        curves = [right(network, images, chosen, network.steps, draw) for draw in range(draws)]
        per_cent = 100 * sum(curves) / (draws * len(chosen))
        return {f"{images.head}_first": float(per_cent[0]), f"{images.head}_last": float(per_cent[-1])}


def knee(rows: Sequence[sweep.Row], allowed: float = ALLOWED) -> sweep.Row:
    """The point with the fewest operations that costs no head more than what is allowed, on what was held out.

    The first row is the unpenalised network.
    """
    heads = [key for key in rows[0] if key.startswith("held_out_") and key.endswith("_last")]
    good = [row for row in rows if all(row[key] >= rows[0][key] - allowed for key in heads)]
    return min(good, key=lambda row: row["synops_behind"])


def columns(row: sweep.Row) -> dict[str, str]:
    """The first head's accuracies after the last step."""
    starts = (("test", "test_"), ("held out", "held_out_"))
    found = {words: [key for key in row if key.startswith(start) and key.endswith("_last")] for words, start in starts}
    return {words: keys[0] for words, keys in found.items() if keys}


def chart(rows: Sequence[sweep.Row], name: str) -> Chart:
    """The figure: operations behind the first layer against accuracy."""
    lines = {
        words: [(row["synops_behind"] / 1000, row[key]) for row in rows] for words, key in columns(rows[0]).items()
    }
    ticks = {rounded: f"{rounded:g}" for x, _ in lines["held out"] if (rounded := round(x, 1)) == rounded}
    title = f"{name}: accuracy by synaptic operations"
    label = "synaptic operations behind the first layer, of an inference (thousands)"
    return Chart(title, label, "right (%)", lines, x_scale="log", dashed=frozenset({"held out"}), x_ticks=ticks)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, write, and name the knee."""
    chosen = parse(arguments)
    rows = list(Sweep(chosen).rows())
    best, plain = knee(rows, chosen.allowed), rows[0]
    sweep.write(chosen.out, f"pareto_{chosen.recipe}", rows, chart(rows, chosen.recipe))
    print(f"knee: penalty {best['penalty']:g}")
    for key in columns(plain).values():
        print(f"  {key}: {plain[key]:.2f} % without, {best[key]:.2f} % with")
    for key in ("synops_behind", "synops"):
        print(f"  {key}: {plain[key]:,.0f} without, {best[key]:,.0f} with: {plain[key] / best[key]:.2f} times fewer")


if __name__ == "__main__":
    sys.exit(sweep.guarded(main))
