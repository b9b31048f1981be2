"""Folders of recordings in N-MNIST's layout: ``<folder>/Train|Test/<digit>/<id>.bin``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import EventBinning
from codegen.ir.errors import Problem, SpikecError, fail
from codegen.ir.events import read_nmnist

SPLITS = ("Train", "Test")


@dataclass(frozen=True)
class Recording:
    """One recording on disk: ``id`` is its path below the data folder, ``label`` its digit."""

    id: str
    path: Path
    label: int


def data_root(folder: Path | str) -> Path:
    """The folder that holds ``Train`` and ``Test``: the one given, or its ``NMNIST`` (tonic's layout).

    Raises SpikecError when there is neither.
    """
    folder = Path(folder)
    for root in (folder, folder / "NMNIST"):
        if any((root / split).is_dir() for split in SPLITS):
            return root
    what = "does not exist" if not folder.exists() else "holds no N-MNIST recordings"
    raise fail(str(folder), what, "Give the folder that holds NMNIST/Test/<digit>/<id>.bin (or Test/<digit>/<id>.bin)")


def find_recordings(folder: Path | str, split: str = "Test") -> list[Recording]:
    """All recordings of a split, sorted by id. Raises SpikecError when there are none."""
    root = data_root(folder)
    found = [
        Recording(path.relative_to(root).as_posix(), path, int(path.parent.name))
        for path in (root / split).glob("[0-9]/*.bin")
    ]
    if not found:
        raise fail(str(root / split), "holds no recordings", "Expected <digit>/<id>.bin in it")
    return sorted(found, key=lambda recording: (recording.path.stem, recording.id))


def encode_recordings(recordings: Iterable[Recording], encoding: EventBinning, steps: int) -> NDArray[np.bool_]:
    """Read and bin recordings: bool (samples, steps, inputs). Raises SpikecError with the problems of all files."""
    frames, problems = [], list[Problem]()
    for recording in recordings:
        try:
            events = read_nmnist(recording.path, (encoding.width, encoding.height))
            frames.append(encoding.encode(events, steps))
        except SpikecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpikecError(problems)
    return np.stack(frames) if frames else np.zeros((0, steps, encoding.size), np.bool_)
