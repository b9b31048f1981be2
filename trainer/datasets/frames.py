"""Recordings as arrays to train on: binned once, kept packed (a bit a spike), unpacked a batch at a time."""

from __future__ import annotations

import hashlib
import logging
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import EventBinning
from codegen.ir.errors import Problem, SpikecError
from codegen.ir.events import read_nmnist
from codegen.ir.network import canonical_json
from codegen.ir.recordings import Recording
from codegen.resources import cache_folder
from trainer.datasets import nmnist
from trainer.datasets.cache import Progress, whole_file

CACHE_VERSION = 2
"""Raise it when binning or the file's layout changes: old caches are then left alone and made again."""

MOTIONS = ("forwards", "backwards")
REPORT_EVERY = 64
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FrameSet:
    """Binned recordings with their labels.

    ``packed``: uint8 (recordings, steps, bytes), 8 inputs a byte, lowest bit first; ``size``: number of inputs.
    ``labels``: int64 (samples,) class indices by head: ``digit``, and ``motion`` when ``reverse`` is set. Then there
    are two samples a recording: first all as recorded (motion 0), then all backwards in time (motion 1).
    ``ids``: a name a sample, the backward ones end in ``~reversed``.
    """

    packed: NDArray[np.uint8]
    size: int
    labels: dict[str, NDArray[np.int64]]
    ids: list[str]
    reverse: bool = False

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def steps(self) -> int:
        """Number of time steps of a sample."""
        return int(self.packed.shape[1])

    def unpack(self, samples: NDArray[np.integer] | slice | None = None) -> NDArray[np.uint8]:
        """Spikes, 0 or 1, of the chosen samples (default all) in their order: uint8 (samples, steps, inputs).

        Reversal of a window's events (t -> start + end - 1 - t) maps bin k to bin steps-1-k exactly, so a backward
        sample is the forward one with its steps in reversed order.
        """
        chosen = np.arange(len(self))[slice(None) if samples is None else samples]
        recordings = len(self.packed)
        backward = chosen >= recordings
        packed = self.packed[chosen - recordings * backward]
        packed[backward] = packed[backward, ::-1]
        return np.unpackbits(packed, axis=2, count=self.size, bitorder="little")


def frames(
    folder: Path | str,
    split: str,
    encoding: EventBinning,
    steps: int,
    *,
    reverse: bool = False,
    progress: Progress | None = None,
    cache: Path | None = None,
) -> FrameSet:
    """Read and bin a split of recordings in N-MNIST's layout; a cache makes the second time fast.

    ``cache`` is the folder for that (default: ``cache_folder() / "frames"``). Raises SpikecError with the problems of
    all files.
    """
    return bin_recordings(nmnist.load(folder, split), encoding, steps, reverse=reverse, progress=progress, cache=cache)


def bin_recordings(
    recordings: Sequence[Recording],
    encoding: EventBinning,
    steps: int,
    *,
    reverse: bool = False,
    progress: Progress | None = None,
    cache: Path | None = None,
) -> FrameSet:
    """Like ``frames``, for recordings that are listed already."""
    shape = (len(recordings), steps, -(-encoding.size // 8))
    path = (cache or cache_folder() / "frames") / f"{cache_key(recordings, encoding, steps)}.npz"
    packed = load_packed(path, shape)
    if packed is None:
        packed = _read(recordings, encoding, steps, progress)
        store_packed(path, packed)
    digits = np.array([recording.label for recording in recordings], np.int64)
    return label(packed, digits, [recording.id for recording in recordings], encoding.size, reverse)


def cache_key(recordings: Sequence[Recording], encoding: EventBinning, steps: int) -> str:
    """32 hex digits for these files (place, size and time of change), this encoding and this cache format."""
    sha = hashlib.sha256(canonical_json([CACHE_VERSION, encoding.to_json(), steps]).encode())
    problems: list[Problem] = []
    for recording in recordings:
        try:
            stat = recording.path.stat()
        except OSError as error:
            problems.append(Problem(str(recording.path), f"cannot be read ({error.strerror})", "Copy it again"))
            continue
        sha.update(f"\n{recording.path.absolute()} {stat.st_size} {stat.st_mtime_ns}".encode())
    if problems:
        raise SpikecError(problems)
    return sha.hexdigest()[:32]


def _read(
    recordings: Sequence[Recording], encoding: EventBinning, steps: int, progress: Progress | None
) -> NDArray[np.uint8]:
    packed = np.zeros((len(recordings), steps, -(-encoding.size // 8)), np.uint8)
    problems: list[Problem] = []
    for i, recording in enumerate(recordings):
        try:
            events = read_nmnist(recording.path, (encoding.width, encoding.height))
            packed[i] = np.packbits(encoding.encode(events, steps), axis=1, bitorder="little")
        except SpikecError as error:
            problems += error.problems
        if progress is not None and ((i + 1) % REPORT_EVERY == 0 or i + 1 == len(recordings)):
            progress(i + 1, len(recordings))
    if problems:
        raise SpikecError(problems)
    return packed


def load_packed(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """Get the cached frames, or None when there are none or they are damaged (the zip's checksums tell)."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            packed: NDArray[np.uint8] = archive["packed"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
        _log.warning("%s is damaged (%s) and is made again", path, error)
        return None
    return packed if packed.shape == shape and packed.dtype == np.uint8 else None


def store_packed(path: Path, packed: NDArray[np.uint8]) -> None:
    """Cache frames; says so in the log when that fails."""
    try:
        with whole_file(path) as partial, partial.open("wb") as stream:
            np.savez(stream, packed=packed)
    except OSError as error:  # A cache that cannot be written costs time, not results.
        _log.warning("%s cannot be written (%s): the recordings will be binned again", path, error.strerror)


def label(packed: NDArray[np.uint8], digits: NDArray[np.int64], ids: list[str], size: int, reverse: bool) -> FrameSet:
    """Put frames (recordings, steps, bytes) together with their digits and names; ``reverse`` adds backward samples."""
    if not reverse:
        return FrameSet(packed, size, {"digit": digits}, ids)
    motion = np.repeat(np.arange(2, dtype=np.int64), len(ids))
    labels = {"digit": np.tile(digits, 2), "motion": motion}
    return FrameSet(packed, size, labels, ids + [f"{name}~reversed" for name in ids], reverse=True)
