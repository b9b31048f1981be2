"""Binned frames and their cache, and recordings from folders: N-MNIST subsets, tonic's layout, bad ones."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pytest

from codegen.ir import EventBinning, SpikecError, read_nmnist, write_nmnist
from codegen.ir.events import reverse_time
from codegen.ir.recordings import find_recordings
from trainer.datasets import frames as frames_module
from trainer.datasets import nmnist
from trainer.datasets.digits import Plan, make_digits
from trainer.datasets.frames import cache_key, frames

SMALL = Plan(train_images=10, test_images=10, train_copies=1, test_copies=1)
ENCODINGS = [
    (EventBinning(), 16),
    (EventBinning(polarity="off", start_us=105_000, bin_us=10_000), 10),
    (EventBinning(polarity="both", bin_us=20_533), 15),
    (EventBinning(polarity="merged", downsample=3, start_us=3, bin_us=777), 40),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_digits(tmp_path_factory.mktemp("data") / "digits", plan=SMALL)


@pytest.fixture
def store(tmp_path):
    return tmp_path / "frames"


@pytest.mark.parametrize(("encoding", "steps"), ENCODINGS)
def test_frames_are_the_network_s_encoding(folder, store, encoding, steps):
    recordings = find_recordings(folder, "Test")
    expected = np.stack([encoding.encode(read_nmnist(r.path), steps) for r in recordings])
    for _ in range(2):  # Fresh, then from the cache.
        found = frames(folder, "Test", encoding, steps, cache=store)
        assert np.array_equal(found.unpack(), expected)
        assert found.ids == [r.id for r in recordings]
        assert found.labels["digit"].tolist() == [r.label for r in recordings]
        assert list(found.labels) == ["digit"]
        assert (len(found), found.steps, found.size) == (10, steps, encoding.size)


@pytest.mark.parametrize(("encoding", "steps"), ENCODINGS)
def test_backward_samples_are_the_events_reversed_in_time(folder, store, encoding, steps):
    found = frames(folder, "Test", encoding, steps, reverse=True, cache=store)
    recordings = find_recordings(folder, "Test")
    end = encoding.start_us + steps * encoding.bin_us
    backward = [encoding.encode(reverse_time(read_nmnist(r.path), encoding.start_us, end), steps) for r in recordings]
    assert np.array_equal(found.unpack(slice(10, None)), np.stack(backward))
    assert found.labels["motion"].tolist() == [0] * 10 + [1] * 10
    assert found.labels["digit"].tolist() == 2 * [r.label for r in recordings]
    assert found.ids[10:] == [f"{r.id}~reversed" for r in recordings]
    assert len(found) == 20


def test_samples_come_in_the_order_asked_for(folder, store):
    found = frames(folder, "Test", EventBinning(), 16, reverse=True, cache=store)
    everything = found.unpack()
    chosen = np.array([13, 2, 2, 19, 0])
    assert np.array_equal(found.unpack(chosen), everything[chosen])
    assert np.array_equal(found.unpack(slice(8, 12)), everything[8:12])
    assert everything.dtype == np.uint8
    assert np.array_equal(found.unpack(), everything), "unpacking changes nothing"


def no_reading(*_):
    pytest.fail("read again")


def test_cache_is_used(folder, store, monkeypatch):
    seen = []
    frames(folder, "Test", EventBinning(), 16, cache=store, progress=lambda *done: seen.append(done))
    assert seen == [(10, 10)]
    monkeypatch.setattr(frames_module, "read_nmnist", no_reading)
    frames(folder, "Test", EventBinning(), 16, cache=store)


def test_default_cache_is_the_user_s(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path))
    frames(folder, "Test", EventBinning(), 16)
    assert len(list((tmp_path / "frames").glob("*.npz"))) == 1


@pytest.mark.parametrize("damage", ["empty", "cut", "bits", "foreign", "pickle", "shape"])
def test_a_damaged_cache_is_made_again(folder, store, damage, caplog):
    expected = frames(folder, "Test", EventBinning(), 16, cache=store).unpack()
    (path,) = store.iterdir()
    raw = bytearray(path.read_bytes())
    if damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    elif damage == "bits":
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    elif damage == "foreign":
        path.write_bytes(b"not a zip at all")
    elif damage == "pickle":
        np.savez(path, packed=np.array([{}], object))
    else:
        np.savez(path, packed=np.zeros((10, 15, 145), np.uint8))
    assert np.array_equal(frames(folder, "Test", EventBinning(), 16, cache=store).unpack(), expected)
    assert ("is damaged" in caplog.text) == (damage != "shape")
    assert [p.name for p in store.iterdir()] == [path.name]
    caplog.clear()
    frames(folder, "Test", EventBinning(), 16, cache=store)
    assert caplog.text == "", "made again means whole again"


def test_key_follows_encoding_steps_and_files(folder, tmp_path):
    recordings = find_recordings(folder, "Test")
    keys = {cache_key(recordings, encoding, steps) for encoding, steps in ENCODINGS}
    keys |= {cache_key(recordings, EventBinning(), 15), cache_key(recordings[:-1], EventBinning(), 16)}
    assert len(keys) == len(ENCODINGS) + 2
    own = tmp_path / "own"
    (own / "Test" / "3").mkdir(parents=True)
    path = own / "Test" / "3" / "00001.bin"
    write_nmnist(path, read_nmnist(recordings[0].path))
    before = cache_key(find_recordings(own), EventBinning(), 16)
    write_nmnist(path, read_nmnist(recordings[1].path))
    os.utime(path, ns=(1, 1))
    assert cache_key(find_recordings(own), EventBinning(), 16) != before


def test_a_cache_that_cannot_be_written_costs_only_time(folder, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    found = frames(folder, "Test", EventBinning(), 16, cache=tmp_path / "file")
    assert found.unpack().any()
    assert "cannot be written" in caplog.text


def test_bad_recordings_are_all_named(folder, store, tmp_path):
    own = tmp_path / "own"
    (own / "Test" / "3").mkdir(parents=True)
    (own / "Test" / "3" / "00001.bin").write_bytes(b"")
    (own / "Test" / "3" / "00002.bin").write_bytes(b"1234567")
    (own / "Test" / "3" / "00003.bin").write_bytes(bytes([200, 3, 0, 0, 1]))
    write_nmnist(own / "Test" / "3" / "00004.bin", read_nmnist(find_recordings(folder)[0].path))
    with pytest.raises(SpikecError) as caught:
        frames(own, "Test", EventBinning(), 16, cache=store)
    text = str(caught.value)
    assert len(caught.value.problems) == 3
    assert "00001.bin: is empty" in text
    assert "00002.bin: has 7 bytes" in text
    assert "00003.bin, event 0: pixel (200, 3) is outside" in text
    assert not store.exists(), "nothing bad is cached"


def test_a_recording_that_goes_away_is_named(folder, store):
    recordings = find_recordings(folder, "Test")
    gone = [type(recordings[0])("Test/0/x.bin", Path("gone/x.bin"), 0)]
    with pytest.raises(SpikecError, match=r"gone/x.bin: cannot be read"):
        frames_module.bin_recordings(recordings + gone, EventBinning(), 16, cache=store)


def test_folders_without_recordings(tmp_path):
    with pytest.raises(SpikecError, match="does not exist"):
        nmnist.load(tmp_path / "nowhere")
    with pytest.raises(SpikecError, match="holds no N-MNIST recordings"):
        nmnist.load(tmp_path)
    (tmp_path / "Test").mkdir()
    with pytest.raises(SpikecError, match="holds no recordings"):
        nmnist.load(tmp_path)
    with pytest.raises(SpikecError, match=r"'test' is unknown. Known: Train, Test"):
        nmnist.load(tmp_path, "test")


class FakeTonic:
    """Stands for tonic's class: notes how it is called and 'downloads' one recording."""

    def __init__(self, save_to: str, train: bool) -> None:
        split = Path(save_to) / "NMNIST" / ("Train" if train else "Test")
        if not split.exists():
            (split / "7").mkdir(parents=True)
            (split / "7" / "00001.bin").write_bytes(bytes([1, 2, 0x80, 0, 5]))
        self.data = [str(path) for path in split.rglob("*.bin")]
        self.targets = [int(Path(name).parent.name) for name in self.data]


