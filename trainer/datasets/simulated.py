"""MNIST seen by the simulated camera: frames to train on, or recordings in N-MNIST's own files.

A recording depends on its image, its place in the data set and the seed alone, not on the others, nor on how many are
made at once. Recordings are named as N-MNIST's are: by the 1-based index of their image.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import EventBinning
from codegen.ir.errors import fail
from codegen.ir.events import Events, encode_nmnist
from codegen.ir.images import read_mnist
from codegen.ir.network import canonical_json
from codegen.resources import cache_folder
from trainer.datasets.cache import Progress, whole_folder
from trainer.datasets.frames import CACHE_VERSION, FrameSet, label, load_packed, store_packed
from trainer.datasets.parallel import parallel
from trainer.datasets.saccade import CHUNK, SIMULATOR, Camera, Saccades, Scene, simulate

MANIFEST = "manifest.json"

STREAMS = {"Train": 0, "Test": 1 << 20}
"""Added to an image's number for its random stream: no two images of MNIST share one."""


@dataclass(frozen=True)
class ImageRange:
    """Images ``first`` and on of a split: uint8 (n, rows, columns), labels int64 (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    split: str
    first: int

    def names(self) -> list[str]:
        """Path of each recording below the data folder: its name in N-MNIST."""
        return [f"{self.split}/{digit}/{self.first + i + 1:05d}.bin" for i, digit in enumerate(self.labels)]

    def chunks(self) -> list[slice]:
        """Parts of the range that are simulated together."""
        return [slice(start, min(start + CHUNK, len(self.images))) for start in range(0, len(self.images), CHUNK)]

    def record(self, part: slice, seed: int, until_us: int | None = None) -> list[Events]:
        """Simulate a part of the range, whole recordings or only the events before ``until_us``."""
        stream = STREAMS[self.split] + self.first + 1
        ids = range(stream + part.start, stream + part.stop)
        return simulate(self.images[part] / 255.0, ids, seed=seed, until_us=until_us)

    def parameters(self, seed: int) -> dict[str, Any]:
        """All that decides the recordings, as JSON values."""
        shown = hashlib.sha256(self.images.tobytes() + self.labels.tobytes()).hexdigest()
        camera = {"camera": asdict(Camera()), "saccades": asdict(Saccades()), "scene": asdict(Scene())}
        ours = {"simulator": SIMULATOR, "split": self.split, "first": self.first, "seed": seed, "images": shown}
        parameters: dict[str, Any] = json.loads(canonical_json({**camera, **ours}))
        return parameters


def load_range(folder: Path | str, split: str, first: int = 0, last: int | None = None) -> ImageRange:
    """MNIST's images ``first`` up to but not with ``last`` (0-based; default: all) of a split, in its original files.

    Raises SpikecError for missing or damaged files and for a range without images.
    """
    images, labels = read_mnist(folder, split)
    stop = len(images) if last is None else min(last, len(images))
    if not 0 <= first < stop:
        raise fail("images", f"{first} up to {stop} are none", f"{split} has 0 up to {len(images)}")
    return ImageRange(images[first:stop], labels[first:stop], split, first)


def simulated_frames(
    folder: Path | str,
    split: str,
    encoding: EventBinning,
    steps: int,
    *,
    reverse: bool = False,
    first: int = 0,
    last: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cache: Path | None = None,
) -> FrameSet:
    """MNIST's images of a split ('Train' or 'Test'), simulated and binned; a cache makes the second time fast.

    ``folder`` holds MNIST's original files; ``first`` and ``last`` choose images as slices do (N-MNIST's
    recording ``k`` shows training image ``k - 1``: train with images that your real recordings do not show). Only the
    window of ``steps`` bins is simulated. ``cache`` is the folder for the frames (default: ``cache_folder() /
    "frames"``). The same spikes come from binning the files of ``write_recordings``.

    Raises SpikecError for missing or damaged files, a range without images, and a sensor that is not N-MNIST's.
    """
    camera = Camera()
    if (encoding.width, encoding.height) != (camera.width, camera.height):
        sensor = f"{encoding.width}x{encoding.height}"
        raise fail("encoding", f"is for a sensor of {sensor}", f"The simulated one has {camera.width}x{camera.height}")
    chosen = load_range(folder, split, first, last)
    path = (cache or cache_folder() / "frames") / f"{_key(chosen, encoding, steps, seed)}.npz"
    packed = load_packed(path, (len(chosen.images), steps, -(-encoding.size // 8)))
    if packed is None:
        packed = _bin(chosen, encoding, steps, seed, progress)
        store_packed(path, packed)
    return label(packed, chosen.labels, chosen.names(), encoding.size, reverse)


def write_recordings(
    folder: Path | str,
    out: Path | str,
    split: str,
    *,
    first: int = 0,
    last: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Path:
    """Write simulated recordings as ``out/<split>/<digit>/<id>.bin``, id = 1-based index of the image; returns ``out``.

    The split's folder appears whole or not at all, with a ``manifest.json`` of all parameters. Raises SpikecError as
    ``simulated_frames`` does, and when there is such a folder already.
    """
    chosen = load_range(folder, split, first, last)
    target = Path(out) / split
    if target.exists():
        raise fail(str(target), "is there already", "Give a new folder, or remove this one")
    names = chosen.names()
    done = 0
    with whole_folder(target) as partial:
        for digit in range(10):
            (partial / str(digit)).mkdir()

        def write(part: slice) -> int:
            recordings = chosen.record(part, seed)
            for name, events in zip(names[part], recordings, strict=True):
                (partial / Path(name).relative_to(split)).write_bytes(encode_nmnist(events))
            return len(recordings)

        with parallel(write, chosen.chunks()) as counts:
            for count in counts:
                done += count
                if progress is not None:
                    progress(done, len(names))
        manifest = {"parameters": chosen.parameters(seed), "recordings": len(names)}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return Path(out)


def _key(chosen: ImageRange, encoding: EventBinning, steps: int, seed: int) -> str:
    """Name the cached frames: 32 hex digits for the images, the simulator, this encoding and the cache's format."""
    text = canonical_json([CACHE_VERSION, chosen.parameters(seed), encoding.to_json(), steps])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _bin(
    chosen: ImageRange, encoding: EventBinning, steps: int, seed: int, progress: Progress | None
) -> NDArray[np.uint8]:
    """Simulate and bin all images of the range: packed spikes, uint8 (n, steps, bytes)."""
    until = encoding.start_us + steps * encoding.bin_us

    def work(part: slice) -> NDArray[np.uint8]:
        return _packed(chosen.record(part, seed, until), encoding, steps)

    packed = np.empty((len(chosen.images), steps, -(-encoding.size // 8)), np.uint8)
    with parallel(work, chosen.chunks()) as made:
        for part, frames in zip(chosen.chunks(), made, strict=True):
            packed[part] = frames
            if progress is not None:
                progress(part.stop, len(packed))
    return packed


def _packed(recordings: Sequence[Events], encoding: EventBinning, steps: int) -> NDArray[np.uint8]:
    spikes = np.stack([encoding.encode(events, steps) for events in recordings])
    return np.packbits(spikes, axis=2, bitorder="little")
