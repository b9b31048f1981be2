"""The embedded default data: scikit-learn's digits seen by the simulated camera, in N-MNIST's own files.

Everything downstream sees just a folder of N-MNIST recordings. See docs/data.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.ir.errors import fail
from codegen.ir.events import encode_nmnist
from codegen.ir.network import canonical_json
from codegen.resources import cache_folder
from trainer.datasets import strokes
from trainer.datasets.cache import Progress, whole_folder
from trainer.datasets.parallel import parallel
from trainer.datasets.saccade import CHUNK, SIMULATOR, Camera, Saccades, Scene, simulate

FORMAT = "spikec-digits"
VERSION = 3
"""Raise it when the same plan makes other recordings: folders made before are then made again."""

MANIFEST = "manifest.json"
TEST_IMAGES = 500
"""Images that belong to the test split, whatever the plan; all others belong to training."""


@dataclass(frozen=True)
class Plan:
    """What to make: how many images of each split, in how many recordings each (the first as it is, the others with
    jitter), and the camera that looks at them.
    """

    train_images: int = 1297
    test_images: int = TEST_IMAGES
    train_copies: int = 4
    test_copies: int = 2
    jitter: strokes.Jitter = field(default_factory=strokes.Jitter)
    camera: Camera = field(default_factory=Camera)
    saccades: Saccades = field(default_factory=Saccades)
    scene: Scene = field(default_factory=Scene)


@dataclass(frozen=True)
class _Job:
    """Recordings to make together: all of one split. ``image`` and ``copy`` name them: id = 10 * image + copy."""

    split: str
    image: NDArray[np.int64]
    copy: NDArray[np.int64]


@dataclass(frozen=True)
class _Source:
    """Makes recordings, of the images that scikit-learn ships."""

    images: NDArray[np.float64]
    labels: NDArray[np.int64]
    plan: Plan
    seed: int

    def record(self, job: _Job) -> dict[str, bytes]:
        """Make the recordings of one job: the bytes of their files by path, in the job's order."""
        ids = [int(number) for number in 10 * job.image + job.copy]
        drawn = strokes.draw(self.images[job.image], self._maps(ids))
        plan = self.plan
        recordings = simulate(drawn, ids, camera=plan.camera, saccades=plan.saccades, scene=plan.scene, seed=self.seed)
        names = [f"{job.split}/{self.labels[number // 10]}/{number:05d}.bin" for number in ids]
        return {name: encode_nmnist(events) for name, events in zip(names, recordings, strict=True)}

    def _maps(self, ids: list[int]) -> NDArray[np.float64]:
        """Each recording's own change; the first copy of an image (id ending in 0) is left as it is."""
        still = strokes.Jitter(0.0, 0.0, 0.0)
        maps = []
        for number in ids:
            random = np.random.Generator(np.random.Philox(key=[self.seed, (1 << 40) + number]))
            maps.append(strokes.jittered(1, self.plan.jitter if number % 10 else still, random))
        return np.concatenate(maps)


def default_folder() -> Path:
    """Where the embedded data is kept for this user: below ``cache_folder()``."""
    return cache_folder() / "digits"


def ensure_digits(*, seed: int = 0, progress: Progress | None = None) -> Path:
    """Return the folder of the embedded data, made now if it is not there, not whole, or of another version."""
    return make_digits(default_folder(), seed=seed, progress=progress)


def make_digits(
    folder: Path | str, *, seed: int = 0, plan: Plan | None = None, progress: Progress | None = None
) -> Path:
    """Write ``Train/<digit>/<id>.bin`` and ``Test/<digit>/<id>.bin``; returns the folder.

    The folder appears whole or not at all. One that holds this very data already is left as it is; one that was made
    with other parameters is replaced. ``progress`` is called with (recordings made, recordings in all).

    Raises SpikecError when the folder holds anything else, when the plan asks for too much, or without scikit-learn.
    """
    folder, plan = Path(folder), plan or Plan()
    _check_plan(plan)
    wanted = _parameters(plan, seed)
    if _is_whole(folder, wanted):
        return folder
    _refuse_foreign(folder)
    source = _Source(*strokes.load_digits(), plan, seed)
    with whole_folder(folder) as partial:
        count, size, digest = _write_all(partial, _jobs(source.labels, plan), source, progress)
        manifest = {"parameters": wanted, "recordings": count, "bytes": size, "sha256": digest}
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return folder


