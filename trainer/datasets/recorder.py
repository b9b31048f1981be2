"""The simulated camera at work: a chunk of images at a time, all pixels at once.

Light is computed in whole numbers (held in float64, where they are exact) and its logarithm read from a table, so that
an image's events are the same bits whatever the images beside it and however a machine orders its sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codegen.ir.events import Events, make_events
from trainer.datasets.camera import Camera, Saccades, Scene

LEVELS = 255
"""Steps of an image's brightness."""

WEIGHT_BITS = 18
"""Optical weights are multiples of 2**-18: sums of their products with the image stay below 2**53."""

TABLE_BITS = 14
"""Steps of the logarithm's table; one is far below every threshold."""

STILL = 0.02
"""Pixels of movement below which steps are joined."""

REST = 0.5
"""Part of the way between its thresholds within which a pixel starts: noise has set off those that were nearer."""


class Crossings(NamedTuple):
    """Events of one step: flat pixel index, time in us, and whether ON."""

    pixel: NDArray[np.int64]
    time: NDArray[np.float64]
    on: NDArray[np.bool_]


class Recorder:
    """One chunk of images on its way past the sensor. Arrays of pixels have the shape (height, images, width)."""

    def __init__(
        self,
        images: NDArray[np.floating],
        ids: Sequence[int],
        camera: Camera,
        saccades: Saccades,
        scene: Scene,
        *,
        seed: int,
        until_us: int | None = None,
    ) -> None:
        self.camera, self.ids, self.seed = camera, ids, seed
        count, rows, columns = images.shape
        self.shape = (camera.height, count, camera.width)
        self.image = np.rint(images.transpose(1, 0, 2) * LEVELS).reshape(rows, count, columns).astype(np.float64)
        self.until_us, self.end_us = until_us, saccades.end_us
        self.times = _time_grid(saccades, camera.step_us)
        if until_us is not None:  # Noise just before it asks for the events just behind it.
            self.times = self.times[: np.searchsorted(self.times, until_us + camera.refractory_us) + 1]
        place = saccades.position(self.times)
        pitch = scene.size / max(rows, columns)
        self.from_columns = _weights(camera.width, columns, pitch, place[:, 0], camera.blur)
        self.from_rows = _weights(camera.height, rows, pitch, place[:, 1], camera.blur)
        share = np.arange((1 << TABLE_BITS) + 1) / (1 << TABLE_BITS)
        self.log_table = np.log(scene.background + share * (scene.stroke - scene.background)).astype(np.float32)
        on, off = camera.thresholds()
        self.mean_on, self.mean_off = (np.broadcast_to(part[:, None], self.shape).ravel() for part in (on, -off))
        self.on, self.off = self.mean_on.copy(), self.mean_off.copy()
        self.streams = np.array([_stream(seed, number, 0) for number in ids], np.uint64)

    def run(self) -> list[Events]:
        """Step through the time, then cut the events up by image."""
        before = self._log_light(0)
        reference = before - self._first_offsets()
        blind, free_at = np.zeros(0, np.int64), np.zeros(0)
        found: list[Crossings] = []
        for step in range(1, len(self.times)):
            start, stop = self.times[step - 1 : step + 1]
            after = self._log_light(step)
            freed = free_at < stop  # These see again, and compare with the light of that moment.
            part = np.maximum(free_at[freed] - start, 0.0) / (stop - start)
            index = blind[freed]
            reference[index] = before[index] + part.astype(np.float32) * (after[index] - before[index])
            crossings = self._crossings(before, after, reference, (start, stop))
            reference[crossings.pixel] = np.nan  # Not a number compares as false: a blind pixel.
            blind = np.concatenate([blind[~freed], crossings.pixel])
            free_at = np.concatenate([free_at[~freed], crossings.time + self.camera.refractory_us])
            self._renew_thresholds(crossings)
            found.append(crossings)
            before = after
        return self._cut(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def _log_light(self, step: int) -> NDArray[np.float32]:
        """Log intensity at every pixel, flat: two matrix products move, scale and blur all images at once."""
        rows, count, columns = self.image.shape
        wide = self.image.reshape(rows * count, columns) @ self.from_columns[step].T
        light = self.from_rows[step] @ wide.reshape(rows, count * self.camera.width)
        light *= 2.0 ** (TABLE_BITS - 2 * WEIGHT_BITS) / LEVELS
        logs: NDArray[np.float32] = self.log_table.take(light.astype(np.intp).ravel(), mode="clip")
        return logs

    def _first_offsets(self) -> NDArray[np.float32]:
        """How far above its reference each pixel starts: anywhere in the middle between its thresholds."""
        part = np.empty(self.shape, np.float32)
        for i, number in enumerate(self.ids):
            part[:, i] = _random(self.seed, number, 1).random((self.camera.height, self.camera.width), np.float32)
        part -= np.float32(0.5)
        middle, span = (self.off + self.on) / 2, self.on - self.off
        return np.asarray(middle + part.ravel() * np.float32(REST) * span, np.float32)

    def _crossings(
        self,
        before: NDArray[np.float32],
        after: NDArray[np.float32],
        reference: NDArray[np.float32],
        window: tuple[float, float],
    ) -> Crossings:
        """Pixels whose light passes a threshold in this step, with the moment when it does."""
        change = after - reference
        index = np.flatnonzero((change >= self.on) | (change <= self.off))
        on = change[index] > 0
        level = reference[index] + np.where(on, self.on[index], self.off[index])
        slope = (after[index] - before[index]).astype(np.float64)
        slope[slope == 0.0] = 1.0
        part = np.clip((level - before[index]) / slope, 0.0, 1.0)
        return Crossings(index, window[0] + part * (window[1] - window[0]), on)

    def _renew_thresholds(self, crossings: Crossings) -> None:
        """After an event a pixel's thresholds are drawn anew around its own mean."""
        if self.camera.unrest == 0.0:
            return
        index = crossings.pixel
        y, image, x = np.unravel_index(index, self.shape)
        place = (y * self.camera.width + x).astype(np.uint64) << np.uint64(32)
        draw = _hash(self.streams[image] ^ _hash(place | crossings.time.astype(np.uint64)))
        for mean, current, bits in ((self.mean_on, self.on, draw >> np.uint64(40)), (self.mean_off, self.off, draw)):
            even = (bits & np.uint64(0xFFFFFF)).astype(np.float64) / 2**24 - 0.5  # Its variance is 1/12.
            factor = np.maximum(1.0 + self.camera.unrest * np.sqrt(12.0) * even, 0.2)
            current[index] = mean[index] * factor.astype(np.float32)

    def _cut(self, where: NDArray[np.int64], when: NDArray[np.float64], on: NDArray[np.bool_]) -> list[Events]:
        """Cut all events up by image, and add each image's noise."""
        y, image, x = np.unravel_index(where, self.shape)
        order = np.argsort(image, kind="stable")
        bounds = np.searchsorted(image[order], np.arange(len(self.ids) + 1))
        recordings = []
        for i, number in enumerate(self.ids):
            own = order[bounds[i] : bounds[i + 1]]
            events = make_events(x[own], y[own], when[own].astype(np.int32), on[own])
            events = add_noise(events, self.camera, self.end_us, _random(self.seed, number, 2))
            recordings.append(events if self.until_us is None else events[events["t"] < self.until_us])
        return recordings


def add_noise(events: Events, camera: Camera, end_us: int, random: np.random.Generator) -> Events:
    """Return the recording with background events, sorted by time, row and column.

    A background event that would fall into a refractory time, or make a pixel blind for a real event, is left out.
    """
    count = int(random.poisson(camera.noise_hz * camera.width * camera.height * end_us * 1e-6))
    noise = make_events(
        random.integers(0, camera.width, count),
        random.integers(0, camera.height, count),
        random.integers(0, end_us, count),
        random.random(count) < camera.noise_on,
    )
    both = np.concatenate([events, noise])
    is_noise = np.arange(len(both)) >= len(events)
    pixel = both["y"].astype(np.int64) * camera.width + both["x"]
    time = both["t"].astype(np.int64)
    by_pixel = np.argsort((pixel << 32) + time, kind="stable")  # One key sorts faster than two.
    close = (np.diff(pixel[by_pixel]) == 0) & (np.diff(time[by_pixel]) < camera.refractory_us)
    near = np.append(close, False) | np.insert(close, 0, False)
    keep = np.ones(len(both), np.bool_)
    keep[by_pixel] = ~(near[: len(both)] & is_noise[by_pixel])
    in_order = np.argsort(np.where(keep, (time << 32) + pixel, np.iinfo(np.int64).max), kind="stable")
    return both[in_order[: np.count_nonzero(keep)]]


def _time_grid(saccades: Saccades, step_us: int) -> NDArray[np.float64]:
    """Choose the moments at which light is computed: all steps while the image moves, fewer while it hardly does."""
    fine = np.append(np.arange(0, saccades.end_us, step_us), saccades.end_us).astype(np.float64)
    place = saccades.position(fine)
    kept = [0]
    for i in range(1, len(fine) - 1):
        if np.abs(place[i + 1] - place[kept[-1]]).max() > STILL:
            kept.append(i)
    return fine[[*kept, len(fine) - 1]]


def _weights(pixels: int, samples: int, pitch: float, shift: NDArray[np.float64], blur: float) -> NDArray[np.float64]:
    """How much each image row (or column) lights each sensor row: (times, pixels, samples), multiples of 2**-18.

    The image's rows are ``pitch`` sensor pixels apart and blurred by a Gaussian that is never narrower than half of
    that. Weights of a sensor row sum to about 1 inside the image; what is missing is background. They are scaled by
    2**18 to whole numbers.
    """
    sigma = max(blur, 0.5 * pitch)
    sensor = np.arange(pixels) - (pixels - 1) / 2
    image = (np.arange(samples) - (samples - 1) / 2) * pitch
    distance = sensor[None, :, None] - image[None, None, :] - shift[:, None, None]
    kernel = np.exp(-0.5 * (distance / sigma) ** 2) * (pitch / (sigma * np.sqrt(2 * np.pi)))
    whole: NDArray[np.float64] = np.rint(kernel * (1 << WEIGHT_BITS))
    return whole


def _hash(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix 64 bits well: the finalizer of splitmix64 (Steele et al. 2014). Sums and products wrap by design."""
    value = (value + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def _stream(seed: int, number: int, purpose: int) -> int:
    """64 random bits for one image and purpose."""
    return int(_random(seed, number, purpose).integers(0, 1 << 64, dtype=np.uint64))


def _random(seed: int, number: int, purpose: int) -> np.random.Generator:
    """Give the stream of one image and purpose: Philox's key makes streams independent of each other."""
    return np.random.Generator(np.random.Philox(key=[seed, 4 * number + purpose]))
