"""MNIST accuracy against time steps, directly trained and converted from ANNs (Yin et al. 2017, Fig. 2): CSV and plot.

SNN-DC networks start anew in every step, so one long run holds many draws of every shorter one: all of them count. The
baseline is an ANN of the same layers, converted after Rueckauer et al. (``trainer.convert``: 99.9th percentile, reset
by subtraction, Bernoulli input, 8 bits), read in two ways: by the outputs' spikes, and by the sums that they have
integrated, which are the better answer after few steps. The ratios say how many times more steps the converted network
takes to be as good as the direct one is.

    python benchmarks/figures/fig2.py --data DATA [--network mnist-dc-256 ...] [--ann mnist_dc_256 ...] [--quick]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from benchmarks.figures import sweep  # noqa: E402
from benchmarks.figures.chart import Chart  # noqa: E402
from benchmarks.figures.frames import Frames  # noqa: E402
from codegen.ir import Network, SpikeFrames  # noqa: E402
from trainer.convert import Stage, convert, integer_network, simulate  # noqa: E402
from trainer.datasets.images import ImageSet, load_images  # noqa: E402
from trainer.recipe import Recipe  # noqa: E402
from trainer.relu import WHITE, ReluNetwork, train_relu  # noqa: E402

NETWORKS = ("mnist-dc-256", "mnist-dc-1024", "mnist-dc-conv")
ANNS = ("mnist_dc_256", "mnist_dc_1024", "mnist_dc_conv")
NORMALISED_ON = 1000
"""Training images that the converted weights are normalised on."""
CELLS = 1 << 24
"""Values of a layer, over all steps, that are held at a time."""
WITHIN = (1.0, 0.5, 0.2, 0.1)
"""Points below its own last accuracy, at which a network is asked how many steps it took."""
OWN = "its own last, less"
Curve = NDArray[np.float64]
"""Per cent of right answers after 1, 2, 3, ... steps."""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = sweep.options(__doc__)
    parser.add_argument("--network", nargs="*", default=NETWORKS, help="direct ones: zoo, .spk, .pt [the zoo's three]")
    parser.add_argument("--ann", nargs="*", default=ANNS, help="recipes whose layers ANNs are trained with")
    parser.add_argument("--epochs", type=int, default=20, help="of each ANN's training [20]")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="of each ANN's training [0.001]")
    parser.add_argument("--steps", type=int, default=256, help="longest run, a power of two [256]")
    parser.add_argument("--draws", type=int, default=1, help="Bernoulli draws of the converted networks [1]")
    parser.add_argument("--train-limit", type=int, default=0, help="train on only so many images [all]")
    found = parser.parse_args(arguments)
    if found.quick:
        found.epochs, found.steps, found.train_limit, found.limit = 2, 64, 10000, found.limit or 1000
        found.network, found.ann = found.network[:1], found.ann[:1]
    return found


# ---- networks that were trained as they are --------------------------------------------------------------------------


def direct(network: Network, images: ImageSet, steps: int) -> Mapping[int, float]:
    """Accuracy by number of steps (powers of two), over all draws that a run of ``steps`` steps holds."""
    frames = Frames(network)
    assert isinstance(network.encoding, SpikeFrames)
    numbers = np.arange(len(images))
    right: dict[int, list[float]] = {}
    for start in range(0, len(images), 100):
        part = numbers[start : start + 100]
        spikes = images.fixed_spikes(network.encoding, steps, 0, part).reshape(-1, network.in_size)
        fired = frames.run(spikes).reshape(len(part), steps, -1)
        for length in powers(steps):
            counts = fired.reshape(len(part), steps // length, length, -1).sum(axis=2)
            hits = counts.argmax(axis=2) == images.classes[part, None]
            right.setdefault(length, []).append(float(hits.mean(axis=1).sum()))
    return {length: 100 * sum(hits) / len(images) for length, hits in right.items()}


def powers(steps: int) -> list[int]:
    """1, 2, 4, ... up to ``steps``."""
    return [1 << i for i in range(int(steps).bit_length())]


# ---- converted networks ----------------------------------------------------------------------------------------------


def ann(recipe: Recipe, out: Path, data: Path) -> ReluNetwork:
    """Train the ANN of a recipe, or take the one that an earlier run trained."""
    path = out / f"{recipe.name}_ann.pt"
    if path.exists():
        kept = torch.load(path, weights_only=True)
        if kept["recipe"] == recipe.text:
            model = ReluNetwork(recipe)
            model.load_state_dict(kept["model"])
            return model.eval()
    model = train_relu(recipe, data, lambda *step: sweep.say(f"ANN of {recipe.name}: epoch %d of %d, %s" % step))
    out.mkdir(parents=True, exist_ok=True)
    torch.save({"recipe": recipe.text, "model": model.state_dict()}, path)
    return model


def pixels(images: ImageSet) -> torch.Tensor:
    """Float32 (n, inputs) from 0 to 1."""
    return torch.tensor(images.images).flatten(1) / WHITE


def score(model: ReluNetwork, images: ImageSet) -> float:
    """Per cent that the ANN itself gets right."""
    with torch.no_grad():
        named = torch.cat([model(part).argmax(dim=1) for part in pixels(images).split(250)])
    return 100 * float(np.mean(named.numpy() == images.classes))


def converted(stages: Sequence[Stage], recipe: Recipe, images: ImageSet, steps: int, draws: int) -> tuple[Curve, Curve]:
    """Accuracy after each step, by the outputs' spikes and by what they integrated; the mean over ``draws``."""
    right = np.zeros((2, steps))
    batch = max(1, CELLS // (steps * max(stage.theta.numel() for stage in stages)))
    encoding = recipe.encoding
    assert isinstance(encoding, SpikeFrames)
    for draw in range(draws):
        for start in range(0, len(images), batch):
            part = np.arange(start, min(start + batch, len(images)))
            coded = images.fixed_spikes(encoding, steps, draw, part)
            spikes, total = simulate(stages, torch.from_numpy(coded).transpose(0, 1).float())
            for i, scores in enumerate((spikes.cumsum(dim=0), total)):
                named = scores.argmax(dim=2).numpy()
                right[i] += (named == images.classes[part]).sum(axis=1)
    by_spikes, by_total = 100 * right / (draws * len(images))
    return by_spikes, by_total


# ---- the figure ------------------------------------------------------------------------------------------------------


class Sweep:
    """All curves: accuracy by steps, for each way and network; what was measured before is taken from files."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen, self.folder = chosen, chosen.out / "fig2"
        self.test = first(load_images(chosen.data, "Test"), chosen.limit)
        self.train = first(load_images(chosen.data, "Train"), NORMALISED_ON)
        self.folder.mkdir(parents=True, exist_ok=True)

    def direct(self, name: str) -> Mapping[int, float]:
        """The curve of a directly trained network."""
        network = sweep.open_network(name)
        path = self.folder / f"direct-{network.digest[:16]}-{len(self.test)}-{self.chosen.steps}.json"
        if not path.exists():
            path.write_text(json.dumps(direct(network, self.test, self.chosen.steps)))
        curve = {int(length): value for length, value in json.loads(path.read_text()).items()}
        sweep.say(f"{network.name}, direct: {spelled(curve)}")
        return curve

    def converted(self, name: str) -> tuple[float, Mapping[int, float], Mapping[int, float]]:
        """The accuracy of an ANN, and the curves of the network that it becomes: by spikes, by what is integrated."""
        chosen = self.chosen
        train = {"epochs": chosen.epochs, "learning_rate": chosen.learning_rate}
        values = {"train": train, "data": {"limit": chosen.train_limit}}
        recipe = sweep.variant(sweep.ROOT / "recipes" / f"{name}.toml", name, values)
        model = ann(recipe, self.folder, chosen.data)
        stages = convert(model, pixels(self.train))
        digest = integer_network(stages, recipe, chosen.steps).digest
        path = self.folder / f"converted-{digest[:16]}-{len(self.test)}-{chosen.draws}.json"
        if not path.exists():
            curves = converted(stages, recipe, self.test, chosen.steps, chosen.draws)
            path.write_text(json.dumps([score(model, self.test), *(curve.tolist() for curve in curves)]))
        own, *read = json.loads(path.read_text())
        by_spikes, by_total = ({step + 1: value for step, value in enumerate(curve)} for curve in read)
        sweep.say(f"ANN of {name}: {own:.2f} %, converted: {spelled(by_spikes)}; by sums: {spelled(by_total)}")
        return own, by_spikes, by_total


def first(images: ImageSet, count: int) -> ImageSet:
    """The first images, or all (0)."""
    count = count or len(images)
    return ImageSet(images.images[:count], images.classes[:count], images.head)


def spelled(curve: Mapping[int, float]) -> str:
    """A curve in words, at powers of two."""
    return ", ".join(f"{length}: {curve[length]:.2f} %" for length in powers(max(curve)))


def ratios(network: str, direct: Mapping[int, float], converted: Mapping[str, Mapping[int, float]]) -> list[sweep.Row]:
    """How many more steps the converted network takes, asked in two ways; ``ratio`` is None where it never gets there.

    To be as good as the direct one after 1, 2, 4, ... steps; and, since the ANN itself may be better or worse, for each
    to come within so many points of its own accuracy after the longest run.
    """
    rows: list[sweep.Row] = []
    for way, curve in converted.items():
        words = {"network": network, "read_by": way}
        for length, wanted in direct.items():
            rows.append(words | {"what": "as good as", "accuracy": wanted} | _taken(length, _reach(curve, wanted)))
        for points in WITHIN:
            own = [_reach(each, each[max(each)] - points) for each in (direct, curve)]
            rows.append(words | {"what": OWN, "accuracy": points} | _taken(own[0] or 0, own[1]))
    return rows


def _reach(curve: Mapping[int, float], wanted: float) -> int | None:
    """The first number of steps that is as good."""
    return next((step for step, value in sorted(curve.items()) if value >= wanted), None)


def _taken(direct: int, converted: int | None) -> sweep.Row:
    return {"direct_steps": direct, "converted_steps": converted, "ratio": converted and converted / direct}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train ANNs, measure all, write, and print the ratios."""
    chosen = parse(arguments)
    work = Sweep(chosen)
    lines: dict[str, Mapping[int, float]] = {}
    rows: list[sweep.Row] = []
    found = {name: work.direct(name) for name in chosen.network}
    for name, curve in found.items():
        lines[f"{short(name)}, direct"] = curve
        rows += [{"network": short(name), "way": "direct", "steps": n, "accuracy": a} for n, a in curve.items()]
    compared: list[sweep.Row] = []
    for name in chosen.ann:
        own, by_spikes, by_total = work.converted(name)
        rows.append({"network": short(name), "way": "ann", "steps": "", "accuracy": own})
        for way, curve in (("converted", by_spikes), ("converted, read by sums", by_total)):
            lines[f"{short(name)}, {way}"] = {n: curve[n] for n in powers(chosen.steps)}
            rows += [{"network": short(name), "way": way, "steps": n, "accuracy": a} for n, a in curve.items()]
        for other, curve in found.items():
            if short(other) == short(name):
                compared += ratios(short(name), curve, {"spikes": by_spikes, "sums": by_total})
    sweep.write(chosen.out, "fig2", rows, chart(lines))
    sweep.table(chosen.out / "fig2_ratios.csv", compared)
    for row in compared:
        print(told(row, chosen.steps))


def told(row: sweep.Row, steps: int) -> str:
    """One ratio in words."""
    unit = "points" if row["what"] == OWN else "%"
    what = f"{row['network']}, read by {row['read_by']}: {row['what']} {row['accuracy']:.2f} {unit}"
    if row["ratio"] is None:
        return f"{what} takes {row['direct_steps']} steps direct; converted, it is not reached in {steps}"
    ways = f"{row['direct_steps']} steps direct, {row['converted_steps']} converted"
    return f"{what} takes {ways}: {row['ratio']:.1f} times"


def short(name: str) -> str:
    """The network's name, however it was given: as in the zoo."""
    path = Path(name)
    stem = path.parent.name if path.name == "model.pt" else path.stem
    return stem.replace("_", "-").removeprefix("mnist-dc-")


def chart(lines: Mapping[str, Mapping[int, float]]) -> Chart:
    """The figure, from 94 % up: what is worse is no reading of digits."""
    points = {name: sorted((float(n), value) for n, value in curve.items()) for name, curve in lines.items()}
    best = max(value for curve in points.values() for _, value in curve)
    dashed = frozenset(name for name in points if name.endswith("converted"))
    dotted = frozenset(name for name in points if name.endswith("sums"))
    networks = list(dict.fromkeys(name.split(",")[0] for name in points))
    shades = {name: networks.index(name.split(",")[0]) for name in points}
    return Chart(
        "MNIST: accuracy by time steps",
        "time steps",
        "digits right (%)",
        points,
        "log",
        dashed,
        dotted,
        shades,
        low=min(94.0, best - 5),
        high=best,
    )


if __name__ == "__main__":
    sys.exit(sweep.guarded(main))
