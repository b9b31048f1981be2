"""MNIST seen by the simulated camera, as frames and as files: the same spikes both ways, however they are made."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from codegen.ir import EventBinning, SpikecError
from codegen.ir.recordings import encode_recordings, find_recordings
from trainer.datasets import simulated
from trainer.datasets.parallel import parallel
from trainer.datasets.simulated import load_range, simulated_frames, write_recordings

COUNT = 70  # More than a chunk.
ENCODINGS = [
    (EventBinning(), 16),
    (EventBinning(polarity="both", bin_us=3000), 5),
    (EventBinning(polarity="off", start_us=105_000, bin_us=20_000, downsample=2), 5),
    (EventBinning(polarity="merged", bin_us=20_000), 20),
]


@pytest.fixture(scope="module")
def mnist(tmp_path_factory):
    """Random blots in MNIST's files: 70 training images and 12 test images."""
    root = tmp_path_factory.mktemp("data")
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    for prefix, count in (("train", COUNT), ("t10k", 12)):
        images = np.zeros((count, 28, 28), np.uint8)
        images[:, 6:22, 6:22] = 255 * (random.random((count, 4, 4)) < 0.4).repeat(4, axis=1).repeat(4, axis=2)
        for name, array in (("images-idx3", images), ("labels-idx1", random.integers(0, 10, count, np.uint8))):
            header = struct.pack(f">I{array.ndim}I", 0x800 | array.ndim, *array.shape)
            (raw / f"{prefix}-{name}-ubyte").write_bytes(header + array.tobytes())
    return root


@pytest.fixture(scope="module")
def written(mnist, tmp_path_factory):
    return write_recordings(mnist, tmp_path_factory.mktemp("out"), "Train", seed=3)


@pytest.mark.parametrize(("encoding", "steps"), ENCODINGS)
def test_frames_are_those_of_the_files(mnist, written, tmp_path, encoding, steps):
    recordings = find_recordings(written, "Train")
    expected = encode_recordings(recordings, encoding, steps)
    for _ in range(2):  # Made, then from the cache.
        found = simulated_frames(mnist, "Train", encoding, steps, seed=3, cache=tmp_path)
        assert np.array_equal(found.unpack(), expected)
        assert found.ids == [r.id for r in recordings]
        assert found.labels["digit"].tolist() == [r.label for r in recordings]
        assert (len(found), found.steps, found.size) == (COUNT, steps, encoding.size)


def test_a_recording_depends_on_neither_neighbours_nor_threads(mnist, tmp_path, monkeypatch):
    whole = simulated_frames(mnist, "Train", EventBinning(), 4, cache=tmp_path).unpack()
    part = simulated_frames(mnist, "Train", EventBinning(), 4, first=61, last=67, cache=tmp_path)
    assert np.array_equal(part.unpack(), whole[61:67])
    assert part.ids[0].endswith("/00062.bin")
    monkeypatch.setattr(simulated, "parallel", lambda work, jobs: parallel(work, jobs, workers=5))
    monkeypatch.setattr(simulated, "CHUNK", 9)
    again = simulated_frames(mnist, "Train", EventBinning(), 4, cache=tmp_path / "other")
    assert np.array_equal(again.unpack(), whole)


def test_seeds_and_splits_have_their_own_randomness(mnist, tmp_path):
    images = load_range(mnist, "Train", 0, 4)
    assert not np.array_equal(images.record(slice(0, 1), 0)[0], images.record(slice(0, 1), 1)[0])
    moved = simulated.ImageRange(images.images, images.labels, "Test", 0)
    assert not np.array_equal(images.record(slice(0, 1), 0)[0], moved.record(slice(0, 1), 0)[0])
    found = [simulated_frames(mnist, "Train", EventBinning(), 4, last=2, seed=s, cache=tmp_path) for s in (0, 1)]
    assert not np.array_equal(found[0].unpack(), found[1].unpack()), "the cache knows the seed"


def test_backward_samples(mnist, tmp_path):
    found = simulated_frames(mnist, "Test", EventBinning(), 16, reverse=True, cache=tmp_path)
    spikes = found.unpack()
    assert np.array_equal(spikes[12:], spikes[:12, ::-1])
    assert found.labels["motion"].tolist() == [0] * 12 + [1] * 12


def test_progress_counts_to_the_end(mnist, tmp_path):
    seen = []
    simulated_frames(
        mnist, "Train", EventBinning(), 2, progress=lambda done, of: seen.append((done, of)), cache=tmp_path
    )
    assert seen == [(64, COUNT), (COUNT, COUNT)]


def test_the_manifest_has_the_parameters(written):
    manifest = json.loads((written / "Train" / "manifest.json").read_text())
    assert manifest["recordings"] == COUNT
    assert manifest["parameters"]["seed"] == 3
    assert manifest["parameters"]["camera"]["width"] == 34


def test_nothing_is_overwritten(mnist, written):
    with pytest.raises(SpikecError, match="Train: is there already"):
        write_recordings(mnist, written, "Train")
    assert len(find_recordings(written, "Train")) == COUNT


def test_what_cannot_be_simulated_is_told(mnist, tmp_path):
    with pytest.raises(SpikecError, match=r"images: 70 up to 70 are none. Train has 0 up to 70"):
        simulated_frames(mnist, "Train", EventBinning(), 16, first=70)
    with pytest.raises(SpikecError, match=r"encoding: is for a sensor of 16x34. The simulated one has 34x34"):
        simulated_frames(mnist, "Train", EventBinning(width=16), 16)
    with pytest.raises(SpikecError, match="holds no MNIST images"):
        write_recordings(tmp_path, tmp_path / "out", "Test")
    assert not (tmp_path / "out").exists()
