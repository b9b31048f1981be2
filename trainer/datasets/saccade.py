"""A simulated event camera that looks at images through the three saccades of N-MNIST (Orchard et al. 2015).

An image lies on the sensor and moves along a triangle. Every pixel watches the logarithm of the light that falls on it
and sends an event when this has changed by the pixel's threshold since its last event; then it is blind for its
refractory time. Some events come from noise. Real recordings set the default figures: see docs/data.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import Problem, SpikecError
from codegen.ir.events import Events, make_events

CHUNK = 64
"""Images that are simulated together: their state stays in the processor's cache."""

REST = 0.5
"""Part of the way between its thresholds within which a pixel starts: noise has set off those that were nearer."""


@dataclass(frozen=True)
class Scene:
    """What stands before the camera. ``size``: the image's longer side in sensor pixels.

    ``background`` and ``stroke``: light of image values 0 and 1, in any unit; only their ratio counts. N-MNIST's ON
    events lie on the trailing edge of a moving digit, so its digits are dark on a light ground.
    """

    size: float = 28.0
    background: float = 1.0
    stroke: float = 0.22


@dataclass(frozen=True)
class Saccades:
    """How the image moves. ``corners``: its centre in pixels from the sensor's, at the ends of the movements.

    ``times_us``: start and end of each movement; between them and after the last, until ``end_us``, it stands still.
    ``rise`` and ``fall`` shape the speed: the part of the way gone after the part ``u`` of a movement's time is
    ``1 - (1 - u**rise)**fall``, a smooth bell of speed that starts as u**(rise-1) and ends as (1-u)**(fall-1).
    """

    corners: tuple[tuple[float, float], ...] = ((-3.5, -2.3), (0.0, 4.7), (3.5, -2.3), (-3.5, -2.3))
    times_us: tuple[tuple[int, int], ...] = ((0, 100_000), (105_000, 205_000), (210_000, 308_000))
    rise: tuple[float, ...] = (2.5, 2.5, 2.5)
    fall: tuple[float, ...] = (3.0, 3.0, 3.0)
    end_us: int = 308_000

    def position(self, time_us: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the image's centre is: (times, 2) columns and rows, in pixels from the sensor's centre."""
        place = np.tile(np.asarray(self.corners[0]), (len(time_us), 1))
        movements = zip(self.corners[:-1], self.corners[1:], self.times_us, self.rise, self.fall, strict=True)
        for begin, end, (start, stop), rise, fall in movements:
            part = np.clip((time_us - start) / (stop - start), 0.0, 1.0)
            way = 1.0 - (1.0 - part**rise) ** fall
            place += way[:, None] * (np.asarray(end) - np.asarray(begin))
        return place


@dataclass(frozen=True)
class Camera:
    """The sensor. ``blur``: standard deviation of its optics in pixels.

    ``threshold_on`` and ``threshold_off``: change of log intensity (base e) for an event; every pixel has its own,
    with the relative standard deviation ``spread``, fixed by ``seed``. ``refractory_us``: blind time after an event.
    ``noise_hz``: background events a pixel and second, half of them ON. ``step_us``: the simulation's step, within
    which light changes linearly; a pixel sends one event a step at most, so it should not exceed ``refractory_us``.
    """

    width: int = 34
    height: int = 34
    blur: float = 0.8
    threshold_on: float = 0.25
    threshold_off: float = 0.25
    spread: float = 0.1
    refractory_us: int = 2000
    noise_hz: float = 0.5
    step_us: int = 2000
    seed: int = 0

    def thresholds(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Every pixel's ON and OFF thresholds, both float32 (height, width); never below a fifth of the mean."""
        random = np.random.Generator(np.random.Philox(key=self.seed))
        factor = 1.0 + self.spread * random.standard_normal((2, self.height, self.width))
        on, off = np.maximum(factor, 0.2)
        return (on * self.threshold_on).astype(np.float32), (off * self.threshold_off).astype(np.float32)


def simulate(
    images: NDArray[np.floating],
    ids: Sequence[int],
    *,
    camera: Camera | None = None,
    saccades: Saccades | None = None,
    scene: Scene | None = None,
    seed: int = 0,
) -> list[Events]:
    """Record images: one sorted recording each.

    ``images``: (n, rows, columns), 0 (background) to 1 (stroke). ``ids``: n numbers; an image's noise depends on its
    id and ``seed`` alone, so a recording does not depend on the others that it is made with. Raises SpikecError for
    images of another shape or range and for parameters that make no sense.
    """
    camera, saccades, scene = camera or Camera(), saccades or Saccades(), scene or Scene()
    _check(images, ids, camera, scene)
    recordings: list[Events] = []
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        recordings += _Recorder(images[part], _Setup(ids[part], camera, saccades, scene, seed)).run()
    return recordings


def _check(images: NDArray[np.floating], ids: Sequence[int], camera: Camera, scene: Scene) -> None:
    problems: list[Problem] = []
    if images.ndim != 3 or len(images) != len(ids):
        text = f"have shape {images.shape} for {len(ids)} ids"
        problems.append(Problem("images", text, "Give (n, rows, columns) and n ids"))
    elif images.size and not (images.min() >= 0 and images.max() <= 1):
        problems.append(Problem("images", f"go from {images.min()} to {images.max()}", "Scale them to 0..1"))
    for where, value in (
        ("scene.size", scene.size),
        ("scene.background", scene.background),
        ("scene.stroke", scene.stroke),
        ("camera.blur", camera.blur),
        ("camera.threshold_on", camera.threshold_on),
        ("camera.threshold_off", camera.threshold_off),
        ("camera.step_us", camera.step_us),
    ):
        if not value > 0:
            problems.append(Problem(where, f"is {value}", "It must be above 0"))
    if problems:
        raise SpikecError(problems)


def _weights(pixels: int, samples: int, pitch: float, shift: NDArray[np.float64], blur: float) -> NDArray[np.float32]:
    """How much each image row (or column) lights each sensor row: float32 (times, pixels, samples).

    The image's rows are ``pitch`` sensor pixels apart and blurred by a Gaussian that is never narrower than half of
    that. Weights of a sensor row sum to at most 1; what is missing is background.
    """
    sigma = max(blur, 0.5 * pitch)
    sensor = np.arange(pixels) - (pixels - 1) / 2
    image = (np.arange(samples) - (samples - 1) / 2) * pitch
    distance = sensor[None, :, None] - image[None, None, :] - shift[:, None, None]
    kernel = np.exp(-0.5 * (distance / sigma) ** 2) * (pitch / (sigma * np.sqrt(2 * np.pi)))
    kernel[kernel < 1e-6] = 0.0  # Denormal numbers would make the matrix products many times slower.
    narrow: NDArray[np.float32] = kernel.astype(np.float32)
    return narrow


class _Setup(NamedTuple):
    """Who is recorded, and how."""

    ids: Sequence[int]
    camera: Camera
    saccades: Saccades
    scene: Scene
    seed: int


class _Recorder:
    """One chunk of images on its way past the sensor. Arrays of pixels have the shape (height, images, width)."""

    def __init__(self, images: NDArray[np.floating], setup: _Setup) -> None:
        self.ids, self.camera, saccades, self.scene, self.seed = setup
        camera, scene = self.camera, self.scene
        self.count, rows, columns = images.shape
        self.light = np.ascontiguousarray(images.transpose(1, 0, 2), np.float32)
        self.times = np.append(np.arange(0, saccades.end_us, camera.step_us), saccades.end_us).astype(np.float64)
        place = saccades.position(self.times)
        pitch = scene.size / max(rows, columns)
        self.from_columns = _weights(camera.width, columns, pitch, place[:, 0], camera.blur)
        self.from_rows = _weights(camera.height, rows, pitch, place[:, 1], camera.blur)
        shape = (camera.height, self.count, camera.width)
        on, off = camera.thresholds()
        self.on = np.ascontiguousarray(np.broadcast_to(on[:, None], shape))
        self.off = np.ascontiguousarray(np.broadcast_to(-off[:, None], shape))
        self.shape = shape

    def run(self) -> list[Events]:
        """Step through the time, then cut the events up by image."""
        before = self._log_light(0)
        reference = before + self._first_offsets()
        blind, free_at = np.zeros(0, np.int64), np.zeros(0)
        where, when, sign = [], [], []
        for step in range(1, len(self.times)):
            start, stop = self.times[step - 1 : step + 1]
            after = self._log_light(step)
            freed = free_at < stop  # These see again, and compare with the light of that moment.
            part = np.maximum(free_at[freed] - start, 0.0) / (stop - start)
            index = blind[freed]
            old, new = before.ravel()[index], after.ravel()[index]
            reference.ravel()[index] = old + part.astype(np.float32) * (new - old)
            blind, free_at = blind[~freed], free_at[~freed]
            index, time, on = self._crossings(before, after, reference, start, stop)
            reference.ravel()[index] = np.nan  # Not a number compares as false: a blind pixel.
            blind = np.concatenate([blind, index])
            free_at = np.concatenate([free_at, time + self.camera.refractory_us])
            where.append(index)
            when.append(time)
            sign.append(on)
            before = after
        return self._cut(np.concatenate(where), np.concatenate(when), np.concatenate(sign))

    def _log_light(self, step: int) -> NDArray[np.float32]:
        """Log intensity at every pixel: two matrix products move, scale and blur all images at once."""
        rows, count, columns = self.light.shape
        wide = self.light.reshape(rows * count, columns) @ self.from_columns[step].T
        value = self.from_rows[step] @ wide.reshape(rows, count * self.camera.width)
        light: NDArray[np.float32] = np.clip(value, 0.0, 1.0, out=value)
        light *= np.float32(self.scene.stroke - self.scene.background)
        light += np.float32(self.scene.background)
        return np.log(light, out=light).reshape(self.shape)

    def _first_offsets(self) -> NDArray[np.float32]:
        """How far from its reference each pixel starts: anywhere in the middle between its thresholds."""
        part = np.empty(self.shape, np.float32)
        for i, number in enumerate(self.ids):
            part[:, i] = _random(self.seed, number, 0).random((self.camera.height, self.camera.width), np.float32)
        middle, span = (self.off + self.on) / 2, self.on - self.off
        part = middle + (part - np.float32(0.5)) * np.float32(REST) * span
        return part

    def _crossings(
        self,
        before: NDArray[np.float32],
        after: NDArray[np.float32],
        reference: NDArray[np.float32],
        start: float,
        stop: float,
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
        """Pixels whose light passes a threshold in this step: flat index, time and polarity."""
        change = after - reference
        index = np.flatnonzero((change >= self.on) | (change <= self.off))
        on = change.ravel()[index] > 0
        level = reference.ravel()[index] + np.where(on, self.on.ravel()[index], self.off.ravel()[index])
        old, new = before.ravel()[index], after.ravel()[index]
        slope = np.where(new == old, 1.0, new - old).astype(np.float64)
        time: NDArray[np.float64] = start + np.clip((level - old) / slope, 0.0, 1.0) * (stop - start)
        return index, time, on

    def _cut(self, where: NDArray[np.int64], when: NDArray[np.float64], on: NDArray[np.bool_]) -> list[Events]:
        y, image, x = np.unravel_index(where, self.shape)
        order = np.argsort(image, kind="stable")
        bounds = np.searchsorted(image[order], np.arange(self.count + 1))
        recordings = []
        for i, number in enumerate(self.ids):
            own = order[bounds[i] : bounds[i + 1]]
            events = make_events(x[own], y[own], when[own].astype(np.int32), on[own])
            recordings.append(add_noise(events, self.camera, int(self.times[-1]), _random(self.seed, number, 1)))
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
        random.integers(0, 2, count),
    )
    both = np.concatenate([events, noise])
    is_noise = np.arange(len(both)) >= len(events)
    by_pixel = np.lexsort((both["t"], both["x"], both["y"]))
    x, y, t = (both[name][by_pixel].astype(np.int64) for name in "xyt")
    close = (np.diff(x) == 0) & (np.diff(y) == 0) & (np.diff(t) < camera.refractory_us)
    near = np.append(close, False) | np.insert(close, 0, False)
    keep = np.ones(len(both), np.bool_)
    keep[by_pixel] = ~(near & is_noise[by_pixel])
    both = both[keep]
    return both[np.lexsort((both["x"], both["y"], both["t"]))]


def _random(seed: int, number: int, purpose: int) -> np.random.Generator:
    """Give the stream of one image and purpose: Philox's key makes streams independent of each other."""
    return np.random.Generator(np.random.Philox(key=[seed, 2 * number + purpose]))
