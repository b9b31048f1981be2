"""How fast does the simulated event camera record? Images a second, in wall-clock and in processor time.

Two ways: the frames that a recipe trains on (the first 100 ms, binned, on all threads that ``simulated_frames`` uses),
and whole recordings on one thread. What 60,000 images take is reckoned from ``--images`` of them, unless ``--all`` are
made. Other work on the machine slows both: threads that share a core also share its caches.

    python benchmarks/simulator.py [--data DATA] [--images 2000] [--all]

MNIST is read from ``--data`` (default: $SPIKEC_DATA).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from threadpoolctl import threadpool_limits  # noqa: E402

from codegen.ir import EventBinning, SpikecError  # noqa: E402
from trainer.datasets.saccade import simulate  # noqa: E402
from trainer.datasets.simulated import load_range, simulated_frames  # noqa: E402

MNIST = 60_000
STEPS = 16


def measured(what: str, count: int, work: Callable[[], object]) -> str:
    """Do the work once; say how long it took for each image, and for all of MNIST."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    whole = f"60,000 images: {processor * MNIST / count:.0f} s of processor time"
    whole += "" if count >= MNIST else " (reckoned)"
    speed = f"{count / wall:.0f} images/s wall clock, {count / processor:.0f} a second of processor time"
    return f"{what}, {count:,} images in {wall:.1f} s: {speed}. {whole}"


def main() -> int:
    """Measure both ways and print them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("SPIKEC_DATA")
    parser.add_argument("--data", type=Path, default=data, required=not data, help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--images", type=int, default=2000, help="training images to record [2000]")
    parser.add_argument("--all", action="store_true", help="record all 60,000 for the frames (minutes)")
    given = parser.parse_args()
    try:
        chosen = load_range(given.data, "Train", 0, max(1, given.images))
        last = None if given.all else len(chosen.images)
        count = len(load_range(given.data, "Train", 0, last).images)
        simulate(chosen.images[:1] / 255.0, [0])  # What is done once only is not measured.
        with tempfile.TemporaryDirectory() as cache:

            def frames() -> None:
                simulated_frames(given.data, "Train", EventBinning(), STEPS, last=last, cache=Path(cache))

            print(measured("frames of the first 100 ms", count, frames))

        def recordings() -> None:
            for part in chosen.chunks():
                chosen.record(part, 0)

        with threadpool_limits(1):
            print(measured("whole recordings", len(chosen.images), recordings))
    except SpikecError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
