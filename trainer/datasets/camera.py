"""The parameters of the simulated camera: what it looks at, how that moves, and how the pixels behave.

Their defaults make recordings like N-MNIST's: they were fitted to real ones of its training split. docs/data.md
compares both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import Problem

COLUMNS = (
    *(-2.50, -2.52, -2.52, -2.51, -2.49, -2.49, -2.50, -2.51, -2.56, -2.59, -2.63, -2.65, -2.67, -2.65, -2.60, -2.47),
    *(-2.18, -1.85, -1.53, -1.23, -1.09, -1.05, -1.02, -0.97, -0.91, -0.85, -0.78, -0.69, -0.59, -0.45, -0.17, 0.19),
    *(0.54, 0.93, 1.25, 1.44, 1.56, 1.69, 1.87, 2.08, 2.23, 2.34, 2.41, 2.48, 2.57, 2.67, 2.77, 2.85),
    *(2.90, 2.91, 2.89, 2.65, 2.23, 1.71, 1.21, 0.71, 0.18, -0.43, -0.99, -1.42, -1.72, -1.96, -2.20, -2.36),
    *(-2.44, -2.46, -2.46, -2.45),
)
ROWS = (
    *(-1.87, -1.76, -1.67, -1.61, -1.59, -1.59, -1.57, -1.51, -1.37, -1.15, -0.82, -0.36, 0.18, 0.77, 1.42, 2.07),
    *(2.61, 3.02, 3.34, 3.55, 3.62, 3.67, 3.67, 3.62, 3.55, 3.51, 3.48, 3.46, 3.47, 3.45, 3.33, 3.06),
    *(2.65, 2.18, 1.58, 0.92, 0.28, -0.32, -0.84, -1.23, -1.45, -1.56, -1.59, -1.57, -1.54, -1.54, -1.56, -1.58),
    *(-1.60, -1.61, -1.64, -1.64, -1.60, -1.55, -1.55, -1.55, -1.58, -1.61, -1.63, -1.67, -1.71, -1.75, -1.77, -1.76),
    *(-1.75, -1.74, -1.74, -1.73),
)
"""Where N-MNIST's images are, in pixels from the sensor's centre, every 5 ms from 25 ms before the recordings begin."""


@dataclass(frozen=True)
class Scene:
    """What stands before the camera. ``size``: the image's longer side in sensor pixels.

    ``background`` and ``stroke``: light of image values 0 and 1; the camera's ``lag_light_us`` is for one unit of it,
    for all else only their ratio counts. N-MNIST's ON events lie on the trailing edge of a moving digit, so its digits
    are dark on a light ground.
    """

    size: float = 28.35
    background: float = 1.0
    stroke: float = 0.213


@dataclass(frozen=True)
class Saccades:
    """How the image moves. ``columns`` and ``rows``: where its centre is, in pixels from the sensor's.

    They are given every ``spacing_us`` from ``begin_us`` on, and joined smoothly (Catmull and Rom 1974); after the last
    the image stands still, until ``end_us``. What happens before time 0 is not recorded, but the pixels see it.

    ``commands_us``: about when the camera is told to move on. From there on (gliding over ``glide_us`` around it) all
    of a recording is early or late by a time of its own, drawn evenly up to ``early_us``.
    """

    columns: tuple[float, ...] = COLUMNS
    rows: tuple[float, ...] = ROWS
    begin_us: int = -25_000
    spacing_us: int = 5_000
    end_us: int = 308_000
    commands_us: tuple[int, ...] = (98_000, 203_000)
    early_us: tuple[int, ...] = (4_700, 3_800)
    glide_us: int = 12_000

    def position(self, time_us: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the image's centre is: (times, 2) columns and rows, in pixels from the sensor's centre."""
        knots = np.array([self.columns, self.rows], np.float64)
        tangents = np.gradient(knots, axis=1)
        last = knots.shape[1] - 1
        along = np.clip((time_us - self.begin_us) / self.spacing_us, 0, last)
        i = np.minimum(along.astype(np.int64), last - 1)
        u = along - i
        start, rise, leave, arrive = knots[:, i], knots[:, i + 1] - knots[:, i], tangents[:, i], tangents[:, i + 1]
        bend = 3 * rise - 2 * leave - arrive
        place: NDArray[np.float64] = start + u * (leave + u * (bend + u * (leave + arrive - 2 * rise)))
        return place.T

    def delayed(self, time_us: NDArray[np.float64], draw: NDArray[np.float64]) -> NDArray[np.float64]:
        """When events of ``time_us`` are recorded if ``draw``, from -1 to 1 a command, says how late all is after it.

        They keep their order, because no glide is shorter than the most it can be early by.
        """
        edges = np.add.outer(self.commands_us, (-self.glide_us / 2, self.glide_us / 2)).ravel()
        late = np.repeat(np.concatenate([[0.0], draw * self.early_us]), 2)[1:-1]
        return time_us + np.interp(time_us, edges, late) if len(edges) else time_us


@dataclass(frozen=True)
class PixelMaps:
    """What every pixel is, each (height, width): thresholds, leak in ON thresholds a second, whether it flickers."""

    on: NDArray[np.float32]
    off: NDArray[np.float32]
    leak_hz: NDArray[np.float32]
    flickers: NDArray[np.bool_]


