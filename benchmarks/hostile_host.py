"""Random, damaged, mutated and forged frames against the host.

Run ``python benchmarks/hostile_host.py``. Frames that are damaged must change nothing at all. Those that are forged,
with a sound checksum, may make the host refuse the device, or tell it a wrong number, which the comparison with the
reference then shows; but never make it crash, hang, or give a wrong result that nobody forged.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent.parent / "tests")]

from chaos import make_samples  # noqa: E402
from fake_device import random_network  # noqa: E402
from hostile import converse  # noqa: E402


def main() -> int:
    """Tell half of the lies damaged, half forged."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    frames, network, failed = parser.parse_args().frames, random_network(), False
    for forge in (False, True):
        start = time.monotonic()
        outcome = converse(network, make_samples(20), frames // 2, forge=forge)
        kind = "forged and damaged" if forge else "damaged"
        print(
            f"{kind}: {outcome.lies:,} frames, {outcome.right:,} results right, "
            f"{outcome.forged} forged, {len(outcome.wrong)} wrong; {outcome.refused} conversations refused; "
            f"{time.monotonic() - start:.0f} s",
            flush=True,
        )
        failed |= bool(outcome.wrong) or (not forge and outcome.refused > 0)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
