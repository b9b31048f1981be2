"""The device in hardware gives results when SPEC.md says that they must have come."""

from __future__ import annotations

import random

import pytest
from conversations import frames_of, sample_frames
from device_client import ACK, BEGIN, HELLO, RESULT, check_order, frame, parse
from device_model import BOTH, WAIT, Model, Pair, piece

EVENTS_BOTH = Model(
    "events_both", 6, ((40, 2), (12, 0), (11, 4)), ((0, 9), (9, 11)), width=9, height=7, polarity=BOTH, start_us=500,
    bin_us=1000,
)  # fmt: skip


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return Pair(EVENTS_BOTH, tmp_path_factory.mktemp("order"))


@pytest.mark.parametrize("options", [("+free", "+gap=3"), ("+free",), ()], ids=["free", "at once", "late"])
def test_a_result_comes_before_the_frame_behind_the_next_samples_begin_is_acknowledged(pair, options):
    """The engine is as fast as it likes, or goes on only when nothing else happens; some samples are traced."""
    dice, script, number, begins = random.Random(4), piece(frame(HELLO, 0, b"abcd")) + WAIT, 0, {}
    for sample in range(1, 7):
        begins[sample] = number
        data, number = sample_frames(dice, EVENTS_BOTH, sample, number, flags=sample % 3 == 0)
        assert parse(data.split(b"\0")[0])[0] == BEGIN
        script += piece(data)
    frames = frames_of(b"".join(pair.in_hardware(script + WAIT, *options)))
    assert [kind for kind, _, _ in frames].count(RESULT) >= len(begins)
    check_order(frames, begins)
    early = sorted(frames, key=lambda one: one[0] != ACK)
    with pytest.raises(AssertionError, match="has no result"):
        check_order(early, begins)
