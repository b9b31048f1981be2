"""Kill ``spikec stream`` at random moments, resume it, and hold its report to that of a run that nothing disturbed.

Run ``python benchmarks/kill.py``. One run in three is killed twice.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from killing import Killing  # noqa: E402


def main() -> int:
    """Kill as often as wanted, and say how many reports are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--samples", type=int, default=400)
    arguments = parser.parse_args()
    dice, equal = random.Random(1), 0
    with tempfile.TemporaryDirectory() as name:
        killing = Killing(Path(name), arguments.samples)
        print(f"in peace: {killing.seconds:.1f} s for {arguments.samples} samples", flush=True)
        for number in range(arguments.moments):
            moments = [dice.uniform(0, killing.seconds) for _ in range(1 if dice.randrange(3) else 2)]
            same = killing.reports(str(number), moments) == killing.peaceful
            equal += same
            at = " and ".join(f"{moment:.2f}" for moment in moments)
            print(f"{number}: killed after {at} s, the same report: {'yes' if same else 'NO'}", flush=True)
    print(f"{equal} of {arguments.moments} reports are the same, byte for byte")
    return int(equal != arguments.moments)


if __name__ == "__main__":
    sys.exit(main())
