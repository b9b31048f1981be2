"""The parameters of the simulated camera: what it looks at, how that moves, and how the pixels behave.

Their defaults make recordings like N-MNIST's; docs/data.md compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import Problem


@dataclass(frozen=True)
class Scene:
    """What stands before the camera. ``size``: the image's longer side in sensor pixels.

    ``background`` and ``stroke``: light of image values 0 and 1, in any unit; only their ratio counts. N-MNIST's ON
    events lie on the trailing edge of a moving digit, so its digits are dark on a light ground.
    """

    size: float = 28.0
    background: float = 1.0
    stroke: float = 0.143


@dataclass(frozen=True)
class Saccades:
    """How the image moves. ``corners``: its centre in pixels from the sensor's, at the ends of the movements.

    ``times_us``: start and end of each movement; between them and after the last, until ``end_us``, it stands still.
    ``rise`` and ``fall`` shape the speed: the part of the way gone after the part ``u`` of a movement's time is
    ``1 - (1 - u**rise)**fall``, a smooth bell of speed that starts as u**(rise-1) and ends as (1-u)**(fall-1).
    """

    corners: tuple[tuple[float, float], ...] = ((-3.0, -1.3), (-0.9, 3.7), (2.8, -1.6), (-2.3, -1.6))
    times_us: tuple[tuple[int, int], ...] = ((0, 96_000), (99_000, 208_000), (224_000, 308_000))
    rise: tuple[float, ...] = (2.9, 2.72, 1.83)
    fall: tuple[float, ...] = (4.5, 5.2, 3.5)
    end_us: int = 308_000

    def position(self, time_us: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where the image's centre is: (times, 2) columns and rows, in pixels from the sensor's centre."""
        place = np.tile(np.asarray(self.corners[0], np.float64), (len(time_us), 1))
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
    with the relative standard deviation ``spread``, fixed by ``seed``; each event's varies by ``unrest`` more (relative
    standard deviation). ``refractory_us``: blind time after an event. ``noise_hz``: background events a pixel and
    second, of which the part ``noise_on`` is ON. ``step_us``: the simulation's step, within which light changes
    linearly; a pixel sends one event a step at most, so it should not exceed ``refractory_us``.
    """

    width: int = 34
    height: int = 34
    blur: float = 0.63
    threshold_on: float = 0.196
    threshold_off: float = 0.196
    spread: float = 0.05
    unrest: float = 0.46
    refractory_us: int = 1500
    noise_hz: float = 0.45
    noise_on: float = 0.97
    step_us: int = 1500
    seed: int = 0

    def thresholds(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Every pixel's ON and OFF thresholds, both float32 (height, width); never below a fifth of the mean."""
        random = np.random.Generator(np.random.Philox(key=self.seed))
        factor = 1.0 + self.spread * random.standard_normal((2, self.height, self.width))
        on, off = np.maximum(factor, 0.2)
        return (on * self.threshold_on).astype(np.float32), (off * self.threshold_off).astype(np.float32)


def parameter_problems(camera: Camera, saccades: Saccades, scene: Scene) -> list[Problem]:
    """All that makes no sense about these parameters."""
    problems: list[Problem] = []
    positive = {
        "scene": (scene, ("size", "background", "stroke")),
        "camera": (camera, ("width", "height", "blur", "threshold_on", "threshold_off", "step_us")),
        "saccades": (saccades, ("end_us",)),
    }
    for where, (owner, names) in positive.items():
        for name in names:
            if not getattr(owner, name) > 0:
                problems.append(Problem(f"{where}.{name}", f"is {getattr(owner, name)}", "It must be above 0"))
    for name in ("spread", "unrest", "refractory_us", "noise_hz"):
        if getattr(camera, name) < 0:
            problems.append(Problem(f"camera.{name}", f"is {getattr(camera, name)}", "It must not be below 0"))
    if not 0 <= camera.noise_on <= 1:
        problems.append(Problem("camera.noise_on", f"is {camera.noise_on}", "Use 0 to 1"))
    lengths = [len(saccades.corners) - 1, len(saccades.times_us), len(saccades.rise), len(saccades.fall)]
    if len(set(lengths)) > 1:
        text = f"corners, times, rise and fall describe {lengths} movements"
        problems.append(Problem("saccades", text, "Give one corner more than movements"))
    elif any(start >= stop for start, stop in saccades.times_us):
        problems.append(Problem("saccades.times_us", f"are {saccades.times_us}", "Each must end after it starts"))
    return problems