def split_images(labels: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Give the images of each split by index: fixed for ever, and every beginning of a split is stratified by digit."""
    random = np.random.Generator(np.random.Philox(key=1797))
    order = random.permutation(len(labels))
    rank = np.empty(len(labels))
    for digit in np.unique(labels):
        own = order[labels[order] == digit]
        rank[own] = (np.arange(len(own)) + 0.5) / len(own)
    spread = np.lexsort((labels, rank))
    return {"Test": spread[:TEST_IMAGES], "Train": spread[TEST_IMAGES:]}


def _check_plan(plan: Plan) -> None:
    most = {"train_images": 1297, "test_images": TEST_IMAGES, "train_copies": 10, "test_copies": 10}
    for name, limit in most.items():
        if not 1 <= getattr(plan, name) <= limit:
            raise fail(f"plan.{name}", f"is {getattr(plan, name)}", f"Use 1 to {limit}")


def _parameters(plan: Plan, seed: int) -> dict[str, Any]:
    """All that decides the recordings, as JSON values."""
    text = canonical_json(
        {"format": FORMAT, "version": VERSION, "simulator": SIMULATOR, "seed": seed, "plan": asdict(plan)}
    )
    parameters: dict[str, Any] = json.loads(text)
    return parameters


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    ours = isinstance(manifest, dict) and isinstance(manifest.get("parameters"), dict)
    return manifest if ours and manifest["parameters"].get("format") == FORMAT else None


def _is_whole(folder: Path, wanted: dict[str, Any]) -> bool:
    """Is this the wanted data, with no file missing or cut short?"""
    manifest = _read_manifest(folder)
    if manifest is None or manifest["parameters"] != wanted:
        return False
    sizes = [path.stat().st_size for split in ("Train", "Test") for path in (folder / split).glob("[0-9]/*.bin")]
    return [len(sizes), sum(sizes)] == [manifest.get("recordings"), manifest.get("bytes")]


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists() or (folder.is_dir() and (_read_manifest(folder) is not None or not any(folder.iterdir()))):
        return
    what = "holds other files" if folder.is_dir() else "is a file"
    raise fail(str(folder), f"{what}, which would be lost", "Give a new or empty folder")


def _jobs(labels: NDArray[np.int64], plan: Plan) -> list[_Job]:
    """List the recordings to make, cut into jobs of one chunk each."""
    jobs = []
    for split, images, copies in (
        ("Train", plan.train_images, plan.train_copies),
        ("Test", plan.test_images, plan.test_copies),
    ):
        image = np.repeat(split_images(labels)[split][:images], copies)
        copy = np.tile(np.arange(copies), images)
        jobs += [
            _Job(split, image[start : start + CHUNK], copy[start : start + CHUNK])
            for start in range(0, len(image), CHUNK)
        ]
    return jobs


def _write_all(folder: Path, jobs: list[_Job], source: _Source, progress: Progress | None) -> tuple[int, int, str]:
    """Simulate and write all jobs on a few threads; returns number, bytes and SHA-256 of the recordings, in order."""
    sha = hashlib.sha256()
    done, size, total = 0, 0, sum(len(job.image) for job in jobs)
    for split in ("Train", "Test"):
        for digit in range(10):
            (folder / split / str(digit)).mkdir(parents=True)
    with parallel(source.record, jobs) as made:
        for recordings in made:
            for name, raw in recordings.items():
                (folder / name).write_bytes(raw)
                sha.update(name.encode() + b"\n" + raw)
                size += len(raw)
            done += len(recordings)
            if progress is not None:
                progress(done, total)
    return done, size, sha.hexdigest()
