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
"""Steps of the tables over light; one step's logarithm is far below every threshold."""

STILL = 0.02
"""Pixels of movement below which steps are joined."""

LONGEST_US = 50_000
"""Steps are joined up to this: a pixel that leaks sends one event a step at most."""

FLICKER_ON = 0.6
"""Part of a flickering pixel's events that are ON, in real recordings."""


class Crossings(NamedTuple):
    """Events of one step: flat pixel index, time in us, whether ON, and what the reference moves by."""

    pixel: NDArray[np.int64]
    time: NDArray[np.float64]
    on: NDArray[np.bool_]
    level: NDArray[np.float32]


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
        self.camera, self.saccades, self.ids, self.seed = camera, saccades, ids, seed
        count, rows, columns = images.shape
        self.shape = (camera.height, count, camera.width)
        self.image = np.rint(images.transpose(1, 0, 2) * LEVELS).reshape(rows, count, columns).astype(np.float64)
        self.until_us = until_us
        self.times = _time_grid(saccades, camera.step_us)
        if until_us is not None:  # What is late now may come early in a recording.
            most = until_us + max(saccades.early_us, default=0) + camera.jitter_us
            self.times = self.times[: np.searchsorted(self.times, most) + 1]
        place = saccades.position(self.times)
        pitch = scene.size / max(rows, columns)
        self.from_columns = _weights(camera.width, columns, pitch, place[:, 0], camera.blur[0])
        self.from_rows = _weights(camera.height, rows, pitch, place[:, 1], camera.blur[1])
        share = np.arange((1 << TABLE_BITS) + 1) / (1 << TABLE_BITS)
        self.light_table = scene.background + share * (scene.stroke - scene.background)
        self.log_table = np.log(self.light_table).astype(np.float32)
        self.follow_tables: dict[float, NDArray[np.float32]] = {}
        self.pixels = camera.pixels()
        self.mean_on, self.mean_off = self._each(self.pixels.on), self._each(-self.pixels.off)
        self.leak = self._each(self.pixels.on * self.pixels.leak_hz * np.float32(1e-6))
        self.on, self.off = self.mean_on.copy(), self.mean_off.copy()
        self.streams = np.array([_stream(seed, number, 0) for number in ids], np.uint64)

    def run(self) -> list[Events]:
        """Step through the time, then cut the events up by image."""
        before = self.log_table.take(self._light(0), mode="clip")
        reference = before - self._first_offsets(before)
        found: list[Crossings] = []
        for step in range(1, len(self.times)):
            start, stop = self.times[step - 1 : step + 1]
            light = self._light(step)
            after = self.log_table.take(light, mode="clip")
            after -= before  # The low-pass goes a part of the way.
            after *= self._follow(stop - start).take(light, mode="clip")
            after += before
            leaked = self.leak * np.float32(stop - start)
            crossings = self._crossings(before - reference, after - reference + leaked, (start, stop))
            reference -= leaked
            reference[crossings.pixel] += crossings.level
            found.append(self._renew_thresholds(crossings))
            before = after
        return self._cut(Crossings(*(np.concatenate(parts) for parts in zip(*found, strict=True))))

    def _each(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same pixels for every image, flat."""
        return np.broadcast_to(pixels[:, None], self.shape).ravel()

    def _light(self, step: int) -> NDArray[np.intp]:
        """Light at every pixel, flat, as an index of the tables. Two matrix products move, scale and blur them all."""
        rows, count, columns = self.image.shape
        wide = self.image.reshape(rows * count, columns) @ self.from_columns[step].T
        light = self.from_rows[step] @ wide.reshape(rows, count * self.camera.width)
        light *= 2.0 ** (TABLE_BITS - 2 * WEIGHT_BITS) / LEVELS
        index: NDArray[np.intp] = light.astype(np.intp).ravel()
        return index

    def _follow(self, span_us: float) -> NDArray[np.float32]:
        """What part of the way to the present light a pixel goes in a step, over light."""
        if span_us not in self.follow_tables:
            constant = self.camera.lag_us + self.camera.lag_light_us * self.light_table
            self.follow_tables[span_us] = (1.0 - np.exp(-span_us / constant)).astype(np.float32)
        return self.follow_tables[span_us]

    def _first_offsets(self, logs: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far above its reference each pixel starts."""
        part = np.empty(self.shape, np.float32)
        for i, number in enumerate(self.ids):
            part[:, i] = _random(self.seed, number, 1).random((self.camera.height, self.camera.width), np.float32)
        darkest, lightest = self.log_table.min(), self.log_table.max()
        dark = np.clip(
            (lightest - logs) / max(lightest - darkest, np.float32(1e-6)), 0, 1
        )  # No contrast: all is ground.
        to_off, to_on = (np.float32(most) for most in self.camera.start)
        low = (to_off + dark * (to_on - to_off)) * self.mean_off
        high = (to_on + dark * (to_off - to_on)) * self.mean_on
        return np.asarray(low + part.ravel() * (high - low), np.float32)

    def _crossings(
        self, first: NDArray[np.float32], last: NDArray[np.float32], window: tuple[float, float]
    ) -> Crossings:
        """Pixels that pass a threshold in this step, on their straight way from ``first`` to ``last``."""
        index = np.flatnonzero((last >= self.on) | (last <= self.off))
        end, begin = last[index], first[index]
        on = end > 0
        level = np.where(on, self.on[index], self.off[index])
        slope = (end - begin).astype(np.float64)
        slope[slope == 0.0] = 1.0
        part = np.clip((level - begin) / slope, 0.0, 1.0)
        return Crossings(index, window[0] + part * (window[1] - window[0]), on, level)

    def _renew_thresholds(self, crossings: Crossings) -> Crossings:
        """Draw the pixels' next thresholds around their own means, and the jitter of these events."""
        index = crossings.pixel
        y, image, x = np.unravel_index(index, self.shape)
        place = (y * self.camera.width + x).astype(np.uint64) << np.uint64(32)
        moment = (crossings.time - self.times[0]).astype(np.uint64)
        draw = _hash(self.streams[image] ^ _hash(place | moment))
        wide = self.camera.unrest * np.sqrt(12.0)  # An even draw as wide as 1 has the variance 1/12.
        for mean, current, bit, other in (
            (self.mean_on, self.on, 0, ~crossings.on),
            (self.mean_off, self.off, 21, crossings.on),
        ):
            factor = np.maximum(1.0 + wide * _even(draw, bit) - self.camera.rebound * other, 0.2)
            current[index] = mean[index] * factor.astype(np.float32)
        return crossings._replace(time=crossings.time + 2 * self.camera.jitter_us * _even(draw, 42))

    def _cut(self, crossings: Crossings) -> list[Events]:
        """Cut all events up by image, and add what flickers. Each recording is late or early in its own way."""
        y, image, x = np.unravel_index(crossings.pixel, self.shape)
        order = np.argsort(image, kind="stable")
        bounds = np.searchsorted(image[order], np.arange(len(self.ids) + 1))
        recordings = []
        for i, number in enumerate(self.ids):
            own = order[bounds[i] : bounds[i + 1]]
            random = _random(self.seed, number, 2)
            late = random.uniform(-1.0, 1.0, len(self.saccades.commands_us))
            time = np.floor(self.saccades.delayed(crossings.time[own], late)).astype(np.int32)
            own, time = own[time >= 0], time[time >= 0]  # What was before is not recorded.
            events = make_events(x[own], y[own], time, crossings.on[own])
            recordings.append(self._sorted(np.concatenate([events, self._flicker(random)])))
        return recordings

    def _flicker(self, random: np.random.Generator) -> Events:
        """Events of the pixels that flicker, in no order."""
        y, x = np.nonzero(self.pixels.flickers)
        count = int(random.poisson(self.camera.flicker_hz * len(y) * self.saccades.end_us * 1e-6))
        chosen = random.integers(0, max(len(y), 1), count)
        on = random.random(count) < FLICKER_ON
        return make_events(x[chosen], y[chosen], random.integers(0, self.saccades.end_us, count), on)

    def _sorted(self, events: Events) -> Events:
        """Sort by time, row and column, and end where the recording is to end."""
        time, pixel = events["t"].astype(np.int64), events["y"].astype(np.int64) * self.camera.width + events["x"]
        events = events[np.argsort((time << 32) + pixel, kind="stable")]
        return events if self.until_us is None else events[: np.searchsorted(events["t"], self.until_us)]


def _time_grid(saccades: Saccades, step_us: int) -> NDArray[np.float64]:
    """Choose the moments at which light is computed: all steps while the image moves, fewer while it hardly does."""
    fine = np.append(np.arange(saccades.begin_us, saccades.end_us, step_us), saccades.end_us).astype(np.float64)
    place = saccades.position(fine)
    kept = [0]
    for i in range(1, len(fine) - 1):
        moved = np.abs(place[i + 1] - place[kept[-1]]).max() > STILL
        if moved or fine[i + 1] - fine[kept[-1]] > LONGEST_US:
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


def _even(bits: NDArray[np.uint64], first: int) -> NDArray[np.float64]:
    """Numbers spread evenly from -0.5 to 0.5, of 21 bits from ``first`` on."""
    return ((bits >> np.uint64(first)) & np.uint64((1 << 21) - 1)).astype(np.float64) / (1 << 21) - 0.5


def _stream(seed: int, number: int, purpose: int) -> int:
    """64 random bits for one image and purpose."""
    return int(_random(seed, number, purpose).integers(0, 1 << 64, dtype=np.uint64))


def _random(seed: int, number: int, purpose: int) -> np.random.Generator:
    """Give the stream of one image and purpose: Philox's key makes streams independent of each other."""
    return np.random.Generator(np.random.Philox(key=[seed, 4 * number + purpose]))
