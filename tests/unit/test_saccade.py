"""The simulated event camera: its physics, its statistics, and that a recording depends on nothing but its id."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from codegen.ir import SpikecError
from codegen.ir.events import decode_nmnist, encode_nmnist, find_problems
from trainer.datasets import strokes
from trainer.datasets.recorder import FLICKER_ON
from trainer.datasets.saccade import CHUNK, Camera, Saccades, Scene, simulate

QUIET = Camera(leak_hz=0.0, flicker=0.0)
FAST = dataclasses.replace(QUIET, lag_us=1.0, lag_light_us=0.0, jitter_us=0.0, spread=0.0, unrest=0.0, rebound=0.0)


def line(first: float, last: float, end_us: int = 308_000) -> Saccades:
    """Along columns, from ``first`` to ``last`` in 100 ms, at one speed, then still; no recording is early or late."""
    columns = tuple(np.linspace(first, last, 21))
    return Saccades(columns, (0.0,) * 21, begin_us=0, end_us=end_us, commands_us=(), early_us=())


RIGHT = line(-4.0, 4.0, 120_000)
STILL = line(0.0, 0.0)


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
        assert events["t"][-1] < 308_000 + max(Saccades().early_us) + Camera().jitter_us


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
    camera = dataclasses.replace(QUIET, blur=(0.1, 0.1))
    assert [len(events) for events in simulate(bar(2), [0, 1], camera=camera, saccades=STILL)] == [0, 0]


def test_leak_sends_on_events_from_blank_images_at_its_rate():
    camera = dataclasses.replace(QUIET, leak_hz=4.0, leak_spread=0.3, start=(0.0, 1.0))
    blank = np.zeros((40, 28, 28))
    recordings = simulate(blank, range(40), camera=camera, saccades=STILL)
    events = np.concatenate(recordings)
    assert events["p"].all()
    expected = 40 * 4.0 * 34 * 34 * 0.308
    assert abs(len(events) - expected) < 0.03 * expected
    assert abs(events["x"].mean() - 16.5) < 0.5
    counts = np.zeros((34, 34))
    np.add.at(counts, (events["y"], events["x"]), 1)
    likeness = np.corrcoef(counts.ravel(), camera.pixels().leak_hz.ravel())[0, 1]
    assert likeness > 0.8, "a pixel leaks the same in every recording"


def test_flicker_is_only_where_pixels_flicker():
    camera = dataclasses.replace(QUIET, flicker=0.02, flicker_hz=30.0)
    events = np.concatenate(simulate(np.zeros((50, 28, 28)), range(50), camera=camera, saccades=STILL))
    flickers = camera.pixels().flickers
    assert 10 < flickers.sum() < 40
    counts = np.zeros((34, 34))
    np.add.at(counts, (events["y"], events["x"]), 1)
    assert not counts[~flickers].any()
    assert (counts[flickers] > 0).all()
    expected = 50 * 30.0 * flickers.sum() * 0.308
    assert abs(len(events) - expected) < 0.05 * expected
    assert abs(events["p"].mean() - FLICKER_ON) < 0.03
    assert abs(events["t"].mean() - 154_000) < 3_000


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
    camera = dataclasses.replace(FAST, step_us=200, threshold_off=0.2)
    edge = np.zeros((1, 28, 28))
    edge[:, :, :14] = 1.0
    (events,) = simulate(edge, [0], camera=camera, saccades=RIGHT, scene=Scene(stroke=0.1))
    passed = events[(events["y"] == 16) & (events["x"] == 16)]
    assert not passed["p"].any()
    assert abs(len(passed) - np.log(10) / 0.2) <= 2


def test_lag_makes_events_late_and_more_of_it_in_light():
    edge = np.zeros((20, 28, 28))
    edge[:, :, :14] = 1.0

    def when(**changes: float) -> float:
        camera = dataclasses.replace(FAST, **changes)
        events = np.concatenate(simulate(edge, range(20), camera=camera, saccades=RIGHT))
        return float(events["t"][(events["x"] == 16) & (events["y"] > 10) & (events["y"] < 22)].mean())

    prompt = when()
    assert 3_000 < when(lag_us=5_000.0) - prompt < 7_000
    assert 500 < when(lag_light_us=5_000.0) - prompt < 5_000


def test_an_event_of_the_other_polarity_comes_easier_by_the_rebound():
    """A bar passes: pixels go dark, then light again. Only the first event back is nearer."""
    thin = np.zeros((20, 28, 28))
    thin[:, :, 13:15] = 1.0

    def first_on(rebound: float) -> float:
        camera = dataclasses.replace(FAST, rebound=rebound, step_us=200)
        events = np.concatenate(simulate(thin, range(20), camera=camera, saccades=RIGHT))
        pixel = (events["x"] == 16) & (events["y"] > 10) & (events["y"] < 22) & (events["p"] == 1)
        return float(events["t"][pixel].min())

    assert first_on(0.0) - first_on(0.8) > 1_000


def test_unrest_varies_what_one_pixel_sends():
    edge = np.zeros((40, 28, 28))
    edge[:, :, :14] = 1.0

    def wide(unrest: float) -> float:
        camera = dataclasses.replace(FAST, unrest=unrest, start=(0.0, 0.0))
        recordings = simulate(edge, range(40), camera=camera, saccades=RIGHT)
        return float(np.std([events["t"][(events["x"] == 16) & (events["y"] == 16)][2] for events in recordings]))

    assert wide(0.0) == 0.0
    assert wide(0.2) > 500


def test_start_decides_how_much_light_a_first_event_needs():
    """Pixels that all start at an event's threshold send at the smallest change; those in the middle need more."""
    edge = np.zeros((10, 28, 28))
    edge[:, :, :14] = 1.0

    def events(start: tuple[float, float]) -> int:
        camera = dataclasses.replace(FAST, start=start)
        return sum(map(len, simulate(edge, range(10), camera=camera, saccades=line(0.0, 0.5))))

    assert events((1.0, 1.0)) > 1.2 * events((0.0, 0.0))


