"""Recordings: N-MNIST's binary format, there and back, against tonic's reader, and every bad file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.ir import SpikecError, make_events, read_nmnist, write_nmnist
from codegen.ir.encoding import EventBinning
from codegen.ir.events import MAX_TIME_US, OVERFLOW_US, decode_nmnist, encode_nmnist
from codegen.ir.recordings import data_root, encode_recordings, find_recordings

PIXEL = st.integers(0, 33)


def record(x, y, t, p):
    return bytes([x, y, (p << 7) | (t >> 16), (t >> 8) & 0xFF, t & 0xFF])


def message(path, **arguments):
    with pytest.raises(SpikecError) as caught:
        read_nmnist(path, **arguments)
    return str(caught.value)


@given(st.lists(st.tuples(PIXEL, PIXEL, st.integers(0, MAX_TIME_US), st.integers(0, 1)), min_size=1))
def test_there_and_back(cases):
    events = make_events(*(np.array(column) for column in zip(*sorted(cases, key=lambda c: c[2]), strict=True)))
    assert encode_nmnist(events) == b"".join(record(*map(int, event)) for event in events)
    again = decode_nmnist(encode_nmnist(events), "here")
    assert again.dtype == events.dtype
    assert np.array_equal(again, events)


def test_there_and_back_by_file(tmp_path):
    events = make_events([0, 33], [33, 0], [0, MAX_TIME_US], [0, 1])
    write_nmnist(tmp_path / "a.bin", events)
    assert np.array_equal(read_nmnist(tmp_path / "a.bin"), events)


def test_overflow_records_advance_the_clock_and_are_dropped(tmp_path):
    (tmp_path / "a.bin").write_bytes(record(1, 2, 100, 1) + record(0, 240, 0, 0) + record(3, 4, 50, 0))
    events = read_nmnist(tmp_path / "a.bin")
    assert events["t"].tolist() == [100, OVERFLOW_US + 50]
    assert events["x"].tolist() == [1, 3]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is empty (0 bytes). A recording holds 5 bytes an event; copy the file again"),
        (b"\0" * 7, "has 7 bytes, which is no multiple of 5. It is truncated or not an N-MNIST recording"),
        (record(34, 0, 0, 0), "event 0: pixel (34, 0) is outside the 34x34 sensor (1 such events)"),
        (record(0, 0, 0, 0) + record(1, 34, 1, 0) * 2,
         "event 1: pixel (1, 34) is outside the 34x34 sensor (2 such events)"),
        (record(0, 0, 9, 0) + record(0, 0, 8, 0), "event 1: time runs backwards from 9 to 8 us (1 such places)"),
        (record(0, 240, 0, 0), "holds no events. Record it again"),
    ],
)  # fmt: skip
def test_bad_files(tmp_path, content, part):
    (tmp_path / "a.bin").write_bytes(content)
    assert part in message(tmp_path / "a.bin")


def test_all_problems_of_a_file_at_once(tmp_path):
    (tmp_path / "a.bin").write_bytes(record(99, 0, 9, 0) + record(0, 0, 8, 0))
    text = message(tmp_path / "a.bin")
    assert "outside" in text
    assert "backwards" in text


def test_missing_file_and_folder(tmp_path):
    assert "cannot be read (No such file or directory). Give the path of an N-MNIST .bin" in message(
        tmp_path / "no.bin"
    )
    assert "cannot be read (Is a directory)" in message(tmp_path)


def test_any_pixel_without_a_sensor(tmp_path):
    (tmp_path / "a.bin").write_bytes(record(255, 200, 0, 0))
    assert len(read_nmnist(tmp_path / "a.bin", sensor=None)) == 1


@pytest.mark.parametrize(
    "event", [(256, 0, 0, 0), (0, 256, 0, 0), (0, 240, 0, 0), (0, 0, -1, 0), (0, 0, MAX_TIME_US + 1, 0)]
)
def test_events_that_the_format_cannot_hold(event):
    with pytest.raises(SpikecError, match="does not fit N-MNIST's format"):
        encode_nmnist(make_events(*([value] for value in event)))


# ---- folders of recordings -------------------------------------------------------------------------------------------


def fill(root, *ids):
    for name in ids:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(record(1, 0, 10, 1))


def test_recordings_are_found_in_both_layouts(tmp_path):
    ids = ["Test/0/00002.bin", "Test/7/00001.bin"]
    fill(tmp_path / "NMNIST", *ids, "Train/3/00001.bin")
    for folder in (tmp_path, tmp_path / "NMNIST"):
        found = find_recordings(folder)
        assert [(recording.id, recording.label) for recording in found] == [(ids[1], 7), (ids[0], 0)]
    assert data_root(tmp_path) == tmp_path / "NMNIST"


@pytest.mark.parametrize(("make", "part"), [(False, "does not exist"), (True, "holds no N-MNIST recordings")])
def test_no_recordings(tmp_path, make, part):
    if make:
        (tmp_path / "data").mkdir()
    with pytest.raises(SpikecError, match=part):
        find_recordings(tmp_path / "data")


def test_empty_split(tmp_path):
    (tmp_path / "Test").mkdir()
    with pytest.raises(SpikecError, match=r"holds no recordings. Expected <digit>/<id>.bin in it"):
        find_recordings(tmp_path)


def test_recordings_are_read_and_binned(tmp_path):
    fill(tmp_path, "Test/0/1.bin", "Test/1/2.bin")
    spikes = encode_recordings(find_recordings(tmp_path), EventBinning(), 2)
    assert spikes.shape == (2, 2, 34 * 34)
    assert spikes.sum() == 2
    assert spikes[1, 0, 1]
    assert encode_recordings([], EventBinning(), 2).shape == (0, 2, 34 * 34)


def test_bad_recordings_are_all_named(tmp_path):
    fill(tmp_path, "Test/0/1.bin", "Test/1/2.bin", "Test/2/3.bin")
    for name in ("0/1.bin", "2/3.bin"):
        (tmp_path / "Test" / name).write_bytes(b"")
    with pytest.raises(SpikecError) as caught:
        encode_recordings(find_recordings(tmp_path), EventBinning(), 2)
    assert [problem.where[-5:] for problem in caught.value.problems] == ["1.bin", "3.bin"]
