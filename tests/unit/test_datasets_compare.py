"""The comparison of simulated with real recordings: its figures, its pairing, and that the simulator stays near."""

from __future__ import annotations

import struct
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from benchmarks.figures import simulator
from codegen.ir import make_events, read_nmnist, write_nmnist
from codegen.ir.images import read_mnist
from codegen.ir.recordings import find_recordings
from trainer.datasets.compare import main, table
from trainer.datasets.saccade import simulate
from trainer.datasets.statistics import far_from_digits, likeness, measure

HAND_MADE = make_events(x=[3, 3, 3, 4, 3], y=[5, 5, 5, 5, 5], t=[0, 1000, 7000, 104_999, 200_000], p=[1, 1, 1, 0, 0])
BLANK = np.zeros((1, 28, 28))


def test_figures_of_a_recording_made_by_hand():
    figures = measure([HAND_MADE], BLANK)
    assert (figures.events, figures.spread, figures.first) == (5, 0, 4)
    assert figures.balance.tolist() == [0.75, 0, 0]
    assert figures.active == 2 / (16 * 1156)
    assert figures.counts[:, :4].tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
    assert figures.counts.sum() == 2
    assert figures.gaps_us[1, [0, 3]] == pytest.approx([1050.0, 3500.0])
    assert figures.gaps_us[2].tolist() == [193_000.0] * 6
    assert not figures.gaps_us[0].any()
    assert figures.gap_bins[1, [1, 6]].tolist() == [0.5, 0.5]
    assert figures.gap_bins.sum() == 1, "longer gaps are in no bin"
    assert figures.bell[1, :2].tolist() == [2, 1]
    assert figures.bell[0, [16, 32]].tolist() == [1, 1]
    assert figures.bell.sum() == 5
    assert figures.path[[0, 8]].tolist() == [[-13.5, -11.5], [-12.5, -11.5]]
    assert figures.last_us == (200_000, 0)


def test_speed_of_the_centroid_is_that_of_what_moves():
    """Dots go right, by a pixel every 10 ms in the first saccade, by one every 5 ms in the second, and rest then."""
    time = np.repeat(np.arange(0, 308_000, 500), 10)
    column = np.interp(time, [0, 87_500, 112_500, 200_000], [0.0, 8.75, 8.75, 26.25]) + np.arange(len(time)) % 10 / 10
    dots = make_events(x=np.floor(column), y=np.full(len(time), 9), t=time, p=np.arange(len(time)) % 2)
    figures = measure([dots], BLANK)
    assert figures.speed[0] == pytest.approx(100, abs=5)
    assert figures.speed[1] == pytest.approx(200, abs=5)
    assert figures.speed[2] < 5


def test_only_pixels_far_from_strokes_count_as_noise():
    image = np.zeros((1, 28, 28))
    image[0, 10, 10] = 1.0  # The sensor's row and column 13.
    far = far_from_digits(image)
    assert far.shape == (1, 34, 34)
    rows, columns = np.nonzero(~far[0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 19, 7, 19)
    assert np.count_nonzero(~far) == 13 * 13
    events = make_events(x=[13, 30, 30, 31], y=[13, 30, 30, 31], t=[1, 2, 3, 4], p=[1, 1, 1, 0])
    figures = measure([events], image)
    assert figures.noise_hz == pytest.approx(np.array([1, 2]) / (0.308 * (34 * 34 - 169)))
    assert figures.noise_pixels_hz[3] == pytest.approx(2 / 0.308)
    assert figures.hot == pytest.approx(2 / (34 * 34 - 169)), "all else is silent, so any event is hot"


def test_exact_repetitions_are_counted():
    twice = np.sort(np.concatenate([HAND_MADE, HAND_MADE[:2]]), order="t")
    assert measure([twice, HAND_MADE], np.zeros((2, 28, 28))).doubles == 1


def test_empty_recordings_have_figures():
    figures = measure([HAND_MADE[:0]], np.ones((1, 28, 28)))
    assert (figures.events, figures.active, figures.hot, figures.last_us) == (0, 0, 0, (0, 0))
    assert not figures.noise_hz.any()


def test_likeness_is_one_for_the_same_and_none_for_empty_maps():
    assert likeness([HAND_MADE], [HAND_MADE]) == pytest.approx(1.0)
    assert likeness([HAND_MADE[:0]], [HAND_MADE]) == 0.0


def test_table_has_a_column_a_set():
    figures = measure([HAND_MADE], BLANK)
    lines = table({"one": figures, "two": figures}).splitlines()
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
    assert "event maps, real and simulated: 1.000\n" in out, "these were simulated from the same images and ids"
    assert out.endswith("numbers of events, real and simulated: 1.000\n")


def test_benchmark_prints_the_same_and_draws_it(paired, tmp_path, capsys):
    main(["--data", str(paired)])
    wanted = capsys.readouterr().out
    assert simulator.main(["--data", str(paired), "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out == wanted
    assert (tmp_path / "out" / "simulator.md").read_text() == wanted
    plots = sorted((tmp_path / "out").glob("*.svg"))
    assert [plot.stem.removeprefix("simulator_") for plot in plots] == ["counts", "gaps", "path", "rate_off", "rate_on"]
    for plot in plots:
        names = [element.text for element in ET.parse(plot).iter() if element.get("class") == "name"]
        assert len(names) >= 2
        assert sum(name.endswith("simulated") for name in names) == len(names) / 2
    assert simulator.main(["--data", str(paired / "nowhere")]) == 2


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
    wanted, found = measure(real, images[np.array(ids) - 1] / 255.0), measure(ours, images[np.array(ids) - 1] / 255.0)
    assert found.events == pytest.approx(wanted.events, rel=0.05)
    assert found.first == pytest.approx(wanted.first, rel=0.05)
    assert found.spread == pytest.approx(wanted.spread, rel=0.1)
    assert found.active == pytest.approx(wanted.active, rel=0.04)
    assert found.balance == pytest.approx(wanted.balance, abs=0.02)
    assert found.noise_hz == pytest.approx(wanted.noise_hz, rel=0.35)
    assert found.gaps_us[:, 3] == pytest.approx(wanted.gaps_us[:, 3], rel=0.15)
    assert found.speed == pytest.approx(wanted.speed, rel=0.15)
    assert np.abs(found.path - wanted.path)[2:-1].max() < 1.0
    error = np.sqrt(np.mean((found.bell - wanted.bell) ** 2) / np.mean(wanted.bell**2))
    assert error < 0.08
    assert likeness(real, ours) > 0.93
