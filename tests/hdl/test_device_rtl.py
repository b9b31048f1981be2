"""The device in hardware gives the answers of the C device, byte by byte, to sense and to nonsense."""

from __future__ import annotations

import random

import pytest
from conversations import apart_from_traces, frames_of, nonsense
from device_client import ACK, ERROR, GREETING, RESULT
from device_model import BOTH, MERGED, OFF, ON, Model, Pair

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