def test_jitter_moves_events_by_up_to_its_time():
    edge = np.zeros((1, 28, 28))
    edge[:, :, :14] = 1.0
    camera = dataclasses.replace(FAST, step_us=200)
    (still,) = simulate(edge, [0], camera=camera, saccades=RIGHT)
    (moved,) = simulate(edge, [0], camera=dataclasses.replace(camera, jitter_us=300.0), saccades=RIGHT)
    assert len(still) == len(moved)
    by_pixel = [events[np.lexsort((events["t"], events["x"], events["y"]))] for events in (still, moved)]
    apart = np.diff([events["t"].astype(int) for events in by_pixel], axis=0)
    assert 250 < np.abs(apart).max() <= 301


def test_threshold_spread_makes_pixels_differ():
    def per_pixel(spread: float) -> float:
        camera = dataclasses.replace(FAST, spread=spread)
        edge = np.zeros((30, 28, 28))
        edge[:, :, :14] = 1.0
        counts = np.zeros((34, 34))
        for events in simulate(edge, range(30), camera=camera, saccades=RIGHT):
            np.add.at(counts, (events["y"], events["x"]), 1)
        return float(counts[8:26, 17].std())

    assert per_pixel(0.2) > 3 * per_pixel(0.0)


def test_pixels_belong_to_the_camera():
    camera = Camera(spread=0.1, leak_hz=2.0, leak_spread=0.5, flicker=0.1)
    pixels, again, other = camera.pixels(), camera.pixels(), dataclasses.replace(camera, seed=1).pixels()
    for one, same, another in zip(vars(pixels).values(), vars(again).values(), vars(other).values(), strict=True):
        assert one.shape == (34, 34)
        assert np.array_equal(one, same)
        assert not np.array_equal(one, another)
    assert abs(pixels.on.std() / pixels.on.mean() - 0.1) < 0.02
    assert abs(pixels.on.mean() - camera.threshold_on) < 0.01
    assert min(pixels.on.min(), pixels.off.min(), pixels.leak_hz.min()) > 0
    assert abs(pixels.leak_hz.mean() - 2.0) < 0.2
    assert abs(np.log(pixels.leak_hz).std() - 0.5) < 0.05
    assert 0.07 < pixels.flickers.mean() < 0.13


