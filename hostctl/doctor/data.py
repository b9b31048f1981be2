"""Which data is here: what ``SPIKEC_DATA`` names, counted."""

from __future__ import annotations

import os
from pathlib import Path

from codegen.ir.errors import SpikecError
from codegen.ir.recordings import SPLITS, data_root
from hostctl.doctor.check import Check

GROUP = "Data"
_FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def checks() -> list[Check]:
    """The folder, and N-MNIST, MNIST and Fashion-MNIST in it."""
    name = os.environ.get("SPIKEC_DATA")
    if not name:
        found = "not set: the embedded digits are used (nothing to download)"
        return [Check("SPIKEC_DATA", True, found, "real recordings", "", GROUP, optional=True)]
    folder = Path(name)
    if not folder.is_dir():
        fix = "export SPIKEC_DATA=<folder that holds NMNIST, MNIST or FashionMNIST>"
        return [Check("SPIKEC_DATA", False, f"'{name}' is no folder", "real recordings", fix, GROUP, optional=True)]
    return [
        Check("SPIKEC_DATA", True, name, "real recordings", "", GROUP, optional=True),
        _nmnist(folder),
        *(_images(folder, name) for name in ("MNIST", "FashionMNIST")),
    ]


def _nmnist(folder: Path) -> Check:
    try:
        root = data_root(folder)
    except SpikecError:
        return _check(
            "N-MNIST", "", "recipes on N-MNIST", f"put N-MNIST's Train and Test folders into {folder / 'NMNIST'}"
        )
    counts = {split: sum(1 for _ in (root / split).glob("[0-9]/*.bin")) for split in SPLITS}
    found = ", ".join(f"{count:,} recordings in {split}" for split, count in counts.items())
    return _check("N-MNIST", found if any(counts.values()) else "", "recipes on N-MNIST", f"put recordings into {root}")


def _images(folder: Path, name: str) -> Check:
    """The four original files, gzipped or not, in ``raw`` or above it."""
    for place in (folder / name / "raw", folder / name):
        if all((place / file).is_file() or (place / f"{file}.gz").is_file() for file in _FILES):
            return _check(name, "all four files", f"recipes on {name}", "")
    return _check(
        name, "", f"recipes on {name}", f"put its four original files (*-ubyte.gz) into {folder / name / 'raw'}"
    )


def _check(name: str, found: str, needed_for: str, fix: str) -> Check:
    return Check(name, bool(found), found or "not found", needed_for, "" if found else fix, GROUP, optional=True)
