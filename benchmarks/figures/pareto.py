"""Accuracy against synaptic operations: networks trained with more and more of a penalty on activity, as CSV and plot.

``[train] penalty`` weighs the synaptic operations behind the first layer in the loss. All points are trained alike, on
the training split without what is held out; the knee is chosen on what is held out, the test split only reported: the
strongest penalty that costs at most 0.2 points of the unpenalised network's accuracy.

    python benchmarks/figures/pareto.py --data DATA [--recipe mnist_dc_256] [--epochs 20] [--penalties 0 0.1 ...]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

from benchmarks.figures import sweep  # noqa: E402
from benchmarks.figures.chart import Chart  # noqa: E402
from trainer.batches import training_set  # noqa: E402
from trainer.quantize import quantize_checkpoint  # noqa: E402
from trainer.recipe import Recipe  # noqa: E402

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
            checkpoint = sweep.trained(self.recipe(penalty), self.chosen.out / "pareto", self.chosen.data)
            network = quantize_checkpoint(checkpoint)
            held_out = sweep.measure(network, self.valid(), self.chosen.limit)
            test = sweep.measure(network, self.test(), self.chosen.limit)
            first, *behind = held_out.operations()
            row: sweep.Row = {
                "recipe": self.chosen.recipe,
                "penalty": penalty,
                "epochs": self.chosen.epochs,
                **{f"held_out_{end}": value for end, value in held_out.ends().items()},
                **{f"test_{end}": value for end, value in test.ends().items()},
                "synops_first_layer": first,
                "synops_behind": sum(behind),
                "synops": first + sum(behind),
            }
            sweep.say(", ".join(f"{key} {value}" for key, value in row.items()))
            yield row


def knee(rows: Sequence[sweep.Row]) -> sweep.Row:
    """The point with the fewest operations that costs no head more than what is allowed, on what was held out.

    The first row is the unpenalised network.
    """
    heads = [key for key in rows[0] if key.startswith("held_out_") and key.endswith("_last")]
    good = [row for row in rows if all(row[key] >= rows[0][key] - ALLOWED for key in heads)]
    return min(good, key=lambda row: row["synops_behind"])


def columns(row: sweep.Row) -> dict[str, str]:
    """The first head's accuracies after the last step."""
    return {words: sweep.column(row, "_last", start) for words, start in (("test", "test_"), ("held out", "held_out_"))}


def chart(rows: Sequence[sweep.Row], name: str) -> Chart:
    """The figure: operations behind the first layer against accuracy."""
    lines = {
        words: [(row["synops_behind"] / 1000, row[key]) for row in rows] for words, key in columns(rows[0]).items()
    }
    ticks = {rounded: f"{rounded:g}" for x, _ in lines["test"] if (rounded := round(x, 1)) == rounded}
    title = f"{name}: accuracy by synaptic operations"
    label = "synaptic operations behind the first layer, of an inference (thousands)"
    return Chart(title, label, "right (%)", lines, x_scale="log", dashed=frozenset({"held out"}), x_ticks=ticks)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, write, and name the knee."""
    chosen = parse(arguments)
    rows = list(Sweep(chosen).rows())
    best, plain = knee(rows), rows[0]
    sweep.write(chosen.out, f"pareto_{chosen.recipe}", rows, chart(rows, chosen.recipe))
    print(f"knee: penalty {best['penalty']:g}")
    for key in columns(plain).values():
        print(f"  {key}: {plain[key]:.2f} % without, {best[key]:.2f} % with")
    for key in ("synops_behind", "synops"):
        print(f"  {key}: {plain[key]:,.0f} without, {best[key]:,.0f} with: {plain[key] / best[key]:.2f} times fewer")


if __name__ == "__main__":
    sys.exit(sweep.guarded(main))
