"""The embedded default data: whole or not there, made again when its parameters change, no image in both splits."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from codegen import resources
from codegen.ir import EventBinning, SpikecError
from codegen.ir.recordings import encode_recordings, find_recordings
from trainer.datasets import digits, strokes
from trainer.datasets.digits import MANIFEST, Plan, ensure_digits, make_digits, split_images

SMALL = Plan(train_images=20, test_images=10, train_copies=2, test_copies=1)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return make_digits(tmp_path_factory.mktemp("data") / "digits", plan=SMALL)


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.bin"))}


def test_they_are_nmnist_recordings(small):
    train, test = (find_recordings(small, split) for split in ("Train", "Test"))
    assert (len(train), len(test)) == (40, 10)
    spikes = encode_recordings(train + test, EventBinning(), 16)
    assert spikes.any(axis=(1, 2)).all()


def test_labels_are_the_digits_of_the_images(small):
    _, labels = strokes.load_digits()
    for recording in find_recordings(small, "Train") + find_recordings(small, "Test"):
        assert labels[int(recording.path.stem) // 10] == recording.label


def test_no_image_is_in_both_splits(small):
    train, test = ({int(r.path.stem) // 10 for r in find_recordings(small, split)} for split in ("Train", "Test"))
    assert (len(train), len(test)) == (20, 10)
    assert not train & test


def test_split_is_fixed_and_stratified():
    _, labels = strokes.load_digits()
    split = split_images(labels)
    assert sorted(np.concatenate([split["Train"], split["Test"]])) == list(range(1797))
    assert len(split["Test"]) == 500
    assert split["Test"][:5].tolist() == [259, 563, 457, 450, 1441]
    for images in (split["Test"], split["Train"], split["Train"][:100]):
        share = np.bincount(labels[images], minlength=10) / len(images)
        assert np.abs(share - np.bincount(labels) / 1797).max() < 0.011


def test_seed_decides_every_byte(small, tmp_path):
    again = make_digits(tmp_path / "again", plan=SMALL)
    assert files(again) == files(small)
    assert (again / MANIFEST).read_bytes() == (small / MANIFEST).read_bytes()
    other = make_digits(tmp_path / "other", plan=SMALL, seed=1)
    assert files(other).keys() == files(small).keys()
    assert files(other) != files(small)


def test_more_images_change_no_recording(small, tmp_path):
    more = files(make_digits(tmp_path / "more", plan=dataclasses.replace(SMALL, train_images=23, test_copies=2)))
    assert files(small).items() <= more.items()


def test_a_whole_folder_is_left_alone(small, monkeypatch):
    monkeypatch.setattr(strokes, "load_digits", lambda: pytest.fail("made again"))
    assert make_digits(small, plan=SMALL) == small


@pytest.mark.parametrize("damage", ["missing", "short", "manifest"])
def test_a_damaged_folder_is_made_again(small, tmp_path, damage):
    folder = make_digits(tmp_path / "digits", plan=SMALL)
    victim = next((folder / "Test").rglob("*.bin"))
    if damage == "missing":
        victim.unlink()
    elif damage == "short":
        victim.write_bytes(victim.read_bytes()[:-5])
    else:
        manifest = json.loads((folder / MANIFEST).read_text())
        manifest["parameters"]["version"] = -1
        (folder / MANIFEST).write_text(json.dumps(manifest))
    make_digits(folder, plan=SMALL)
    assert files(folder) == files(small)
    assert [path.name for path in tmp_path.iterdir()] == ["digits"], "nothing is left beside it"


def test_other_parameters_replace_the_folder(tmp_path):
    folder = make_digits(tmp_path / "digits", plan=SMALL)
    make_digits(folder, plan=dataclasses.replace(SMALL, train_copies=1))
    assert len(find_recordings(folder, "Train")) == 20


def test_what_fails_half_way_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(digits, "encode_nmnist", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_digits(tmp_path / "digits", plan=SMALL)
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_ends_the_work_that_has_not_begun(tmp_path, monkeypatch):
    begun = []
    record = digits._Source.record
    monkeypatch.setattr(digits, "CHUNK", 1)
    monkeypatch.setattr(digits._Source, "record", lambda self, job: begun.append(job) or record(self, job))

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_digits(tmp_path / "digits", plan=dataclasses.replace(SMALL, train_images=200), progress=interrupt)
    assert len(begun) < 100, "410 jobs were to do"
    assert list(tmp_path.iterdir()) == []


def test_other_files_are_never_lost(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(SpikecError, match=r"holds other files, which would be lost. Give a new or empty folder"):
        make_digits(tmp_path, plan=SMALL)
    with pytest.raises(SpikecError, match="is a file, which would be lost"):
        make_digits(tmp_path / "thesis.tex", plan=SMALL)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_place_below_a_file_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SpikecError, match="cannot be made"):
        make_digits(tmp_path / "file" / "digits", plan=SMALL)


@pytest.mark.parametrize(("name", "value"), [("train_images", 0), ("test_images", 501), ("train_copies", 11)])
def test_plans_that_ask_for_too_much(tmp_path, name, value):
    with pytest.raises(SpikecError, match=rf"plan.{name}: is {value}"):
        make_digits(tmp_path / "digits", plan=dataclasses.replace(SMALL, **{name: value}))


def test_default_place_and_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path))
    monkeypatch.setattr(digits, "Plan", lambda: SMALL)
    seen = []
    assert ensure_digits(progress=lambda done, total: seen.append((done, total))) == tmp_path / "digits"
    assert seen[-1] == (50, 50)
    assert seen == sorted(seen)


def test_cache_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("SPIKEC_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert resources.cache_folder() == tmp_path / "spikec"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resources.cache_folder() == tmp_path / ".cache" / "spikec"


def test_without_scikit_learn_the_way_out_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn", None)
    with pytest.raises(SpikecError, match=r"scikit-learn.*Install it with"):
        make_digits(tmp_path / "digits", plan=SMALL)


def test_copies_differ_but_show_the_same_digit():
    images, _ = strokes.load_digits()
    random = np.random.default_rng(0)
    still = strokes.draw(images[:50], strokes.jittered(50, strokes.Jitter(0.0, 0.0, 0.0), random))
    moved = strokes.draw(images[:50], strokes.jittered(50, strokes.Jitter(), random))
    assert still.min() >= 0
    assert still.max() <= 1
    likeness = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(still, moved, strict=True)]
    assert 0.5 < np.mean(likeness) < 0.97


def test_maps_shift_by_what_they_say():
    images, _ = strokes.load_digits()
    still = np.array([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    shifted = np.array([[[1.0, 0.0, -2.0], [0.0, 1.0, 3.0]]])
    here, there = (strokes.draw(images[:1], maps)[0] for maps in (still, shifted))
    assert np.array_equal(np.roll(here, (2, -3), (0, 1)), there)
