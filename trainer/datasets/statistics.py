"""Statistics of recordings on N-MNIST's 34x34 sensor, to set real and simulated ones side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import EventBinning
from codegen.ir.events import Events

SIDE = 34
SACCADE_US = 105_000
RECORDING_US = 308_000
BIN_US = 6250
BINS = 50
"""A recording in bins of 6.25 ms; later events count to the last."""

PATH_BINS = 2
"""Bins of which one place of the centroid is computed: 12.5 ms."""

FAR = 6
"""Pixels from the nearest stroke on, to all sides, a pixel sees noise only: saccades go 4 pixels far, optics blur 2."""

HOT = 4.0
"""A pixel is hot when it sends that many times the noise of the median pixel."""

PERCENTILES = (1, 10, 25, 50, 75, 90)


@dataclass(frozen=True)
class Figures:
    """Means over recordings, unless it says otherwise. Polarities are OFF, then ON.

    ``spread``: standard deviation of the number of events. ``balance``: part of the events that is ON, by saccade.
    ``active``: part of the 1,156 ON inputs that spike in a bin, over the first 16 bins.

    ``bell``: events a bin, (2, 50). ``path``: where events are on average, (25, 2) columns and rows in pixels from the
    sensor's centre, every 12.5 ms. ``speed``: how fast that goes at most, in pixels a second, by saccade, and only
    while many events come.

    ``counts``: pixels with 1, 2, .. 12 and more events in the first saccade, (2, 12). ``gaps_us``: percentiles
    (``PERCENTILES``) of the time between a pixel's successive events: both OFF, both ON, one of each, (3, 6).
    ``gap_bins``: part of the gaps of each kind in each millisecond from 0 to 25, (3, 25).

    ``last_us``: mean and standard deviation of the last event's time. ``doubles``: events that repeat another exactly.

    ``noise_hz``: events a second of a pixel far from the digit, by polarity. ``noise_pixels_hz``: median, 90th and 99th
    percentile and maximum of that over the pixels, ON and OFF together. ``hot``: part of the pixels that is hot.
    """

    events: float
    spread: float
    first: float
    balance: NDArray[np.float64]
    active: float
    bell: NDArray[np.float64]
    path: NDArray[np.float64]
    speed: NDArray[np.float64]
    counts: NDArray[np.float64]
    gaps_us: NDArray[np.float64]
    gap_bins: NDArray[np.float64]
    last_us: tuple[float, float]
    doubles: float
    noise_hz: NDArray[np.float64]
    noise_pixels_hz: NDArray[np.float64]
    hot: float


def measure(recordings: Sequence[Events], images: NDArray[np.floating]) -> Figures:
    """Compute the figures of recordings and the images (n, 28, 28), 0 to 1, that they show; at least one."""
    encoding = EventBinning()
    totals = [len(events) for events in recordings]
    first = [events[events["t"] < SACCADE_US] for events in recordings]
    last = [int(events["t"].max()) for events in recordings if len(events)] or [0]
    sums: NDArray[np.float64] = np.array([_moments(events) for events in recordings]).sum(axis=0)
    counts = [np.minimum(per_pixel(events[events["p"] == p]), 12) for p in (0, 1) for events in first]
    histograms = np.array([np.bincount(row, minlength=13)[1:] for row in counts]).reshape(2, len(first), 12)
    gaps_us, gap_bins = _gap_figures([_gaps(events) for events in recordings])
    path, speed = _way(sums)
    noise_hz, per_pixel_hz = _noise(recordings, images)
    return Figures(
        events=float(np.mean(totals)),
        spread=float(np.std(totals)),
        first=float(np.mean([len(events) for events in first])),
        balance=_balance(recordings),
        active=float(np.mean([encoding.encode(events, 16).mean() for events in recordings])),
        bell=sums[:2] / len(recordings),
        path=path,
        speed=speed,
        counts=histograms.mean(axis=1),
        gaps_us=gaps_us,
        gap_bins=gap_bins,
        last_us=(float(np.mean(last)), float(np.std(last))),
        doubles=float(np.mean([_doubles(events) for events in recordings])),
        noise_hz=noise_hz,
        noise_pixels_hz=np.percentile(per_pixel_hz, [50, 90, 99, 100]) if len(per_pixel_hz) else np.zeros(4),
        hot=float(np.mean(per_pixel_hz > HOT * np.median(per_pixel_hz))) if len(per_pixel_hz) else 0.0,
    )


def likeness(real: Sequence[Events], simulated: Sequence[Events]) -> float:
    """Mean correlation of paired recordings' maps of events a pixel, by polarity and saccade; without empty ones."""
    found: list[float] = []
    for one, two in zip(real, simulated, strict=True):
        for saccade in range(3):
            for polarity in range(2):
                maps = [
                    per_pixel(events[(events["t"] // SACCADE_US == saccade) & (events["p"] == polarity)])
                    for events in (one, two)
                ]
                if all(map_.std() > 0 for map_ in maps):
                    found.append(float(np.corrcoef(maps[0], maps[1])[0][1]))
    return float(np.mean(found)) if found else 0.0


def per_pixel(events: Events) -> NDArray[np.int64]:
    """Events of each pixel, (1156,)."""
    return np.bincount(events["y"].astype(np.int64) * SIDE + events["x"], minlength=SIDE * SIDE)


def far_from_digits(images: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Where no edge of an image (n, 28, 28) comes by: bool (n, 34, 34). What is darker than 4 % is no stroke."""
    edge = (SIDE - images.shape[1]) // 2 + FAR
    near = np.pad(images > 0.04, ((0, 0), (edge, edge), (edge, edge)))
    for axis in (1, 2):
        shifted = [np.take(near, range(i, i + SIDE), axis) for i in range(2 * FAR + 1)]
        near = np.any(shifted, axis=0)
    return ~near


def _balance(recordings: Sequence[Events]) -> NDArray[np.float64]:
    counts = np.zeros((3, 2))
    for events in recordings:
        np.add.at(counts, (np.minimum(events["t"] // SACCADE_US, 2), events["p"]), 1)
    share: NDArray[np.float64] = counts[:, 1] / np.maximum(counts.sum(axis=1), 1)
    return share


def _moments(events: Events) -> NDArray[np.float64]:
    """By bin: OFF events, ON events, and the sums of columns and rows from the centre, (4, 50)."""
    step = np.minimum(events["t"] // BIN_US, BINS - 1)
    weights = [events["p"] == 0, events["p"] == 1, *(events[axis] - (SIDE - 1) / 2 for axis in "xy")]
    return np.array([np.bincount(step, weight, BINS) for weight in weights])


def _way(sums: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The path of all events' centroid, and its greatest speed in each saccade, from the sums of ``_moments``."""
    coarse = sums.reshape(4, -1, PATH_BINS).sum(axis=2)
    count = coarse[:2].sum(axis=0)
    path: NDArray[np.float64] = (coarse[2:] / np.maximum(count, 1)).T
    many = count > 0.25 * count.max()
    apart = np.hypot(*np.diff(path, axis=0).T) * (many[1:] & many[:-1])
    speed = apart / (PATH_BINS * BIN_US * 1e-6)
    saccade = (np.arange(1, len(path)) * PATH_BINS * BIN_US) // SACCADE_US
    return path, np.array([speed[saccade == i].max() for i in range(3)])


def _gaps(events: Events) -> list[NDArray[np.int64]]:
    """Times between successive events of a pixel: both OFF, both ON, one of each."""
    order = np.lexsort((events["t"], events["x"], events["y"]))
    x, y, t, p = (events[name][order].astype(np.int64) for name in "xytp")
    same, like = (np.diff(x) == 0) & (np.diff(y) == 0), np.diff(p) == 0
    gaps = np.diff(t)
    return [gaps[same & like & (p[1:] == 0)], gaps[same & like & (p[1:] == 1)], gaps[same & ~like]]


def _gap_figures(found: Sequence[list[NDArray[np.int64]]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Percentiles (3, 6) and histograms (3, 25) of gaps by kind; zeros where there are none."""
    percentiles, histograms = np.zeros((3, len(PERCENTILES))), np.zeros((3, 25))
    for kind in range(3):
        gaps = np.concatenate([of_one[kind] for of_one in found])
        if len(gaps):
            percentiles[kind] = np.percentile(gaps, PERCENTILES)
            histograms[kind] = np.bincount(np.minimum(gaps // 1000, 25), minlength=26)[:25] / len(gaps)
    return percentiles, histograms


def _doubles(events: Events) -> int:
    """Events that equal another one of the recording in all: place, time and polarity."""
    place = (events["y"].astype(np.int64) * SIDE + events["x"]) * 2 + events["p"]
    return len(events) - len(np.unique((events["t"].astype(np.int64) << 12) + place))


def _noise(
    recordings: Sequence[Events], images: NDArray[np.floating]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Events a second far from the digits: by polarity (2,), and of each pixel that is far in a tenth of the images."""
    far = far_from_digits(images)
    counts = np.zeros((2, SIDE, SIDE))
    for events, place in zip(recordings, far, strict=True):
        seen = events[place[events["y"], events["x"]]]
        np.add.at(counts, (seen["p"], seen["y"], seen["x"]), 1)
    seconds = far.sum(axis=0) * RECORDING_US * 1e-6
    rate = counts.sum(axis=(1, 2)) / max(seconds.sum(), 1e-9)
    often = far.mean(axis=0) >= 0.1
    return rate, counts.sum(axis=0)[often] / seconds[often]
