"""How like real N-MNIST is the simulated camera? ``python -m trainer.datasets.compare --data FOLDER`` prints a table.

Real recordings pair with the MNIST images that they show (id = 1-based index of the training image), so the simulator
looks at the very same images; the embedded digits stand beside them. ``benchmarks/figures/simulator.py`` adds plots.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import SpikecError, fail
from codegen.ir.events import Events, read_nmnist
from codegen.ir.images import read_mnist
from codegen.ir.recordings import find_recordings
from trainer.datasets import strokes
from trainer.datasets.saccade import simulate
from trainer.datasets.statistics import Figures, likeness, measure

Cells = dict[str, list[str]]


@dataclass(frozen=True)
class Comparison:
    """Figures of each set of recordings, ``count`` a set, by its name: real ones, simulated ones, the digits.

    ``alike``: mean correlation of paired recordings' event maps. ``alike_totals``: that of their numbers of events.
    """

    columns: dict[str, Figures]
    count: int
    alike: float
    alike_totals: float

    def text(self) -> str:
        """The report, as Markdown."""
        own = [
            f"Mean correlation of event maps, real and simulated: {self.alike:.3f}",
            f"Correlation of the numbers of events, real and simulated: {self.alike_totals:.3f}",
        ]
        return "\n\n".join([f"{self.count} recordings a column.", table(self.columns), *own])


def compare(data: str, limit: int) -> Comparison:
    """Read real recordings, simulate the same images and the digits, and measure all."""
    recordings = find_recordings(data, "Train")[:limit]
    pictures, labels = read_mnist(data, "Train")
    ids = [int(recording.path.stem) for recording in recordings]
    if any(not 1 <= i <= len(pictures) or labels[i - 1] != r.label for i, r in zip(ids, recordings, strict=True)):
        raise fail(data, "recordings do not pair with the MNIST images", "An id is the image's 1-based index in MNIST")
    real = [read_nmnist(recording.path) for recording in recordings]
    images = pictures[np.array(ids) - 1] / 255.0
    simulated = simulate(images, ids)
    digits, _ = strokes.load_digits()
    still = strokes.jittered(len(digits[: len(real)]), strokes.Jitter(0.0, 0.0, 0.0), np.random.default_rng(0))
    drawn = strokes.draw(digits[: len(real)], still)
    columns = {
        "real": measure(real, images),
        "simulated, same images": measure(simulated, images),
        "simulated digits": measure(simulate(drawn, range(len(drawn))), drawn),
    }
    return Comparison(columns, len(real), likeness(real, simulated), _alike_totals(real, simulated))


def table(columns: dict[str, Figures]) -> str:
    """Set the figures side by side, as Markdown."""
    figures = list(columns.values())
    rows = {**_amounts(figures), **_pixels(figures), **_course(figures)}
    lines = [["", *columns], ["---"] * (len(columns) + 1), *([name, *cells] for name, cells in rows.items())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _amounts(figures: Sequence[Figures]) -> Cells:
    return {
        "events": [f"{f.events:,.0f}" for f in figures],
        "events, standard deviation": [f"{f.spread:,.0f}" for f in figures],
        "events in the first 105 ms": [f"{f.first:,.0f}" for f in figures],
        "ON by saccade, %": [_numbers(100 * f.balance, 1) for f in figures],
        "ON inputs active a bin, first saccade": [f"{100 * f.active:.2f} %" for f in figures],
        "last event, ms (mean, standard deviation)": [_numbers(np.array(f.last_us) / 1000, 1) for f in figures],
        "exact duplicates": [f"{f.doubles:.2f}" for f in figures],
    }


def _pixels(figures: Sequence[Figures]) -> Cells:
    rows: Cells = {}
    for polarity, name in enumerate(("OFF", "ON")):
        title = f"pixels with 1, 2, .. 12 {name} events, first saccade"
        rows[title] = [_numbers(f.counts[polarity], 1) for f in figures]
    for kind, name in enumerate(("OFF to OFF", "ON to ON", "OFF to ON or back")):
        title = f"time between a pixel's events, {name}, ms (1, 10, 25, 50, 75, 90 %)"
        rows[title] = [_numbers(f.gaps_us[kind] / 1000, 1) for f in figures]
    return rows | {
        "far from the digit: events a pixel and second, OFF, ON": [_numbers(f.noise_hz, 3) for f in figures],
        "the same by pixel, both polarities (50, 90, 99, 100 %)": [_numbers(f.noise_pixels_hz, 2) for f in figures],
        "hot pixels (above 4 times the median)": [f"{100 * f.hot:.1f} %" for f in figures],
    }


def _course(figures: Sequence[Figures]) -> Cells:
    rows: Cells = {}
    for axis, name in enumerate(("columns", "rows")):
        title = f"centroid of events, {name} from the centre, every 25 ms"
        rows[title] = [_numbers(f.path[::2, axis], 1) for f in figures]
    rows["its greatest speed in each saccade, pixels a second"] = [_numbers(f.speed) for f in figures]
    for saccade, bins in enumerate((slice(0, 16), slice(16, 34), slice(34, 50))):
        for polarity, name in enumerate(("OFF", "ON")):
            title = f"{name} events a 6.25 ms bin, saccade {saccade + 1}"
            rows[title] = [_numbers(f.bell[polarity, bins]) for f in figures]
    return rows


def _numbers(values: NDArray[np.float64], digits: int = 0) -> str:
    return " ".join(f"{value:.{digits}f}" for value in values)


def _alike_totals(real: Sequence[Events], simulated: Sequence[Events]) -> float:
    totals = [np.array([len(events) for events in side], np.float64) for side in (real, simulated)]
    return float(np.corrcoef(totals[0], totals[1])[0, 1]) if all(total.std() > 0 for total in totals) else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit code."""
    parser = argparse.ArgumentParser(description="Compare simulated with real N-MNIST recordings.")
    parser.add_argument("--data", required=True, help="folder with NMNIST/Train and MNIST/raw")
    parser.add_argument("--limit", type=int, default=600, help="recordings to compare (default 600)")
    given = parser.parse_args(arguments)
    try:
        print(compare(given.data, max(1, given.limit)).text())
    except SpikecError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
