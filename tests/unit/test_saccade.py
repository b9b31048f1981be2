"""The simulated event camera: its physics, its statistics, and that a recording depends on nothing but its id."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from codegen.ir import SpikecError
from codegen.ir.events import decode_nmnist, encode_nmnist, find_problems
from trainer.datasets import strokes
from trainer.datasets.saccade import CHUNK, Camera, Saccades, Scene, simulate

QUIET = Camera(noise_hz=0.0)
RIGHT = Saccades(corners=((-4.0, 0.0), (4.0, 0.0)), times_us=((0, 100_000),), rise=(2.0,), fall=(2.0,), end_us=100_000)
STILL = Saccades(corners=((0.0, 0.0), (0.0, 0.0)), times_us=((0, 100_000),), rise=(2.0,), fall=(2.0,), end_us=308_000)


def bar(count: int = 1) -> np.ndarray:
    """An upright bar in the middle."""
    images = np.zeros((count, 28, 28))
    images[:, 4:24, 11:17] = 1.0
    return images


def digits(count: int) -> np.ndarray:
    images, _ = strokes.load_digits()
    still = strokes.jittered(count, strokes.Jitter(0.0, 0.0, 0.0), np.random.default_rng(0))
    return strokes.draw(images[:count], still)


@pytest.fixture(scope="module")
def recordings():
    return simulate(digits(200), range(200))


def test_recordings_are_sound_and_keep_their_bits_in_nmnist_files(recordings):
    for events in recordings:
        assert find_problems(events, "simulated", (34, 34)) == []
        assert np.array_equal(decode_nmnist(encode_nmnist(events), "simulated"), events)
        assert events["t"][-1] <= 308_000


def test_digits_send_about_as_many_events_as_nmnist(recordings):
    assert 3_300 < np.mean([len(events) for events in recordings]) < 4_800
    first = [np.count_nonzero(events["t"] < 105_000) for events in recordings]
    assert 1_200 < np.mean(first) < 1_800
    assert 0.48 < np.mean([events["p"].mean() for events in recordings]) < 0.54


def test_inputs_are_about_as_active_as_nmnist_s(recordings):
    active = 0
    for events in recordings:
        on = events[(events["p"] == 1) & (events["t"] < 100_000)]
        pixel = on["y"].astype(int) * 34 + on["x"]
        active += len(np.unique(on["t"] // 6250 * 1156 + pixel))
    assert 0.026 < active / (len(recordings) * 16 * 1156) < 0.038


def test_each_saccade_s_rate_is_one_bell(recordings):
    time = np.concatenate([events["t"] for events in recordings])
    counts = np.bincount(np.minimum(time // 6250, 49), minlength=50)
    assert 6 <= counts[:16].argmax() <= 9
    for middle, edges in ((counts[6:10], counts[[0, 15]]), (counts[22:27], counts[[16, 33]])):
        assert edges.max() < 0.3 * middle.mean()
    smooth = np.convolve(counts[:14], [0.25, 0.5, 0.25], "valid")
    peak = smooth.argmax()
    assert np.all(np.diff(smooth[: peak + 1]) > 0)
    assert np.all(np.diff(smooth[peak:]) < 0)


def test_a_still_image_without_noise_sends_nothing():
    assert [len(events) for events in simulate(bar(2), [0, 1], camera=QUIET, saccades=STILL)] == [0, 0]


def test_a_still_image_sends_noise_of_the_stated_rate_and_polarity():
    camera = Camera(noise_hz=2.0, noise_on=0.75)
    events = np.concatenate(simulate(bar(100), range(100), camera=camera, saccades=STILL))
    expected = 100 * 2.0 * 34 * 34 * 0.308
    assert abs(len(events) - expected) < 0.03 * expected
    assert abs(events["p"].mean() - 0.75) < 0.01
    assert abs(events["x"].mean() - 16.5) < 0.2
    assert abs(events["t"].mean() - 154_000) < 1_500


def test_brightening_is_on():
    """A bright bar that moves right brightens what lies to its right first, and darkens what it leaves."""
    bright = Scene(background=0.16, stroke=1.0)
    (events,) = simulate(bar(), [0], camera=QUIET, saccades=RIGHT, scene=bright)
    on, off = (events["x"][events["p"] == p].mean() for p in (1, 0))
    assert on > off + 3
    (events,) = simulate(bar(), [0], camera=QUIET, saccades=RIGHT, scene=Scene(background=1.0, stroke=0.16))
    on, off = (events["x"][events["p"] == p].mean() for p in (1, 0))
    assert off > on + 3


def test_number_of_events_is_log_contrast_over_threshold():
    """A pixel that goes all the way from background to stroke counts the thresholds on its way."""
    camera = Camera(noise_hz=0.0, spread=0.0, unrest=0.0, refractory_us=0, step_us=200, threshold_off=0.2)
    edge = np.zeros((1, 28, 28))
    edge[:, :, :14] = 1.0
    (events,) = simulate(edge, [0], camera=camera, saccades=RIGHT, scene=Scene(stroke=0.1))
    passed = events[(events["y"] == 16) & (events["x"] == 16)]
    assert not passed["p"].any()
    assert abs(len(passed) - np.log(10) / 0.2) <= 2


@pytest.mark.parametrize("refractory", [1500, 4000, 15_000])
def test_refractory_time_is_kept(refractory):
    camera = Camera(refractory_us=refractory, noise_hz=20.0)
    for events in simulate(digits(4), range(4), camera=camera):
        order = np.lexsort((events["t"], events["x"], events["y"]))
        pixel = (events["y"].astype(int) * 34 + events["x"])[order]
        gaps = np.diff(events["t"][order].astype(int))[np.diff(pixel) == 0]
        assert gaps.min() >= refractory


def test_longer_refractory_time_means_fewer_events():
    counts = [
        sum(map(len, simulate(digits(20), range(20), camera=dataclasses.replace(QUIET, refractory_us=time))))
        for time in (1500, 6000, 20_000)
    ]
    assert counts[0] > counts[1] > counts[2]


def test_threshold_spread_makes_pixels_differ():
    def per_pixel(spread: float) -> float:
        camera = Camera(noise_hz=0.0, spread=spread, unrest=0.0)
        edge = np.zeros((30, 28, 28))
        edge[:, :, :14] = 1.0
        counts = np.zeros((34, 34))
        for events in simulate(edge, range(30), camera=camera, saccades=RIGHT):
            np.add.at(counts, (events["y"], events["x"]), 1)
        return float(counts[8:26, 17].std())

    assert per_pixel(0.2) > 3 * per_pixel(0.0)


def test_thresholds_belong_to_the_camera():
    on, off = Camera(spread=0.1).thresholds()
    again, _ = Camera(spread=0.1).thresholds()
    other, _ = Camera(spread=0.1, seed=1).thresholds()
    assert np.array_equal(on, again)
    assert not np.array_equal(on, other)
    assert abs(on.std() / on.mean() - 0.1) < 0.02
    assert on.min() > 0
    assert off.min() > 0


def test_seed_and_id_alone_decide_a_recording():
    images = digits(CHUNK + 6)
    together = simulate(images, range(len(images)))
    alone = simulate(images[CHUNK + 2 : CHUNK + 3], [CHUNK + 2])
    assert np.array_equal(together[CHUNK + 2], alone[0])
    backwards = simulate(images[7::-1], range(7, -1, -1))
    assert all(np.array_equal(a, b) for a, b in zip(together[:8], backwards[::-1], strict=True))
    assert not np.array_equal(alone[0], simulate(images[CHUNK + 2 : CHUNK + 3], [CHUNK + 2], seed=1)[0])
    assert not np.array_equal(alone[0], simulate(images[CHUNK + 2 : CHUNK + 3], [0])[0])


def test_other_shapes_of_images_and_sensors():
    camera = Camera(width=20, height=40)
    images = np.zeros((2, 16, 8))
    images[:, 4:12, 2:6] = 1.0
    for events in simulate(images, [0, 1], camera=camera):
        assert len(events) > 100
        assert find_problems(events, "simulated", (20, 40)) == []
    assert simulate(np.zeros((0, 8, 8)), []) == []


def test_nothing_to_see_and_no_noise_gives_an_empty_recording():
    (events,) = simulate(np.zeros((1, 28, 28)), [0], camera=QUIET)
    assert len(events) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": np.zeros((28, 28))}, r"images: have shape \(28, 28\) for 1 ids"),
        ({"images": np.full((1, 28, 28), 255.0)}, r"images: go from 255.0 to 255.0. Scale them to 0..1"),
        ({"images": np.full((1, 28, 28), np.nan)}, "images: go from nan"),
        ({"camera": Camera(threshold_on=0.0)}, "camera.threshold_on: is 0.0. It must be above 0"),
        ({"camera": Camera(refractory_us=-1)}, "camera.refractory_us: is -1"),
        ({"camera": Camera(noise_on=1.5)}, "camera.noise_on: is 1.5"),
        ({"scene": Scene(stroke=0.0)}, "scene.stroke: is 0.0"),
        ({"saccades": Saccades(rise=(2.0,))}, "saccades: corners, times, rise and fall describe"),
        ({"saccades": dataclasses.replace(RIGHT, times_us=((5, 5),))}, "Each must end after it starts"),
    ],
)
def test_parameters_that_make_no_sense(arguments, message):
    with pytest.raises(SpikecError, match=message):
        simulate(**{"images": bar(), "ids": [0], **arguments})


def test_all_problems_are_told_at_once():
    with pytest.raises(SpikecError) as caught:
        simulate(bar(), [0, 1], camera=Camera(blur=0.0), scene=Scene(size=-1.0))
    assert [problem.where for problem in caught.value.problems] == ["images", "scene.size", "camera.blur"]


def test_path_starts_rests_and_ends_at_the_corners():
    saccades = Saccades()
    rests = [0, *(stop for _, stop in saccades.times_us)]
    assert np.allclose(saccades.position(np.array(rests, float)), saccades.corners)
    path = saccades.position(np.arange(0, 308_001, 500.0))
    assert np.abs(np.diff(path, axis=0)).max() < 0.3, "no jumps"
