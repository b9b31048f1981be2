"""A simulated event camera that looks at images through the three saccades of N-MNIST (Orchard et al. 2015).

An image lies on the sensor and moves along a triangle. Every pixel follows the logarithm of the light that falls on it,
with some lag, and sends an event when this has changed by the pixel's threshold since its last event. Some events come
from noise. Real recordings set the default figures: see docs/data.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import Problem, SpikecError
from codegen.ir.events import Events
from trainer.datasets.camera import Camera, Saccades, Scene, parameter_problems
from trainer.datasets.recorder import Recorder

__all__ = ["CHUNK", "SIMULATOR", "Camera", "Saccades", "Scene", "simulate"]

SIMULATOR = 2
"""Its version. Raise it when the same parameters make other recordings: what is cached is then made again."""

CHUNK = 64
"""Images that are simulated together: their state stays in the processor's cache."""


def simulate(
    images: NDArray[np.floating],
    ids: Sequence[int],
    *,
    camera: Camera | None = None,
    saccades: Saccades | None = None,
    scene: Scene | None = None,
    seed: int = 0,
    until_us: int | None = None,
) -> list[Events]:
    """Record images: one sorted recording each.

    ``images``: (n, rows, columns), 0 (background) to 1 (stroke), seen in 256 levels. ``ids``: n numbers from 0; an
    image's random numbers come from its id and ``seed`` alone, so a recording does not depend on the others that it is
    made with. ``until_us`` ends the work there: the events before it are those of the whole recording.

    Raises SpikecError for images of another shape or range and for parameters that make no sense.
    """
    camera, saccades, scene = camera or Camera(), saccades or Saccades(), scene or Scene()
    problems = _image_problems(images, ids) + parameter_problems(camera, saccades, scene)
    if problems:
        raise SpikecError(problems)
    recordings: list[Events] = []
    for start in range(0, len(images), CHUNK):
        part = slice(start, start + CHUNK)
        recordings += Recorder(images[part], ids[part], camera, saccades, scene, seed=seed, until_us=until_us).run()
    return recordings


def _image_problems(images: NDArray[np.floating], ids: Sequence[int]) -> list[Problem]:
    if images.ndim != 3 or len(images) != len(ids):
        return [Problem("images", f"have shape {images.shape} for {len(ids)} ids", "Give (n, rows, columns) and n ids")]
    if images.size and not (images.min() >= 0 and images.max() <= 1):
        return [Problem("images", f"go from {images.min()} to {images.max()}", "Scale them to 0..1")]
    return []
