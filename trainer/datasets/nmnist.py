"""Real N-MNIST (Orchard et al. 2015): the full set as tonic lays it out, or any subset folder as it is."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from codegen.ir.errors import fail
from codegen.ir.recordings import SPLITS, Recording, data_root, find_recordings

FULL = 10_000
"""tonic takes a split with fewer files for incomplete and downloads it again."""

ARCHIVES = {"Train": "train.zip", "Test": "test.zip"}


def load(folder: Path | str, split: str = "Test", *, download: bool = False) -> list[Recording]:
    """List the recordings of a split, sorted by id.

    A full set that tonic made (its archive and at least 10,000 recordings below ``folder/NMNIST``) is listed by tonic
    where that is installed; everything else is taken as it is. Nothing is ever downloaded unless ``download`` is true
    and ``folder`` has no recordings of this split; then tonic fetches about 1 GB into ``folder/NMNIST``.

    Raises SpikecError when there are no recordings, or when a download is asked for and cannot be had.
    """
    folder = Path(folder)
    if split not in SPLITS:
        raise fail("split", f"'{split}' is unknown", f"Known: {', '.join(SPLITS)}")
    if download and not _has_recordings(folder, split):
        return _from_tonic(folder, split)
    if is_tonic_set(folder, split) and _tonic() is not None:
        return _from_tonic(folder, split)
    return find_recordings(folder, split)


def is_tonic_set(folder: Path | str, split: str) -> bool:
    """Would tonic take this folder for complete, and so not download?"""
    root = Path(folder) / "NMNIST"
    if not (root / ARCHIVES[split]).is_file():
        return False
    return sum(1 for _ in (root / split).glob("**/*.bin")) >= FULL


def _has_recordings(folder: Path, split: str) -> bool:
    roots = (folder, folder / "NMNIST")
    return any(next((root / split).glob("[0-9]/*.bin"), None) is not None for root in roots)


def _tonic() -> Any:
    """Get the class that reads and downloads, or None where tonic is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Its dependencies warn about their own future.
        try:
            from tonic.datasets import NMNIST  # noqa: PLC0415 (an extra)
        except ImportError:
            return None
    return NMNIST


def _from_tonic(folder: Path, split: str) -> list[Recording]:
    """Let tonic find, and where it is missing download, a split."""
    dataset_class = _tonic()
    if dataset_class is None:
        raise fail("N-MNIST download", "tonic is not installed", "Install it with: pip install 'spikec[nmnist]'")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = dataset_class(save_to=str(folder), train=split == "Train")
    except (OSError, RuntimeError, EOFError) as error:
        hint = "Check the network, or download N-MNIST by hand and give its folder"
        raise fail(str(folder), f"tonic could not provide N-MNIST ({error})", hint) from error
    root = data_root(folder)
    paths = [Path(name) for name in dataset.data]
    found = [
        Recording(path.relative_to(root).as_posix(), path, int(label))
        for path, label in zip(paths, dataset.targets, strict=True)
    ]
    if not found:
        raise fail(str(root / split), "holds no recordings after the download", "Remove the folder and try again")
    return sorted(found, key=lambda recording: (recording.path.stem, recording.id))
