"""How like real N-MNIST is the simulated camera? ``python -m trainer.datasets.compare --data FOLDER`` prints a table.

Real recordings pair with the MNIST images that they show (id = 1-based index of the training image), so the simulator
looks at the very same images; the embedded digits stand beside them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import EventBinning
from codegen.ir.errors import SpikecError, fail
from codegen.ir.events import Events, read_nmnist
from codegen.ir.images import read_mnist
from codegen.ir.recordings import find_recordings
from trainer.datasets import strokes
from trainer.datasets.saccade import simulate

SACCADE_US = 105_000
BIN_US = 6250


@dataclass(frozen=True)
class Figures:
    """Means over recordings. ``bell``: events a bin of 6.25 ms over the whole recording, (2, 50), OFF then ON.

    ``gaps_us``: 1st, 25th, 50th and 75th percentile of the time between a pixel's successive events of one polarity.
    ``on_counts``: pixels with 1, 2, .. 8 ON events in the first saccade. ``active``: part of the 1,156 ON inputs that
    spike in a bin, over the first 16 bins.
    """

    events: float
    first: float
    on: float
    active: float
    bell: NDArray[np.float64]
    gaps_us: NDArray[np.float64]
    on_counts: NDArray[np.float64]


def measure(recordings: Sequence[Events]) -> Figures:
    """Compute the figures of recordings on the 34x34 sensor; there must be at least one."""
    encoding = EventBinning()
    counts = np.array([_per_pixel(events[(events["t"] < SACCADE_US) & (events["p"] == 1)]) for events in recordings])
    return Figures(
        events=float(np.mean([len(events) for events in recordings])),
        first=float(np.mean([np.count_nonzero(events["t"] < SACCADE_US) for events in recordings])),
        on=float(np.mean([events["p"].mean() for events in recordings])),
        active=float(np.mean([encoding.encode(events, 16).mean() for events in recordings])),
        bell=np.mean([_bell(events) for events in recordings], axis=0),
        gaps_us=np.percentile(np.concatenate([_gaps(events) for events in recordings]), [1, 25, 50, 75]),
        on_counts=np.bincount(np.minimum(counts.ravel(), 8), minlength=9)[1:] / len(recordings),
    )


def likeness(real: Sequence[Events], simulated: Sequence[Events]) -> float:
    """Mean correlation of paired recordings' maps of events a pixel, by polarity and saccade; without empty ones."""
    found: list[float] = []
    for one, two in zip(real, simulated, strict=True):
        for saccade in range(3):
            for polarity in range(2):
                maps = [
                    _per_pixel(events[(events["t"] // SACCADE_US == saccade) & (events["p"] == polarity)])
                    for events in (one, two)
                ]
                if all(map_.std() > 0 for map_ in maps):
                    found.append(float(np.corrcoef(maps[0], maps[1])[0][1]))
    return float(np.mean(found)) if found else 0.0


def table(columns: dict[str, Figures]) -> str:
    """Set the figures side by side, as Markdown."""
    rows: dict[str, list[str]] = {
        "events": [f"{f.events:,.0f}" for f in columns.values()],
        "events in the first 105 ms": [f"{f.first:,.0f}" for f in columns.values()],
        "ON": [f"{100 * f.on:.1f} %" for f in columns.values()],
        "ON inputs active a bin, first saccade": [f"{100 * f.active:.2f} %" for f in columns.values()],
        "pixels with 1, 2, .. 8 ON events, first saccade": [_numbers(f.on_counts) for f in columns.values()],
        "gap between like events of a pixel, ms (1, 25, 50, 75 %)": [
            _numbers(f.gaps_us / 1000, 1) for f in columns.values()
        ],
    }
    for saccade, bins in enumerate((slice(0, 16), slice(16, 34), slice(34, 50))):
        for polarity, name in enumerate(("OFF", "ON")):
            title = f"{name} events a 6.25 ms bin, saccade {saccade + 1}"
            rows[title] = [_numbers(f.bell[polarity, bins]) for f in columns.values()]
    lines = [["", *columns], ["---"] * (len(columns) + 1), *([name, *cells] for name, cells in rows.items())]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _numbers(values: NDArray[np.float64], digits: int = 0) -> str:
    return " ".join(f"{value:.{digits}f}" for value in values)


def _per_pixel(events: Events) -> NDArray[np.int64]:
    return np.bincount(events["y"].astype(np.int64) * 34 + events["x"], minlength=34 * 34)


def _bell(events: Events) -> NDArray[np.int64]:
    step = np.minimum(events["t"] // BIN_US, 49)
    return np.bincount(events["p"].astype(np.int64) * 50 + step, minlength=100).reshape(2, 50)


def _gaps(events: Events) -> NDArray[np.int64]:
    order = np.lexsort((events["t"], events["x"], events["y"]))
    x, y, t, p = (events[name][order].astype(np.int64) for name in "xytp")
    like = (np.diff(x) == 0) & (np.diff(y) == 0) & (np.diff(p) == 0)
    gaps: NDArray[np.int64] = np.diff(t)[like]
    return gaps


def compare(data: str, limit: int) -> str:
    """Read real recordings, simulate the same images and the digits, and return the report."""
    recordings = find_recordings(data, "Train")[:limit]
    images, labels = read_mnist(data, "Train")
    ids = [int(recording.path.stem) for recording in recordings]
    if any(not 1 <= i <= len(images) or labels[i - 1] != r.label for i, r in zip(ids, recordings, strict=True)):
        raise fail(data, "recordings do not pair with the MNIST images", "An id is the image's 1-based index in MNIST")
    real = [read_nmnist(recording.path) for recording in recordings]
    simulated = simulate(images[np.array(ids) - 1] / 255.0, ids)
    digits, _ = strokes.load_digits()
    digits = digits[: len(real)]
    still = strokes.jittered(len(digits), strokes.Jitter(0.0, 0.0, 0.0), np.random.default_rng(0))
    embedded = simulate(strokes.draw(digits, still), range(len(digits)))
    columns = {"real": real, "simulated, same images": simulated, "simulated digits": embedded}
    text = table({name: measure(events) for name, events in columns.items()})
    own = f"Mean correlation of event maps, real and simulated: {likeness(real, simulated):.3f}"
    return f"{len(real)} recordings a column.\n\n{text}\n\n{own}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns its exit code."""
    parser = argparse.ArgumentParser(description="Compare simulated with real N-MNIST recordings.")
    parser.add_argument("--data", required=True, help="folder with NMNIST/Train and MNIST/raw")
    parser.add_argument("--limit", type=int, default=600, help="recordings to compare (default 600)")
    given = parser.parse_args(arguments)
    try:
        print(compare(given.data, max(1, given.limit)))
    except SpikecError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