@pytest.mark.parametrize("until", [1, 50_000, 100_000, 250_000])
def test_until_gives_the_beginning_of_the_whole_recording(recordings, until):
    for whole, part in zip(recordings[:8], simulate(digits(8), range(8), until_us=until), strict=True):
        assert np.array_equal(part, whole[whole["t"] < until])


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
        ({"camera": Camera(lag_us=0.0)}, "camera.lag_us: is 0.0. It must be above 0"),
        ({"camera": Camera(lag_light_us=-1.0)}, "camera.lag_light_us: is -1.0. It must not be below 0"),
        ({"camera": Camera(jitter_us=-1.0)}, "camera.jitter_us: is -1.0"),
        ({"camera": Camera(leak_hz=-1.0)}, "camera.leak_hz: is -1.0"),
        ({"camera": Camera(rebound=1.5)}, "camera.rebound: is 1.5. Use 0 to 1"),
        ({"camera": Camera(flicker=-0.5)}, "camera.flicker: is -0.5. Use 0 to 1"),
        ({"camera": Camera(blur=(0.6, 0.0))}, r"camera.blur: is \(0.6, 0.0\). Both must be above 0"),
        ({"camera": Camera(start=(0.5, 1.5))}, r"camera.start: is \(0.5, 1.5\). Use 0 to 1 for both"),
        ({"scene": Scene(stroke=0.0)}, "scene.stroke: is 0.0"),
        ({"saccades": Saccades(spacing_us=0)}, "saccades.spacing_us: is 0"),
        ({"saccades": Saccades(rows=(2.0,))}, "saccades: has 68 columns and 1 rows. Give as many of both"),
        ({"saccades": Saccades((2.0,), (2.0,))}, "saccades: has 1 columns and 1 rows. Give as many of both, and two"),
        ({"saccades": Saccades(begin_us=308_000)}, "saccades.begin_us: is 308000, and end_us is 308000"),
        ({"saccades": Saccades(early_us=(9,))}, r"saccades.early_us: is \(9,\) for 2 commands"),
        ({"saccades": Saccades(early_us=(9, -9))}, r"saccades.early_us: is \(9, -9\) for 2 commands"),
        ({"saccades": Saccades(early_us=(9_000, 3_000))}, "saccades.commands_us: .*Time would run backwards"),
        ({"saccades": Saccades(commands_us=(98_000, 100_000))}, "saccades.commands_us: .*Time would run backwards"),
    ],
)
def test_parameters_that_make_no_sense(arguments, message):
    with pytest.raises(SpikecError, match=message):
        simulate(**{"images": bar(), "ids": [0], **arguments})


def test_all_problems_are_told_at_once():
    with pytest.raises(SpikecError) as caught:
        simulate(bar(), [0, 1], camera=Camera(blur=(0.0, 1.0)), scene=Scene(size=-1.0))
    assert [problem.where for problem in caught.value.problems] == ["images", "scene.size", "camera.blur"]


def test_way_passes_through_its_knots_without_jumps_and_rests_behind_the_last():
    saccades = Saccades()
    knots = np.array([saccades.columns, saccades.rows]).T
    times = saccades.begin_us + saccades.spacing_us * np.arange(len(knots), dtype=float)
    assert np.allclose(saccades.position(times), knots, atol=1e-12)
    assert np.allclose(saccades.position(np.array([-1e6, 1e6])), knots[[0, -1]], atol=1e-12)
    path = saccades.position(np.arange(saccades.begin_us, 308_001, 500.0))
    assert np.abs(np.diff(path, axis=0)).max() < 0.1, "no jumps"
    assert np.abs(np.diff(path, n=2, axis=0)).max() < 0.01, "no corners"


def test_a_straight_way_is_straight_between_its_knots():
    times = np.linspace(0.0, 100_000.0, 301)
    assert np.allclose(RIGHT.position(times), np.stack([8.0 * times / 100_000 - 4.0, 0.0 * times], axis=1))


@pytest.mark.parametrize("draw", [(0.0, 0.0), (1.0, 1.0), (-1.0, 1.0), (1.0, -1.0), (-1.0, -1.0)])
def test_commands_are_late_as_drawn_and_keep_the_order_of_events(draw):
    saccades = Saccades()
    time = np.arange(0.0, 308_000.0, 50.0)
    seen = saccades.delayed(time, np.array(draw))
    assert (np.diff(seen) > 0).all()
    late = seen - time
    assert not late[time < 90_000].any()
    assert np.allclose(late[(time > 105_000) & (time < 195_000)], draw[0] * saccades.early_us[0])
    assert np.allclose(late[time > 210_000], draw[1] * saccades.early_us[1])


def test_every_recording_is_late_by_a_time_of_its_own():
    """An edge passes: when, differs between recordings if the command comes before it, and not if after."""
    edge = np.zeros((40, 28, 28))
    edge[:, :, :14] = 1.0
    camera = dataclasses.replace(FAST, start=(0.0, 0.0))

    def wide(commands: tuple[int, ...]) -> float:
        saccades = dataclasses.replace(RIGHT, commands_us=commands, early_us=(4_000,))
        recordings = simulate(edge, range(40), camera=camera, saccades=saccades)
        return float(np.std([events["t"].mean() for events in recordings]))

    assert wide((200_000,)) < 1e-6
    assert 1_500 < wide((10_000,)) < 3_500
