"""A device that sends damaged and forged frames: no crash, no hang, no wrong result that was not forged."""

import sys
from pathlib import Path

import pytest
from stream_helpers import NETWORK, make_samples

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile import converse


def test_damaged_frames_change_nothing():
    outcome = converse(NETWORK, make_samples(10, events=20), 1500, forge=False)
    assert outcome.right > 0
    assert (outcome.refused, outcome.forged, outcome.wrong) == (0, 0, [])


@pytest.mark.parametrize("seed", [0, 1000])
def test_forged_frames_neither_crash_nor_hang_the_host(seed):
    outcome = converse(NETWORK, make_samples(10, events=20), 1500, forge=True, seed=seed)
    assert outcome.lies >= 1500
    assert outcome.wrong == []
