"""The comparison of simulated with real recordings: its figures, its pairing, and that the simulator stays near."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from codegen.ir import make_events, read_nmnist, write_nmnist
from codegen.ir.images import read_mnist
from codegen.ir.recordings import find_recordings
from trainer.datasets.compare import likeness, main, measure, table
from trainer.datasets.saccade import simulate

HAND_MADE = make_events(x=[3, 3, 3, 4, 3], y=[5, 5, 5, 5, 5], t=[0, 1000, 7000, 104_999, 200_000], p=[1, 1, 1, 0, 0])


def test_figures_of_a_recording_made_by_hand():
    figures = measure([HAND_MADE])
    assert (figures.events, figures.first, figures.on) == (5, 4, 0.6)
    assert figures.active == 2 / (16 * 1156)
    assert figures.on_counts.tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert figures.gaps_us[[0, 2]] == pytest.approx([1050.0, 3500.0])
    assert figures.bell[1, :2].tolist() == [2, 1]
    assert figures.bell[0, [16, 32]].tolist() == [1, 1]
    assert figures.bell.sum() == 5


def test_likeness_is_one_for_the_same_and_none_for_empty_maps():
    assert likeness([HAND_MADE], [HAND_MADE]) == pytest.approx(1.0)
    assert likeness([HAND_MADE[:0]], [HAND_MADE]) == 0.0


def test_table_has_a_column_a_set():
    lines = table({"one": measure([HAND_MADE]), "two": measure([HAND_MADE])}).splitlines()
    assert lines[0] == "|  | one | two |"
    assert {line.count("|") for line in lines} == {4}
    assert "| events | 5 | 5 |" in lines


@pytest.fixture
def paired(tmp_path):
    """A folder with three images and the recordings of two of them."""
    images = np.zeros((3, 28, 28), np.uint8)
    images[:, 8:20, 12:16] = 255
    labels = np.array([7, 1, 4], np.uint8)
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        header = struct.pack(f">I{array.ndim}I", 0x800 | array.ndim, *array.shape)
        (raw / f"train-{name}-ubyte").write_bytes(header + array.tobytes())
    for number, events in zip((1, 3), simulate(images[[0, 2]] / 255.0, [1, 3]), strict=True):
        folder = tmp_path / "NMNIST" / "Train" / str(labels[number - 1])
        folder.mkdir(parents=True)
        write_nmnist(folder / f"{number:05d}.bin", events)
    return tmp_path


def test_command_pairs_recordings_with_images(paired, capsys):
    assert main(["--data", str(paired)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("2 recordings a column.")
    assert out.endswith("real and simulated: 1.000\n"), "these were simulated from the same images and ids"


def test_command_refuses_what_does_not_pair(paired, capsys):
    source = paired / "NMNIST" / "Train" / "7" / "00001.bin"
    source.rename(source.with_name("00002.bin"))
    assert main(["--data", str(paired)]) == 2
    assert "recordings do not pair with the MNIST images" in capsys.readouterr().err
    assert main(["--data", str(paired / "nowhere")]) == 2


@pytest.mark.real_data
def test_simulated_recordings_are_like_real_ones_of_the_same_images(real_data):
    recordings = find_recordings(real_data, "Train")[:150]
    images, _ = read_mnist(real_data, "Train")
    ids = [int(recording.path.stem) for recording in recordings]
    real = [read_nmnist(recording.path) for recording in recordings]
    ours = simulate(images[np.array(ids) - 1] / 255.0, ids)
    wanted, found = measure(real), measure(ours)
    assert found.events == pytest.approx(wanted.events, rel=0.08)
    assert found.first == pytest.approx(wanted.first, rel=0.08)
    assert found.active == pytest.approx(wanted.active, rel=0.08)
    assert found.on == pytest.approx(wanted.on, abs=0.02)
    error = np.sqrt(np.mean((found.bell - wanted.bell) ** 2) / np.mean(wanted.bell**2))
    assert error < 0.15
    assert likeness(real, ours) > 0.88