def test_nothing_is_downloaded_unasked(tmp_path, monkeypatch):
    monkeypatch.setattr(nmnist, "_tonic", lambda: pytest.fail("asked tonic"))
    with pytest.raises(SpikecError, match="holds no N-MNIST recordings"):
        nmnist.load(tmp_path)


def test_a_subset_is_taken_as_it_is(folder, monkeypatch):
    monkeypatch.setattr(nmnist, "_tonic", lambda: pytest.fail("asked tonic"))
    assert nmnist.load(folder) == find_recordings(folder)
    assert nmnist.load(folder, download=True) == find_recordings(folder), "there is something already"


def test_download_when_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(nmnist, "_tonic", lambda: FakeTonic)
    (recording,) = nmnist.load(tmp_path, "Test", download=True)
    assert (recording.id, recording.label) == ("Test/7/00001.bin", 7)


def test_download_without_tonic_tells_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setattr(nmnist, "_tonic", lambda: None)
    with pytest.raises(SpikecError, match=r"tonic is not installed. Install it with: pip install 'spikec\[nmnist\]'"):
        nmnist.load(tmp_path, download=True)


def test_a_download_that_fails_is_told(tmp_path, monkeypatch):
    def offline(**_):
        raise OSError("no route to host")

    monkeypatch.setattr(nmnist, "_tonic", lambda: offline)
    with pytest.raises(SpikecError, match=r"tonic could not provide N-MNIST \(no route to host\)"):
        nmnist.load(tmp_path, download=True)


def test_a_full_set_is_listed_by_tonic(tmp_path, monkeypatch):
    monkeypatch.setattr(nmnist, "FULL", 1)
    monkeypatch.setattr(nmnist, "_tonic", lambda: FakeTonic)
    FakeTonic(str(tmp_path), train=True)
    assert not nmnist.is_tonic_set(tmp_path, "Train"), "tonic would miss its archive and download"
    (tmp_path / "NMNIST" / "train.zip").write_bytes(b"")
    assert nmnist.is_tonic_set(tmp_path, "Train")
    assert nmnist.load(tmp_path, "Train") == find_recordings(tmp_path, "Train")
    monkeypatch.setattr(nmnist, "_tonic", lambda: None)
    assert nmnist.load(tmp_path, "Train") == find_recordings(tmp_path, "Train"), "tonic is no must"


@pytest.mark.real_data
def test_real_recordings_read_as_tonic_reads_them(real_data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tonic's dependencies warn about their own future.
        import tonic.io as tonic_io
    dtype = np.dtype([(name, int) for name in "xytp"])
    recordings = nmnist.load(real_data, "Test")
    for recording in recordings:
        ours, theirs = read_nmnist(recording.path), tonic_io.read_mnist_file(str(recording.path), dtype)
        assert all(np.array_equal(ours[name], theirs[name]) for name in "xytp")
    assert len(recordings) >= 100


@pytest.mark.real_data
def test_real_recordings_have_the_activity_that_their_readme_states(real_data, store):
    found = frames(real_data, "Train", EventBinning(), 16, cache=store)
    assert 0.030 < found.unpack().mean() < 0.034