@dataclass(frozen=True)
class Camera:
    """The sensor. ``blur``: standard deviation of its optics in pixels, along columns and along rows.

    Response: the logarithm of light (base e) passes a low-pass of first order, whose time constant is ``lag_us``, and
    ``lag_light_us`` more for each unit of light. ``threshold_on`` and ``threshold_off``: its change for an event; every
    pixel has its own, with the relative standard deviation ``spread``, fixed by ``seed``; each event's varies by
    ``unrest`` more (relative standard deviation). An event of the other polarity than the last comes easier: its
    threshold is lower by the part ``rebound``.

    ``start``: where pixels are between their thresholds when all begins. On the ground, anywhere from the first part of
    the way to OFF to the second part of the way to ON; in a dark stroke the other way round, and between in between.

    Noise: every pixel's reference leaks, by ``leak_hz`` ON thresholds a second on average (log-normal over the pixels,
    ``leak_spread``); the part ``flicker`` of all pixels sends ``flicker_hz`` more events a second, of both polarities.

    ``jitter_us``: an event is early or late by up to this. ``step_us``: the simulation's step, within which light
    changes linearly, and in which a pixel sends one event at most.
    """

    width: int = 34
    height: int = 34
    blur: tuple[float, float] = (0.645, 0.605)
    lag_us: float = 990.0
    lag_light_us: float = 3250.0
    threshold_on: float = 0.225
    threshold_off: float = 0.22
    spread: float = 0.11
    unrest: float = 0.1
    rebound: float = 0.25
    start: tuple[float, float] = (0.4, 1.0)
    leak_hz: float = 0.37
    leak_spread: float = 0.5
    flicker: float = 0.006
    flicker_hz: float = 3.0
    jitter_us: float = 400.0
    step_us: int = 1500
    seed: int = 0

    def pixels(self) -> PixelMaps:
        """Draw what every pixel is; no threshold is below a fifth of the mean."""
        random = np.random.Generator(np.random.Philox(key=self.seed))
        shape = (self.height, self.width)
        on, off = np.maximum(1.0 + self.spread * random.standard_normal((2, *shape)), 0.2).astype(np.float32)
        leak = np.exp(self.leak_spread * random.standard_normal(shape) - self.leak_spread**2 / 2)
        flickers = random.random(shape) < self.flicker
        thresholds = on * np.float32(self.threshold_on), off * np.float32(self.threshold_off)
        return PixelMaps(*thresholds, (leak * self.leak_hz).astype(np.float32), flickers)


POSITIVE = {
    "scene": ("size", "background", "stroke"),
    "saccades": ("spacing_us", "end_us", "glide_us"),
    "camera": ("width", "height", "threshold_on", "threshold_off", "lag_us", "step_us"),
}
NOT_NEGATIVE = ("lag_light_us", "spread", "unrest", "leak_hz", "leak_spread", "flicker_hz", "jitter_us")
PARTS = ("rebound", "flicker")


def parameter_problems(camera: Camera, saccades: Saccades, scene: Scene) -> list[Problem]:
    """All that makes no sense about these parameters."""
    problems: list[Problem] = []
    owners = {"scene": scene, "saccades": saccades, "camera": camera}
    for where, names in POSITIVE.items():
        for name in names:
            value = getattr(owners[where], name)
            if not value > 0:
                problems.append(Problem(f"{where}.{name}", f"is {value}", "It must be above 0"))
    for name in NOT_NEGATIVE:
        if getattr(camera, name) < 0:
            problems.append(Problem(f"camera.{name}", f"is {getattr(camera, name)}", "It must not be below 0"))
    for name in PARTS:
        if not 0 <= getattr(camera, name) <= 1:
            problems.append(Problem(f"camera.{name}", f"is {getattr(camera, name)}", "Use 0 to 1"))
    if not all(width > 0 for width in camera.blur):
        problems.append(Problem("camera.blur", f"is {camera.blur}", "Both must be above 0"))
    if not all(0 <= part <= 1 for part in camera.start):
        problems.append(Problem("camera.start", f"is {camera.start}", "Use 0 to 1 for both"))
    return problems + _way_problems(saccades)


def _way_problems(saccades: Saccades) -> list[Problem]:
    problems: list[Problem] = []
    lengths = len(saccades.columns), len(saccades.rows)
    if lengths[0] != lengths[1] or lengths[0] < 2:
        text = f"has {lengths[0]} columns and {lengths[1]} rows"
        problems.append(Problem("saccades", text, "Give as many of both, and two at least"))
    if saccades.begin_us >= saccades.end_us:
        text = f"is {saccades.begin_us}, and end_us is {saccades.end_us}"
        problems.append(Problem("saccades.begin_us", text, "Begin before the end"))
    commands, early = saccades.commands_us, saccades.early_us
    if len(commands) != len(early) or any(time_us < 0 for time_us in early):
        text = f"is {early} for {len(commands)} commands"
        return [*problems, Problem("saccades.early_us", text, "Give a time from 0 for each")]
    apart = min(np.diff(commands), default=saccades.glide_us)
    if apart < saccades.glide_us or sum(sorted(early)[-2:]) >= saccades.glide_us:
        text = f"{commands} glides over {saccades.glide_us} us and is early by {early}"
        hint = "Time would run backwards: glide longer, or keep them apart"
        problems.append(Problem("saccades.commands_us", text, hint))
    return problems
