"""Three tiny networks whose generated code is kept as text, for reviewers to read.

``python tests/cases/golden.py`` generates it again after a wanted change; ``git diff`` then shows what changed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from codegen.backends.c import library_plan, network_files  # noqa: E402
from codegen.ir import (  # noqa: E402
    Affine,
    Conv2d,
    EventBinning,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnCt,
    SnnDc,
    SpikeFrames,
)


def golden_ct() -> Network:
    """Events of a 3 x 2 camera into two SNN-CT layers, with two heads."""
    first = Affine(np.array([[3, -2, 0, 1, -1, 2], [-3, 1, 2, 0, 3, -2]], np.int8), np.array([1, -1], np.int32), 3)
    second = Affine(np.array([[7, -7], [0, 5], [-1, 2]], np.int8), np.array([0, 0, 100_000], np.int32), 4)
    layers = (
        Layer("hidden", first, SnnCt(np.array([2, 2], np.int32))),
        Layer("out", second, SnnCt(np.array([3, 4, 70_000], np.int32))),
    )
    heads = (Head("digit", 0, 2, ("0", "1")), Head("motion", 2, 3, ('"up" \\ *?',)))
    return Network("golden_ct", EventBinning(3, 2, "merged", bin_us=1000), 4, layers, heads)


def golden_dc() -> Network:
    """Ready-made spikes into one SNN-DC layer that is read by its membranes."""
    weight = np.array([[1, -1, 0], [0, 1, 1]], np.int8)
    layer = Layer("only", Affine(weight, np.array([-1, 2], np.int32), 2), SnnDc(np.array([0, -1], np.int32)))
    return Network("golden_dc", SpikeFrames(1, 1, 3), 2, (layer,), (Head("c", 0, 2, ("a", "b")),), "membrane")


def golden_conv() -> Network:
    """Both polarities of a 5 x 4 camera into four SNN-CT channels, their pooling, and three SNN-DC channels."""
    first = np.arange(4 * 2 * 2 * 2, dtype=np.int8).reshape(4, 2, 2, 2) - np.int8(15)
    second = np.arange(3 * 2 * 2 * 4, dtype=np.int8).reshape(3, 2, 2, 4) % np.int8(7) - np.int8(3)
    layers = (
        Layer(
            "conv1",
            Conv2d(first, np.array([1, 2, 3, 4], np.int32), 6, height=4, width=5),
            SnnCt(np.tile(np.array([9, 8, 7, 6], np.int32), 3 * 4)),
        ),
        Layer("pool1", MaxPool2d(3, 4, 4, kernel=2, stride=1), None),
        Layer(
            "conv2",
            Conv2d(second, np.array([0, -1, 1], np.int32), 3, height=2, width=3, stride=2, padding=1),
            SnnDc(np.full(2 * 2 * 3, 1, np.int32)),
        ),
    )
    heads = (Head("place", 0, 12, tuple(f"{n}" for n in range(12))),)
    return Network("golden_conv", EventBinning(5, 4, "both", bin_us=1000), 3, layers, heads)


NETWORKS = (golden_ct, golden_dc, golden_conv)


def expected_files(network: Network) -> dict[str, str]:
    """What is kept of a network: its sources, and of the library all that is not the runtime."""
    library = library_plan(network).files
    runtime = {path for path in library if path.startswith("src/spikec")}
    files = dict(network_files(network))
    return files | {f"library/{path}": text for path, text in library.items() if path not in runtime}


def folder_of(network: Network) -> Path:
    """Where its text is kept."""
    return HERE / network.name


def refresh() -> None:
    """Write all texts anew."""
    for make in NETWORKS:
        network = make()
        shutil.rmtree(folder_of(network), ignore_errors=True)
        for path, text in expected_files(network).items():
            target = folder_of(network) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        print(f"{folder_of(network)}: {len(expected_files(network))} files")


if __name__ == "__main__":
    refresh()
