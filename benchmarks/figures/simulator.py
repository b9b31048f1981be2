"""How like real N-MNIST is the simulated camera? A table, and plots of the same statistics.

The simulator looks at the very images that the real recordings of the training split show: the table is that of
``trainer.datasets.compare``. In the plots, full lines are real, dashed ones simulated.

    python benchmarks/figures/simulator.py --data DATA [--limit 600] [--out runs/figures]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent.parent)]

from benchmarks.figures.chart import Chart, Point  # noqa: E402
from codegen.ir import SpikecError  # noqa: E402
from trainer.datasets.compare import compare  # noqa: E402
from trainer.datasets.statistics import BIN_US, PATH_BINS, Figures  # noqa: E402

POLARITIES = ("OFF", "ON")
WAYS = ("real", "simulated")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("SPIKEC_DATA")
    parser.add_argument("--data", type=Path, default=data, required=not data, help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--out", type=Path, default=Path("runs/figures"), help="folder to write to [runs/figures]")
    parser.add_argument("--limit", type=int, default=600, help="recordings to compare [600]")
    return parser.parse_args(arguments)


def charts(real: Figures, simulated: Figures) -> dict[str, Chart]:
    """The plots by file name."""
    both = dict(zip(WAYS, (real, simulated), strict=True))
    time = {float(ms): str(ms) for ms in range(0, 301, 50)}
    rates = {
        f"simulator_rate_{polarity.lower()}": _chart(
            f"{polarity} events over time: three saccades",
            ("time in the recording (ms)", "events in 6.25 ms"),
            {way: _points(f.bell[i], BIN_US) for way, f in both.items()},
            time,
        )
        for i, polarity in enumerate(POLARITIES)
    }
    return rates | {
        "simulator_path": _chart(
            "Where the events are: their centroid, from the sensor's centre",
            ("time in the recording (ms)", "pixels (right, down)"),
            {
                f"{axis}, {way}": _points(f.path[:, i], PATH_BINS * BIN_US)
                for i, axis in enumerate(("column", "row"))
                for way, f in both.items()
            },
            time,
        ),
        "simulator_counts": _chart(
            "Events of a pixel in the first saccade",
            ("events", "pixels of a recording"),
            {
                f"{p}, {way}": [(float(n + 1), float(value)) for n, value in enumerate(f.counts[i])]
                for i, p in enumerate(POLARITIES)
                for way, f in both.items()
            },
            {float(n): f"{n}" for n in range(1, 12)} | {12.0: "12+"},
        ),
        "simulator_gaps": _chart(
            "Time between successive events of a pixel",
            ("time (ms)", "part of all, in 1 ms (%)"),
            {
                f"{kind}, {way}": _points(100 * f.gap_bins[i], 1000)
                for i, kind in enumerate(("OFF to OFF", "ON to ON", "mixed"))
                for way, f in both.items()
            },
            {float(ms): str(ms) for ms in range(0, 26, 5)},
        ),
    }


def _points(values: Sequence[float], width_us: int) -> list[Point]:
    """Values of bins, each in its middle, over ms."""
    return [((i + 0.5) * width_us / 1000, float(value)) for i, value in enumerate(values)]


def _chart(title: str, labels: tuple[str, str], lines: dict[str, list[Point]], ticks: dict[float, str]) -> Chart:
    """Lines come in pairs: the real one, and the simulated one dashed (in the same colour, where there are more)."""
    dashed = frozenset(name for name in lines if name.endswith(WAYS[1]))
    shades = {name: i // 2 if len(lines) > 2 else i for i, name in enumerate(lines)}
    return Chart(title, *labels, lines, dashed=dashed, shades=shades, x_ticks=ticks)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write the plots and the table, and print the table; returns the exit code."""
    chosen = parse(arguments)
    try:
        found = compare(str(chosen.data), max(1, chosen.limit))
    except SpikecError as error:
        print(error, file=sys.stderr)
        return 2
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, chart in charts(found.columns["real"], found.columns["simulated, same images"]).items():
        (chosen.out / f"{name}.svg").write_text(chart.svg(), encoding="utf-8")
    text = found.text()
    (chosen.out / "simulator.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
