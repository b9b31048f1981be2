"""The device in hardware gives the answers of the C device, byte by byte, to sense and to nonsense."""

from __future__ import annotations

import random
import struct
from collections import Counter

import pytest
from conversations import apart_from_traces, frames_of, nonsense, sample_frames
from device_client import (
    ACK,
    BEGIN,
    E_PAYLOAD,
    END,
    ERROR,
    GREETING,
    HELLO,
    PING,
    RESULT,
    TRACE,
    begin,
    frame,
    parse_greeting,
)
from device_model import BOTH, MERGED, OFF, ON, WAIT, Model, Pair, piece

MODELS = {
    model.name: model
    for model in (
        Model(
            "events_both", 6, ((40, 2), (12, 0), (11, 4)), ((0, 9), (9, 11)), width=9, height=7, polarity=BOTH,
            start_us=500, bin_us=1000,
        ),
        Model("frames", 5, ((30, 2), (700, 4)), ((0, 700),), frame_inputs=19),
        Model("nmnist", 16, ((256, 2), (256, 2), (12, 2)), ((0, 10), (10, 12)), width=34, height=34, bin_us=6250),
        Model(
            "small", 3, ((9, 2),), ((0, 9),), width=13, height=8, polarity=MERGED, downsample=3, start_us=7, bin_us=90,
            max_payload=120, rx_bytes=256,
        ),
        Model(
            "wide", 2, ((17, 4), (8, 2)), ((0, 3), (3, 8)), width=640, height=480, polarity=OFF, downsample=4,
            bin_us=30_000, max_payload=500, rx_bytes=2048,
        ),
        Model("one_step", 1, ((3, 2),), ((0, 1), (1, 3)), width=1, height=16, polarity=ON, downsample=16),
    )
}  # fmt: skip


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    built = {}

    def pair(name: str) -> Pair:
        if name not in built:
            built[name] = Pair(MODELS[name], tmp_path_factory.mktemp(name))
        return built[name]

    return pair


def first_difference(ours: list[bytes], theirs: list[bytes]) -> str:
    for i, (a, b) in enumerate(zip(ours, theirs, strict=False)):
        if a != b:
            return f"before wait {i}:\n  hardware {a.hex()}\n  C        {b.hex()}"
    return f"{len(ours)} parts instead of {len(theirs)}"


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", MODELS)
def test_any_conversation_has_the_c_devices_answers(pairs, name, seed):
    pair, dice = pairs(name), random.Random(seed)
    script = nonsense(dice, pair.model, 150, wait=(0.8, 0.1)[seed])
    theirs = pair.in_c(script)
    ours = pair.in_hardware(script, f"+gap={seed}", name=f"any{seed}")
    assert ours == theirs, first_difference(ours, theirs)
    kinds = {kind for kind, _, _ in frames_of(b"".join(theirs))}
    assert {ACK, ERROR, RESULT, GREETING} <= kinds, "the conversation must be worth its name"


@pytest.mark.parametrize("name", [name for name in MODELS if name != "wide"])
def test_traces_are_the_c_devices(pairs, name):
    pair, dice = pairs(name), random.Random(name)
    script = nonsense(dice, pair.model, 40, traced=True, wait=0.1)
    theirs = apart_from_traces(frames_of(b"".join(pair.in_c(script))))
    ours = apart_from_traces(frames_of(b"".join(pair.in_hardware(script, "+gap=2", name="trace"))))
    assert ours == theirs
    assert theirs[1], "there must be traces"


GREETED = piece(frame(HELLO, 0, b"abcd")) + WAIT


def test_a_ping_is_answered_while_the_engine_runs(pairs):
    """Nothing waits between the pieces, and the engine does not finish until somebody waits."""
    sample, number = sample_frames(random.Random(1), MODELS["events_both"], 7, 0)
    script = GREETED + piece(sample) + piece(frame(PING) * 3) + WAIT
    frames = frames_of(b"".join(pairs("events_both").in_hardware(script)))
    assert [kind for kind, _, _ in frames[-4:]] == [ACK, ACK, ACK, RESULT]
    assert all(payload == struct.pack("<H", number) for _, _, payload in frames[-4:-1])


@pytest.mark.parametrize("name", ["events_both", "frames"])
def test_samples_come_through_when_the_engine_is_as_fast_as_it_likes(pairs, name):
    """Answers and results come in another order than the C device's, which looks at its line first: the same ones."""
    pair, dice, script, number = pairs(name), random.Random(2), GREETED, 0
    for sample in range(6):
        data, number = sample_frames(dice, pair.model, sample, number, flags=sample % 3 == 0)
        script += piece(data)
    theirs, ours = ((frames_of(b"".join(part))) for part in (pair.in_c(script + WAIT), _free(pair, script + WAIT)))
    assert Counter((kind, payload) for kind, _, payload in ours) == Counter(
        (kind, payload) for kind, _, payload in theirs
    )
    results = [payload[:8] for kind, _, payload in ours if kind == RESULT]
    assert results == [payload[:8] for kind, _, payload in theirs if kind == RESULT]
    assert len({payload[:4] for payload in results}) == 6


def _free(pair: Pair, script: bytes) -> list[bytes]:
    return pair.in_hardware(script, "+free", "+gap=3")


def test_a_greeting_forgets_a_sample_that_runs(pairs):
    """Its trace and result are not sent any more, and the next sample is not disturbed."""
    model, dice = MODELS["events_both"], random.Random(3)
    forgotten, _ = sample_frames(dice, model, 7, 0, flags=1)
    whole, _ = sample_frames(dice, model, 8, 0)
    script = GREETED + piece(forgotten) + piece(frame(HELLO, 0, b"wxyz")) + piece(whole) + WAIT
    frames = frames_of(b"".join(pairs("events_both").in_hardware(script)))
    kinds = [kind for kind, _, _ in frames]
    assert kinds.count(GREETING) == 2
    assert TRACE not in kinds
    assert [payload[:4] for kind, _, payload in frames if kind == RESULT] == [struct.pack("<I", 8)]
    expected = frames_of(b"".join(pairs("events_both").in_c(GREETED + piece(whole) + WAIT)))
    assert frames[-1][2] == expected[-1][2]


def test_a_device_without_trace_says_so_and_refuses_it(tmp_path):
    model = Model("untraced", 2, ((8, 2),), ((0, 8),), frame_inputs=9, trace=False)
    pair = Pair(model, tmp_path)
    sample, number = sample_frames(random.Random(4), model, 5, 0)
    script = GREETED + piece(sample) + piece(frame(BEGIN, number, begin(6, 1, 1)) + frame(END, number + 1)) + WAIT
    frames = frames_of(b"".join(pair.in_hardware(script)))
    assert parse_greeting(frames[0][2])["features"] == 2
    assert [struct.unpack("<BIi", payload) for kind, _, payload in frames if kind == ERROR] == [(E_PAYLOAD, 6, 0)]
    assert [kind for kind, _, _ in frames].count(RESULT) == 1
